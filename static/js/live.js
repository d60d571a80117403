import { Ahead } from './ahead.js';
import { Choices } from './choices.js';
import { Arrivals } from './arrivals.js';
import { Fairness } from './fairness.js';
import { liftAboveKeyboard } from './helpers/keyboard.js';
import { worded } from './helpers/place.js';
import { isInView } from './helpers/stillness.js';
import { withOurWords } from './helpers/people.js';
import { gettext } from './helpers/text.js';
import { Draft, VISITOR } from './models/draft.js';
import { EditTime } from './models/edit_time.js';
import { Habit } from './models/habit.js';
import { Outbox } from './models/outbox.js';
import { OwnComments } from './models/own_comments.js';
import { Prospects } from './models/prospects.js';
import { Typing } from './models/typing.js';
import { addresses, browserStorage, sorted, templates } from './page.js';
import {
  CLIENT_EVENTS, ERROR_CODES, NoAnswer, Refusal, Room, RoomKeeper, SERVER_EVENTS, compareIds, connect, newClientId,
} from './postroom/core.js';
import { Reacting } from './reacting.js';
import { Reading } from './reading.js';
import { Sender } from './sender.js';
import { Announcer } from './views/announcer.js';
import { CommentActions } from './views/comment_actions.js';
import { CommentList } from './views/comment_list.js';
import { Composer } from './views/composer.js';
import { EditLinks } from './views/edit_links.js';
import { Editors } from './views/editors.js';
import { LiveLine } from './views/live_line.js';
import { MentionList } from './views/mention_list.js';
import { Quote } from './views/quote.js';
import { Sheets } from './views/sheets.js';
import { Standing, waitSentence } from './views/standing.js';
import { TypingLine } from './views/typing.js';

const OTHER_TAB_FIRST = 2000;
// Why a comment of one's own was removed is said first; what becomes of its text so much later, in milliseconds.
const AFTER_THE_DECISION = 1500;

export function goLive(section) {
  const post = new LivePost(section);
  post.start();
  return post;
}

// Ties together what knows the page (views), what knows the comments (models) and what knows the
// wire (connection, sender); none of those knows another.
class LivePost {
  #frame = null;
  #fresh = new Set();
  #otherTab = null;
  #removing = new Set();

