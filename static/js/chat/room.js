import { format, gettext } from '../helpers/text.js';
import { CHAT_EVENTS, CHAT_REQUESTS, NoAnswer, Refusal } from '../postroom/core.js';
import { connect } from './connect.js';
import { PrivateCount } from './views/private_count.js';

const REJOIN_AFTER = 3000;
// For so long it is said who has come or gone, in milliseconds.
const SAID_FOR = 6000;

// A room of the chat is read as a post is, by `live.js`; here is what only a chat has: who comes and who goes.
class Room {
  #line;
  #room;
  #again = null;
  #silence = null;

  constructor(section) {
    this.#room = section.dataset.room;
    this.#line = document.querySelector('[data-came]');
    this.connection = connect({
      readerId: section.dataset.userId,
      onState: (state) => state === 'online' && this.#join(),
    });
    const here = (handle) => (payload) => payload.room === this.#room && handle(payload);
    const { connection } = this;
    connection.on(CHAT_EVENTS.USER_JOINED, here(({ name }) => this.#say(gettext('%(name)s came in.'), name)));
    connection.on(CHAT_EVENTS.USER_LEFT, here(({ name }) => this.#say(gettext('%(name)s left.'), name)));
    new PrivateCount({ root: document.querySelector('[data-private-unread]'), connection, userId: section.dataset.userId });
    connection.start();
  }

  // The messages themselves come with the post: only who comes and goes is asked for.
  async #join() {
    clearTimeout(this.#again);
    try {
      await this.connection.request(CHAT_REQUESTS.JOIN_ROOM, { room: this.#room, only: 'presence' });
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      this.#again = setTimeout(() => this.#join(), (problem.retryAfter ?? 0) * 1000 + REJOIN_AFTER);
    }
  }

  #say(sentence, name) {
    // Isolated: a name may be written from right to left.
    this.#line.textContent = format(sentence, { name: `\u2068${name}\u2069` });
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => { this.#line.textContent = ''; }, SAID_FOR);
  }
}

// Of many rooms the one that is open is in view.
const rooms = document.querySelector('[data-rooms]');
const current = rooms.querySelector('[aria-current]');
if (current) rooms.scrollLeft = current.offsetLeft - (rooms.clientWidth - current.offsetWidth) / 2;

const section = document.getElementById('comments');
// Who comes to a chat comes to what is said now, unless the address names something else.
if (!location.hash && !location.search) {
  history.scrollRestoration = 'manual';
  scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
}
if (section.dataset.userId) new Room(section);
