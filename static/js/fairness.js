import { worded } from './helpers/place.js';
import { gettext } from './helpers/text.js';
import { CLIENT_EVENTS, NoAnswer, Refusal } from './postroom/core.js';
import { decisionIn } from './views/decision.js';

// How long the room's word that our own comment is gone may be ahead of why, in milliseconds.
const WHY_AFTER = 1500;
const OUTCOMES = {
  published: () => worded(gettext('Your comment is published.'), gettext('Your message is published.')),
  held: () => worded(gettext('Your comment waits for review.'), gettext('Your message waits for review.')),
  rejected: () => worded(
    gettext('A moderator has decided about your comment.'),
    gettext('A moderator has decided about your message.'),
  ),
};

// What readers and moderators have to do with each other: reports, decisions, appeals; and hiding and
// restoring, for whoever may moderate here.
export class Fairness {
  #reader;
  #postId;
  #request;
  #own;
  #outbox;
  #room;
  #list;
  #announcer;
  #asking = null;

  constructor({ reader, postId, request, own, outbox, room, list, announcer }) {
    this.#reader = reader;
    this.#postId = postId;
    this.#request = request;
    this.#own = own;
    this.#outbox = outbox;
    this.#room = room;
    this.#list = list;
    this.#announcer = announcer;
  }

  // With what the server rendered; `isComplete` says that this is all that is held.
  start({ isComplete }) {
    if (isComplete) this.#outbox.heldAre(this.#own.heldIds);
    for (const { error } of this.#outbox.entries()) if (error?.decision) this.#own.rejected(error.decision);
  }

  // We are in the room; if we were away, a moderator may have decided meanwhile.
  joined({ wasAway }) {
    if (wasAway && this.#own.isWaiting) this.#ask();
  }

  // The room has changed.
  changed({ added, removed }) {
    this.#outbox.published(added);
    for (const id of added) this.#own.release(id);
    if (removed.some((id) => this.#isUnexplained(id))) this.#ask(WHY_AFTER);
  }

  // Another tab of ours has written something.
  storageChanged() {
    const isNew = ({ state, commentId }) => state === 'held' && !this.#own.held(commentId);
    if (this.#outbox.entries().some(isNew)) this.#ask();
  }

  // `comment_decided` or `comments_decided`.
  decided(decisions) {
    for (const decision of decisions.filter(({ postId }) => postId === this.#postId)) {
      const outcome = this.#own.decide(decision);
      if (outcome === 'held') this.#ask();
      this.#announcer.say(OUTCOMES[outcome]());
      this.#outbox.heldNoMore(decision.commentId);
    }
  }

  // A form was sent. Resolves to what to say thanks with, or to null where the page shows it by itself.
  async submit(kind, comment, values) {
    const commentId = comment.dataset.id;
    if (kind === 'report') {
      const { reason, note } = values;
      const { message } = await this.#request(CLIENT_EVENTS.REPORT_COMMENT, { commentId, reason, note });
      this.#list.reported(commentId);
      return message;
    }
    if (kind === 'hide') {
      const { reason, explanation } = values;
      await this.#request(CLIENT_EVENTS.HIDE_COMMENT, { commentId, reason, explanation });
      return worded(gettext('The comment is hidden.'), gettext('The message is hidden.'));
    }
    const { decisionId } = decisionIn(comment);
    const { message } = await this.#request(CLIENT_EVENTS.APPEAL_DECISION, { decisionId, text: values.text });
    this.#own.appealed(decisionId);
    comment.querySelector('[data-decision]').focus({ preventScroll: true });
    this.#announcer.say(message);
    return null;
  }

  restore(commentId) {
    return this.#request(CLIENT_EVENTS.RESTORE_COMMENT, { commentId });
  }

  // The comments to show: the room's, what this reader alone is shown, and, with `mayHide`, the places of
  // those that moderators have hidden. `entries` are shown besides, some with a text that was rejected.
  comments(entries, { mayHide }) {
    const elsewhere = new Set(entries.filter(({ state }) => state === 'failed').map(({ commentId }) => commentId));
    const comments = this.#own.among(this.#room.comments, elsewhere);
    if (!mayHide) return comments;
    const isKept = ({ removed, by, decision }) => removed && by === 'moderator' && !decision;
    return comments.map((comment) => (isKept(comment) ? { ...comment, isKept: true } : comment));
  }

  // Our own comment is gone, not by ourselves, and we have not heard why.
  #isUnexplained(id) {
    const { userId, by } = this.#room.mark(id) ?? {};
    return userId === this.#reader.id && by !== 'author' && !this.#own.decision(id) && !this.#own.held(id);
  }

  #ask(delay = 0) {
    this.#asking ??= setTimeout(async () => {
      this.#asking = null;
      try {
        this.#own.load(await this.#request(CLIENT_EVENTS.OWN_COMMENTS, { postId: this.#postId }));
        this.#outbox.heldAre(this.#own.heldIds);
      } catch (problem) {
        // Without an answer we ask again when we come back.
        if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      }
    }, delay);
  }
}