  constructor(section) {
    const data = section.dataset;
    this.section = section;
    this.postId = data.postId;
    this.reader = {
      id: data.userId, name: data.userName, username: data.username,
      avatar: data.userAvatar, initials: data.userInitials, picture: data.userPicture,
    };
    this.find = (name) => section.querySelector(`[data-${name}]`);
    this.mayHide = data.mayHide === 'true';
    const places = addresses(data);
    const keys = { storage: browserStorage(), userId: data.userId, postId: data.postId };

    this.line = new LiveLine(section, { still: (change) => this.reading.still(change) });
    this.announcer = new Announcer(this.find('announcer'));
    this.typingLine = new TypingLine(this.find('typing'));
    this.list = new CommentList({
      root: this.find('threads'),
      empty: this.find('empty'),
      templates: templates(['comment', 'removed', 'thread', 'retry', 'amend', 'decision']),
      reader: this.reader,
      addresses: places,
      mayHide: this.mayHide,
      decisionOf: (id) => this.own.decision(id),
      mayEdit: ({ createdAt }) => this.editTime.left(createdAt) > 0,
      adorn: (element, comment) => {
        this.reacting.show(element, comment);
        this.choices.show(element, comment);
      },
    });
    this.editTime = new EditTime({ minutes: Number(data.editMinutes), serverNow: data.now });
    this.editLinks = new EditLinks({ root: this.find('threads'), time: this.editTime });
    const { shown, held, decided, reacted } = sorted(this.list.hydrate());
    this.own = new OwnComments({ held, decided, onChange: () => this.#render() });
    this.room = new Room({
      version: Number(data.version),
      count: Number(data.count),
      comments: shown,
      hasEarlier: data.hasEarlier === 'true',
      reachesEnd: data.newest === 'true',
      onChange: (change) => this.#changed(change),
      onGap: () => this.keeper.join(),
      reword: withOurWords,
    });
    this.outbox = new Outbox({ ...keys, onChange: () => this.#render() });
    const prospects = new Prospects({
      state: JSON.parse(data.state),
      isStaff: data.staff === 'true',
      isAuthor: data.author === 'true',
    });
    const onPause = (seconds) => this.composer.pauseFor(seconds);
    this.connection = connect(undefined, { readerId: data.userId }).namespace();
    this.connection.onState((state) => this.#connectionIs(state));
    this.connection.onPause(onPause);
    this.keeper = new RoomKeeper({
      connection: this.connection,
      postId: data.postId,
      room: this.room,
      isKnown: true,
      roomState: data.roomState,
      on: {
        joining: ({ since }) => this.line.setState('catching-up', { since }),
        joined: (how) => this.#joined(how),
        page: (comments, reacted) => this.reacting.load(comments, reacted),
        loaded: ({ state }) => {
          this.ahead.change((prospects) => prospects.load(state));
          this.#stateIs(state);
        },
        state: (state) => {
          const isOpen = this.ahead.change((prospects) => prospects.hear(state));
          this.#stateIs(state);
          if (isOpen) this.keeper.joinSoon();
        },
        gone: (message) => this.#isGone(message),
      },
    });
    this.sender = new Sender({
      outbox: this.outbox,
      request: (event, payload) => this.connection.request(event, payload),
      onConfirmed: (entry, comment) => this.#confirmed(entry, comment),
      onRefused: (entry, refusal) => this.#refused(entry, refusal),
      onPause,
    });
    this.draft = new Draft(keys);
    this.draft.sweep();
    this.draft.adopt(new Draft({ ...keys, userId: VISITOR }));
    const writing = {
      draft: this.draft,
      maxLength: Number(data.maxLength),
      // On a phone each line counts; whoever wants the toolbar there says so once.
      habit: new Habit({ storage: keys.storage, name: 'toolbar', usual: matchMedia('(min-width: 36rem)').matches }),
      preview: (content) => this.#preview(content),
      explain,
      say: (sentence) => this.announcer.say(sentence),
    };
    this.composer = new Composer({
      section,
      ...writing,
      loginAddress: data.loginUrl,
      onSend: (written) => this.#send(written),
      onWait: (seconds) => this.announcer.say(waitSentence(seconds)),
      onEditLast: () => this.#editLast(),
      isGone: (id) => this.#isGoneForGood(id),
    });
    this.editors = new Editors({
      template: templates(['editor']).editor,
      ...writing,
      time: this.editTime,
      save: (id, content) => this.#edit(id, content),
    });
    const standing = new Standing({
      section,
      acknowledgeAddress: places.acknowledge,
      acknowledge: (sanctionId) => this.connection.request(CLIENT_EVENTS.ACKNOWLEDGE_WARNING, { sanctionId }),
      explain,
    });
    const { reader, postId, own, outbox, room, list, composer, announcer } = this;
    this.ahead = new Ahead({ section, prospects, composer, standing, announcer });
    const request = (event, payload) => this.connection.request(event, payload);
    this.fairness = new Fairness({ reader, postId, request, own, outbox, room, list, announcer });
    // Whoever is banned has no socket: forms and links lead to pages then.
    const isServed = () => this.#connectionState !== 'barred';
    const onChange = () => this.#render();
    this.reacting = new Reacting({
      root: this.find('threads'),
      template: templates(['reaction']).reaction,
      offered: data.reactionsOffered.split(' ').filter(Boolean),
      addresses: places,
      own: reacted,
      list: () => list,
      request, room, explain, isServed, onChange,
    });
    this.choices = new Choices({
      section,
      template: templates(['muted']).muted,
      addresses: places,
      readerId: reader.id,
      postId, request, room, announcer, explain, isServed, onChange,
    });
    new MentionList({ section, announcer, ask: (prefix) => this.#peopleCalled(prefix) });
    new Quote({
      root: this.find('threads'),
      mayQuote: () => composer.isOpen,
      onQuote: (quoted) => composer.quote(quoted),
    });
    this.reading = new Reading({
      section, postId, room, list, announcer, request, addresses: places,
      isOnline: () => this.connection.state === 'online',
      render: () => this.#renderNow(),
      onPage: (comments, answer) => this.reacting.load(comments, answer.reacted),
    });
    this.arrivals = new Arrivals({
      section, reader, postId, room, list, announcer,
      storage: keys.storage,
      reading: this.reading,
      isMuted: (userId) => this.choices.isMuted(userId),
      render: (fresh) => this.#renderNow(fresh),
    });
    this.typing = new Typing({ tell: (on) => this.#tellTyping(on) });
    this.actions = new CommentActions({
      root: this.find('threads'),
      templates: templates(['confirm']),
      editors: this.editors,
      sheets: new Sheets({
        templates: templates(['report', 'appeal', 'hide']),
        submit: (kind, comment, values) => this.fairness.submit(kind, comment, values),
        explain,
      }),
      on: {
        isServed,
        react: (comment, button) => this.reacting.open(comment, button),
        mute: (comment) => this.choices.mute(comment, true),
        unmute: (comment) => this.choices.mute(comment, false),
        reply: (id) => this.composer.replyTo(id, this.room.comment(id)?.author.name),
        remove: (id) => this.#remove(id),
        restore: (id) => this.fairness.restore(id),
        amend: (clientId) => this.#amend(clientId),
        retry: (clientId) => this.#retry(clientId),
        discard: (clientId) => this.outbox.remove(clientId),
        explain,
      },
    });
  }

  start() {
    const { connection, keeper, room, outbox } = this;
    const here = (handle) => (payload) => payload.postId === this.postId && handle(payload);
    connection.on(SERVER_EVENTS.COMMENT_DECIDED, (decision) => this.fairness.decided([decision]));
    connection.on(SERVER_EVENTS.COMMENTS_DECIDED, ({ decisions }) => this.fairness.decided(decisions));
    connection.on(SERVER_EVENTS.APPEAL_ANSWERED, (answer) => this.own.answered(answer));
    connection.on(SERVER_EVENTS.SANCTION_CHANGED, (sanction) => {
      this.ahead.change((prospects) => prospects.sanctionChanged(sanction));
    });
    connection.on(SERVER_EVENTS.USER_TYPING, here(({ count, names }) => this.typingLine.show(count, names)));
    connection.on(SERVER_EVENTS.PRESENCE, here(({ count, names }) => this.line.setPresence(count, names)));
    this.reacting.listen(connection, here);
    this.choices.listen(connection, here);

    addEventListener('storage', (event) => {
      const { key } = event;
      this.composer.storageChanged(event);
      if (!outbox.concerns(key)) return;
      this.fairness.storageChanged();
      this.#render();
      // The tab in which it was written sends it; another one only if that does not.
      this.#otherTab ??= setTimeout(() => {
        this.#otherTab = null;
        this.sender.flush();
      }, OTHER_TAB_FIRST);
    });
    liftAboveKeyboard(this.section);

    outbox.age(gettext('This was written a while ago and never sent.'));
    outbox.published([...room.comments].filter(({ removed }) => !removed).map(({ _id }) => _id));
    this.fairness.start({ isComplete: room.reachesEnd });
    this.line.setState('connecting');
    this.editors.mark(this.find('threads').querySelectorAll('.is-own'));
    this.ahead.show();
    this.#renderNow();
    this.reading.start({ onMoved: () => this.arrivals.look() });
    this.#watchTyping();
    keeper.start();
    connection.start();
  }

  // --- The wire ---

  #connectionIs(state) {
    this.composer.setConnection(this.#connectionState);
    if (state !== 'online') {
      this.sender.open(false);
      this.typingLine.clear();
      const { reason } = this.connection;
      const isBarred = this.#connectionState === 'barred';
      const message = isBarred || reason?.reason || !reason ? null : reason.message;
      this.line.setState(this.#connectionState, { message });
      if (isBarred) this.ahead.change((prospects) => prospects.barred(reason.sanction));
    }
    this.#render();
  }

  // As the connection says, but for an end that no logging in can change.
  get #connectionState() {
    const { state, reason } = this.connection;
    return state === 'ended' && reason?.code === ERROR_CODES.BANNED ? 'barred' : state;
  }

  // In the room, and true to it.
  #joined({ wasAway }) {
    this.line.setState('live');
    this.sender.open(true);
    this.fairness.joined({ wasAway });
    this.choices.joined({ wasAway });
    if (!wasAway) this.arrivals.here();
    this.reading.joined();
  }

  // The post cannot be seen just now. It may come back.
  #isGone(refusal) {
    if (refusal === null) this.sender.open(false);
    const message = refusal ?? worded(
      gettext('This post is not there at the moment.'),
      gettext('This room is not there at the moment.'),
    );
    this.line.setState('offline', { message });
    this.ahead.change((prospects) => prospects.gone(message));
  }

  // Who may be meant by what begins like this; null where nobody can be asked.
  async #peopleCalled(prefix) {
    try {
      const answer = await this.connection.request(CLIENT_EVENTS.PEOPLE_OF_POST, { postId: this.postId, prefix });
      return answer.people;
    } catch (problem) {
      explain(problem);
      return null;
    }
  }

  // Nobody waits for an answer, and nothing is lost without one.
  async #tellTyping(on) {
    try {
      await this.connection.request(CLIENT_EVENTS.TYPING, { postId: this.postId, on });
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    }
  }

  #watchTyping() {
    const composer = this.find('composer');
    composer.addEventListener('input', ({ target }) => {
      if (target.matches('textarea') && target.value.trim()) this.typing.types();
      else this.typing.stops();
    });
    composer.addEventListener('submit', () => this.typing.stops());
    addEventListener('pagehide', () => this.typing.stops());
  }

  #send({ content, parentId, parentName }) {
    this.typing.stops();
    const entry = this.outbox.add({ clientId: newClientId(), content, parentId, parentName });
    this.#renderNow();
    this.list.element(`pending-${entry.clientId}`)?.scrollIntoView({ block: 'nearest' });
    this.sender.flush();
  }

  #retry(clientId) {
    this.outbox.retry(clientId);
    this.sender.flush();
  }

