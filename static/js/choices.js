import { format, gettext } from './helpers/text.js';
import { Mutes } from './models/mutes.js';
import { CLIENT_EVENTS, SERVER_EVENTS } from './postroom/core.js';
import { FollowButton } from './views/follow_button.js';
import { MutedView } from './views/muted.js';

// What a reader chooses for themselves alone: whom they mute, and whether they follow this post.
export class Choices {
  #postId;
  #request;
  #room;
  #announcer;
  #explain;
  #mutes;
  #view;
  #follow;
  #mutedLink;

  constructor({
    section, template, addresses, readerId, postId, request, room, announcer, explain, isServed, onChange,
  }) {
    this.#postId = postId;
    this.#request = request;
    this.#room = room;
    this.#announcer = announcer;
    this.#explain = explain;
    this.#mutes = new Mutes({ muted: section.dataset.muted.split(',').filter(Boolean), onChange });
    this.#view = new MutedView({ template, addresses, readerId });
    this.#mutedLink = section.querySelector('[data-muted-link]');
    this.#follow = new FollowButton({
      form: section.querySelector('[data-follow]'),
      isFollowing: section.dataset.follows === 'true',
      onFollow: (on) => this.#followPost(on),
      isServed,
    });
  }

  listen(connection, here) {
    connection.on(SERVER_EVENTS.PERSON_MUTED, ({ userId, on }) => this.#mutes.set(userId, on));
    connection.on(SERVER_EVENTS.POST_FOLLOWED, here(({ on }) => this.#follow.show(on)));
  }

  isMuted(userId) {
    return this.#mutes.has(userId);
  }

  show(element, comment) {
    this.#view.show(element, comment, this.#mutes.has(comment.userId));
    this.#mutedLink.hidden = this.#mutes.size === 0;
  }

  async mute(element, on) {
    const { id } = element.dataset;
    const comment = this.#room.comment(id);
    if (!comment) return;
    const { userId, author } = comment;
    const problem = element.querySelector('[data-problem]');
    problem.hidden = true;
    try {
      await this.#request(CLIENT_EVENTS.MUTE_PERSON, { userId, on });
      this.#mutes.set(userId, on);
      const sentence = on ? gettext('You have muted %(name)s.') : gettext('You no longer mute %(name)s.');
      this.#announcer.say(format(sentence, { name: author.name }));
      this.show(element, comment);
      this.#view.focus(element);
    } catch (error) {
      problem.textContent = this.#explain(error);
      problem.hidden = false;
    }
  }

  // We are in the room again. What was chosen elsewhere meanwhile was told to nobody here.
  async joined({ wasAway }) {
    if (!wasAway) return;
    try {
      const { following, muted } = await this.#request(CLIENT_EVENTS.OWN_CHOICES, { postId: this.#postId });
      this.#mutes.load(muted);
      this.#follow.show(following);
    } catch (problem) {
      this.#explain(problem); // there will be another time; a bug is thrown on
    }
  }

  async #followPost(on) {
    try {
      await this.#request(CLIENT_EVENTS.FOLLOW_POST, { postId: this.#postId, on });
      this.#follow.show(on);
      this.#announcer.say(on ? gettext('You follow this post.') : gettext('You no longer follow this post.'));
    } catch (problem) {
      this.#announcer.say(this.#explain(problem));
    }
  }
}
