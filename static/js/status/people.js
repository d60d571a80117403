import { format, gettext, ngettext, number } from '../helpers/text.js';
import { NoAnswer, Refusal, STATUS_EVENTS, STATUS_REQUESTS } from '../postroom/core.js';
import { Statuses } from './models/statuses.js';
import { OwnStatus } from './views/own_status.js';
import { PersonFollow } from './views/person_follow.js';
import { showStatus, shownStatus } from './views/status_mark.js';

const MARK = '[data-status-of]';

// A page that shows what people are: the list of those one follows, or one person's own page.
export class People {
  #root;
  #connection;
  #marks;
  #statuses;
  #own = null;
  #follow;

  constructor({ root, connection }) {
    this.#root = root;
    this.#connection = connection;
    this.#marks = [...root.querySelectorAll(MARK)];
    this.#statuses = new Statuses({
      known: Object.fromEntries(this.#marks.map((mark) => [mark.dataset.statusOf, shownStatus(mark)])),
      onChange: (userId, status) => this.#show(userId, status),
    });
    const isServed = () => connection.state === 'online';
    const form = root.querySelector('[data-own-status]');
    if (form) this.#own = new OwnStatus({ form, isServed, choose: (status) => this.#choose(status) });
    this.#follow = new PersonFollow({ root, isServed, follow: (wanted) => this.#followPerson(wanted) });
  }

  listen() {
    const connection = this.#connection;
    connection.on(STATUS_EVENTS.FRIEND_STATUS_CHANGED, (one) => this.#statuses.hear([one]));
    connection.on(STATUS_EVENTS.FRIEND_STATUSES, ({ statuses }) => this.#statuses.hear(statuses));
    connection.on(STATUS_EVENTS.OWN_STATUS, ({ status }) => this.#own?.show(status));
    connection.on(STATUS_EVENTS.PERSON_FOLLOWED, ({ userId, on }) => {
      this.#follow.show(userId, on);
      // In whichever tab that was: from here on this page may know what they are.
      if (on && this.#marks.some((mark) => mark.dataset.statusOf === userId)) {
        this.#ask(STATUS_REQUESTS.GET_STATUSES, {});
      }
    });
  }

  // What was told while we were away was told to nobody here.
  async connectionIs(state) {
    const line = this.#root.querySelector('[data-statuses-state]');
    const isLost = state === 'offline' || state === 'ended';
    if (line) line.textContent = isLost ? gettext('This is as of a moment ago: there is no connection.') : '';
    this.#root.classList.toggle('is-stale', isLost);
    if (state !== 'online') return;
    const own = await this.#ask(STATUS_REQUESTS.GET_STATUSES, {});
    if (own) this.#own?.show(own.status);
  }

  #show(userId, status) {
    for (const mark of this.#marks) if (mark.dataset.statusOf === userId) showStatus(mark, status);
    const count = this.#root.querySelector('[data-here-count]');
    if (!count) return;
    const everybody = this.#marks.map((mark) => mark.dataset.statusOf);
    const values = { here: number(this.#statuses.here(everybody)), all: number(everybody.length) };
    const sentence = ngettext('%(here)s of %(all)s here now', '%(here)s of %(all)s here now', everybody.length);
    count.textContent = format(sentence, values);
  }

  async #choose(status) {
    const own = await this.#ask(STATUS_REQUESTS.UPDATE_STATUS, { status });
    if (own) this.#own.show(own.status);
  }

  async #followPerson({ userId, username, name, on }) {
    if (!(await this.#ask(STATUS_REQUESTS.FOLLOW_PERSON, { username, on }))) return;
    this.#follow.show(userId, on);
    const sentence = on ? gettext('You follow %(name)s.') : gettext('You no longer follow %(name)s.');
    this.#say(format(sentence, { name }));
  }

  async #ask(request, payload) {
    try {
      return await this.#connection.request(request, payload);
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      this.#say(problem instanceof Refusal ? problem.message : gettext('There was no answer. Please try again.'));
      return null;
    }
  }

  #say(sentence) {
    this.#root.querySelector('[data-statuses-announcer]').textContent = sentence;
  }
}