  #confirmed(entry, comment) {
    this.ahead.change((prospects) => prospects.wrote());
    if (comment.status === 'pending') {
      this.own.hold(comment);
      // Our other tabs hear of it by way of the outbox.
      this.outbox.hold(entry.clientId, comment._id);
    } else {
      this.room.know(comment);
      this.outbox.remove(entry.clientId);
    }
    this.#renderNow();
  }

  async #edit(id, content) {
    const { comment } = await this.connection.request(CLIENT_EVENTS.EDIT_COMMENT, { commentId: id, content });
    if (comment.status === 'published') this.room.know(comment);
    else this.own.hold(comment);
    this.#renderNow();
  }

  async #preview(content) {
    const { html } = await this.connection.request(CLIENT_EVENTS.PREVIEW_COMMENT, { postId: this.postId, content });
    return html;
  }

  // Whether somebody else took a comment of this reader's away.
  #isGoneForGood(id) {
    return !this.#removing.has(id) && Boolean(this.room.mark(id) || this.own.decision(id));
  }

  // Opens the newest comment of the reader's that may still be changed; whether there is one.
  #editLast() {
    const own = [...this.room.comments].filter((comment) => comment.userId === this.reader.id && !comment.removed);
    const newest = [...own.map(({ _id }) => _id), ...this.own.heldIds].sort(compareIds).reverse();
    const link = (id) => this.list.element(id)?.querySelector('[data-action="edit"]:not([hidden])');
    const last = newest.find(link);
    if (!last) return false;
    this.editors.open(this.list.element(last), { cameFrom: this.composer });
    return true;
  }

  async #remove(id) {
    // The room may hear of it before the answer is here.
    this.#removing.add(id);
    try {
      await this.connection.request(CLIENT_EVENTS.DELETE_COMMENT, { commentId: id });
      this.draft.clearEdit(id); // nobody else took it away
    } finally {
      this.#removing.delete(id);
      this.composer.commentsChanged();
    }
    this.own.release(id);
    this.outbox.published([id]);
  }

  // What was refused goes back to where it was written.
  #amend(clientId) {
    const { content, parentId, parentName, error } = this.outbox.entry(clientId);
    // What it answered is gone: nobody could send it as a reply again.
    const isOrphan = error?.code === ERROR_CODES.NOT_FOUND;
    this.outbox.remove(clientId);
    this.#renderNow();
    this.composer.takeBack(isOrphan ? { content, parentId: null, parentName: null } : { content, parentId, parentName });
  }

  #refused(entry, { code, retryAfter, details }) {
    if (code === ERROR_CODES.REJECTED) this.own.rejected(details);
    this.ahead.change((prospects) => prospects.refused({ retryAfter, sanction: details.sanction }));
    this.#renderNow();
    // What is said about it now, and the ways out, make it taller. Whoever reads elsewhere stays there.
    const element = this.list.element(`pending-${entry.clientId}`);
    if (element && isInView(element)) element.scrollIntoView({ block: 'nearest' });
  }

  // --- The page ---

  #changed(change) {
    for (const id of this.arrivals.changed(change)) this.#fresh.add(id);
    this.fairness.changed(change);
    this.#render();
  }

  #stateIs({ room }) {
    if (room !== 'gone') this.section.dataset.roomState = room;
  }

  // However much arrives, the page is brought up to date once per frame.
  #render() {
    this.#frame ??= requestAnimationFrame(() => this.#renderNow());
  }

  // `more`: ids of comments that count as having just come.
  #renderNow(more = []) {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    const { room, list, reading, arrivals, announcer } = this;
    const fresh = new Set([...this.#fresh, ...more]);
    this.#fresh = new Set();
    reading.still(() => {
      const entries = this.#unpublished();
      const comments = arrivals.shown(this.fairness.comments(entries, { mayHide: this.mayHide }));
      list.render(reading.arrange(comments, entries), { fresh, connection: this.#connectionState });
      this.line.setCount(room.count);
      reading.showRest(comments);
    });
    const lost = this.editors.keepLost();
    this.composer.commentsChanged();
    if (lost.some((id) => this.#isGoneForGood(id))) {
      const sentence = worded(
        gettext('The comment that you were changing was removed. Your text is kept.'),
        gettext('The message that you were changing was removed. Your text is kept.'),
      );
      setTimeout(() => announcer.say(sentence), AFTER_THE_DECISION);
    }
    this.editLinks.refresh();
    arrivals.rendered(fresh);
    reading.trim();
  }

  // The room's event of our own comment may be here before the answer to us: then the comment is
  // shown already, and its entry only waits to be thrown away.
  #unpublished() {
    const own = [...this.room.comments].filter((comment) => comment.userId === this.reader.id);
    return this.outbox.entries().filter((entry) => {
      if (entry.state === 'held') return !this.own.held(entry.commentId);
      if (entry.state !== 'waiting') return true;
      const copy = own.findIndex((comment) => isCopy(comment, entry));
      if (copy >= 0) own.splice(copy, 1);
      return copy < 0;
    });
  }
}

function isCopy(comment, entry) {
  if (comment.clientId) return comment.clientId === entry.clientId;
  return (
    comment.content === entry.content &&
    comment.parentId === entry.parentId &&
    Date.parse(comment.createdAt) > Date.parse(entry.createdAt) - 60_000
  );
}

function explain(problem) {
  if (problem instanceof Refusal) return problem.message;
  if (problem instanceof NoAnswer) return gettext('There is no connection. Try again when it is back.');
  throw problem;
}
