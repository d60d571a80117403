import { NoAnswer, Refusal } from './connection.js';
import { CLIENT_EVENTS, ERROR_CODES, SERVER_EVENTS } from './events.js';

const REJOIN_AFTER = 3000;
// A post that was withdrawn may come back; so often (in milliseconds) we ask.
const GONE_AGAIN = 10_000;
// So many heartbeats may fail to come before we ask whether we are still in the room.
const BEATS_MISSED = 3;
// Who has to ask what a change means for them does so within this time, not all at once.
const SPREAD = 5000;
// These say "not now"; every other refusal stays one however often it is tried.
export const PASSING = new Set([ERROR_CODES.INTERNAL, ERROR_CODES.RATE_LIMITED]);
const ROOM_EVENTS = [
  SERVER_EVENTS.COMMENT_ADDED, SERVER_EVENTS.COMMENT_UPDATED, SERVER_EVENTS.COMMENT_REMOVED,
  SERVER_EVENTS.COMMENT_REACTED,
];

// Keeps a `Room` true: enters it whenever there is a connection, fetches what was missed, hands on what happens,
// and asks anew when the room falls silent.
//
// `on` may have:
//   joining({ since })      it enters; the connection was lost at `since`, or never
//   joined({ wasAway })     it is in, and knows everything
//   page(comments, reacted) comments came, with what of their reactions is this reader's own; before the room has them
//   loaded(meta)            the answer to joining, after the room has it
//   state(state)            the room's state has changed, as all readers hear it
//   gone(message)           the post cannot be seen just now: refused with a message, or withdrawn with null
export class RoomKeeper {
  #connection;
  #postId;
  #room;
  #on;
  #isKnown;
  #roomState;
  #isJoining = false;
  #isRefreshing = false;
  #rejoin = null;
  #heartbeat = 0;
  #silence = null;
  #spread = null;
  #isRunning = false;
  #ends = [];

  // `isKnown`: the room has a state to go on from, as the server rendered it, and `roomState` is that of the post.
  constructor({ connection, postId, room, isKnown = false, roomState = null, on = {} }) {
    this.#connection = connection;
    this.#postId = postId;
    this.#room = room;
    this.#isKnown = isKnown;
    this.#roomState = roomState;
    this.#on = on;
  }

  start() {
    const connection = this.#connection;
    const room = this.#room;
    const listen = (event, handle) => connection.on(event, (payload) => {
      if (payload.postId === this.#postId) handle(payload);
    });
    this.#isRunning = true;
    this.#ends = [
      ...ROOM_EVENTS.map((event) => listen(event, (payload) => room.receive(event, payload))),
      listen(SERVER_EVENTS.POST_VERSION, ({ version, room: state }) => {
        this.#beat();
        room.hear(version);
        // The change of the state got lost; the answer to joining brings it whole.
        if (state !== this.#roomState) this.join();
      }),
      listen(SERVER_EVENTS.POST_STATE, ({ state }) => {
        this.#on.state?.(state);
        this.#stateIs(state);
      }),
      connection.on(SERVER_EVENTS.LOAD_COMMENTS, (comments, meta) => this.#load(comments, meta)),
      connection.onState((state) => this.#connectionIs(state)),
    ];
  }

  stop() {
    this.#isRunning = false;
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#wait();
    const leaving = this.#connection.request(CLIENT_EVENTS.LEAVE_POST, { postId: this.#postId });
    leaving.catch(() => {}); // whoever has no connection is in no room
  }

  // Enters the room and fetches what we do not know yet.
  async join() {
    const connection = this.#connection;
    if (this.#isJoining || !this.#isRunning || connection.state !== 'online') return;
    this.#isJoining = true;
    clearTimeout(this.#rejoin);
    clearTimeout(this.#spread);
    this.#spread = null;
    const since = connection.lostAt;
    this.#room.asking();
    this.#on.joining?.({ since });
    try {
      const known = this.#isKnown ? { since: this.#room.version } : {};
      await connection.request(CLIENT_EVENTS.JOIN_POST, { postId: this.#postId, ...known });
      if (this.#isRunning) this.#on.joined?.({ wasAway: since !== null });
    } catch (problem) {
      this.#room.askAgain(REJOIN_AFTER);
      if (!this.#isRunning) return;
      if (problem instanceof NoAnswer || PASSING.has(problem.code)) this.#joinAfter(problem.retryAfter);
      else if (problem instanceof Refusal) this.#isGone(problem.message);
      else throw problem;
    } finally {
      this.#isJoining = false;
    }
    await this.#refresh();
  }

  // Within a few seconds: many others ask for the same reason.
  joinSoon() {
    this.#spread ??= setTimeout(() => this.join(), Math.random() * SPREAD);
  }

  #connectionIs(state) {
    if (state === 'online') this.join();
    else this.#wait();
  }

  #load(comments, meta) {
    if (meta.postId !== this.#postId) return;
    this.#on.page?.(comments, meta.reacted);
    this.#room.load(comments, meta);
    this.#isKnown = true;
    this.#on.loaded?.(meta);
    this.#stateIs(meta.state);
    this.#heartbeat = meta.heartbeat;
    this.#beat();
  }

  // After a long absence we got the newest page; what stands before it has to be compared as well.
  async #refresh() {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const room = this.#room;
    try {
      while (room.unsure !== null && this.#isRunning && this.#connection.state === 'online') {
        const { unsure: before, version } = room;
        const payload = { postId: this.#postId, before };
        const { comments, hasMore, reacted } = await this.#connection.request(CLIENT_EVENTS.LOAD_MORE, payload);
        this.#on.page?.(comments, reacted);
        room.refresh(comments, { before, hasMore, version });
      }
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      this.#joinAfter(problem.retryAfter);
    } finally {
      this.#isRefreshing = false;
    }
  }

  #joinAfter(seconds = 0) {
    clearTimeout(this.#rejoin);
    if (this.#isRunning) this.#rejoin = setTimeout(() => this.join(), seconds * 1000 + REJOIN_AFTER);
  }

  // A room that says nothing any more, not even its version, may have lost us.
  #beat() {
    clearTimeout(this.#silence);
    if (this.#heartbeat && this.#isRunning) this.#silence = setTimeout(() => this.join(), this.#heartbeat * 1000 * BEATS_MISSED);
  }

  #stateIs({ room }) {
    if (room === 'gone') this.#isGone(null);
    else this.#roomState = room;
  }

  // The post cannot be seen just now. It may come back.
  #isGone(message) {
    this.#wait();
    if (this.#isRunning) this.#rejoin = setTimeout(() => this.join(), GONE_AGAIN);
    this.#on.gone?.(message);
  }

  #wait() {
    clearTimeout(this.#silence);
    clearTimeout(this.#rejoin);
  }
}
