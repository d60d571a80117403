import { ERROR_CODES, SHARED_EVENTS } from './events.js';

const REQUEST_TIMEOUT = 8000;
const REST = 2000;
export const RETRY_FROM = 1000;
export const RETRY_TO = 30_000;
const BANNED = 'banned';
// Trying again with the same session would end the same way.
const FINAL_CODES = new Set([
  ERROR_CODES.SIGN_IN, ERROR_CODES.BANNED, ERROR_CODES.SUSPENDED, ERROR_CODES.FORBIDDEN,
]);

// The server understood and said no.
export class Refusal extends Error {
  constructor({ code, message, retryAfter, ...details }) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
    // What else this code comes with: the sanction, the decision.
    this.details = details;
  }
}

// Nobody knows whether the server did it: there was no answer.
export class NoAnswer extends Error {}

// One namespace of the one connection that a page has (see `client.js`, which makes these). Its state is
// `connecting`, `online`, `offline` or `ended`; ended is for good, unless somebody calls `retry`, and `reason`
// then tells why: { code, message, sanction? }.
export class Connection {
  #socket;
  #requests;
  #events;
  #onState = new Set();
  #onPause = new Set();
  #onChange;
  #hasBegun = false;
  #handlers = [];
  #refusals = 0;
  #timer = null;
  #wokenAt = 0;
  // The server told us not to try before this.
  #notBefore = 0;

  // `socket` is Socket.IO's; `requests` and `events` are the only names that are asked and heard in it.
  // `onChange()`: its state, or the number of attempts.
  constructor({ socket, requests, events, onChange = () => {} }) {
    this.#socket = socket;
    this.#requests = new Set(Object.values(requests));
    this.#events = new Set([...Object.values(events), ...Object.values(SHARED_EVENTS)]);
    this.#onChange = onChange;
    this.state = 'connecting';
    this.reason = null;
    // When the connection was lost, while it is; and which attempt to come back is next or under way.
    this.lostAt = null;
    this.attempt = 0;
    this.#listen();
  }

  // Once is enough, whoever else uses this namespace.
  start() {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#wokenAt = Date.now();
    this.#onChange();
    this.#socket.connect();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#hasBegun = false;
    this.#socket.disconnect();
    if (this.state !== 'ended') this.#enter('connecting');
  }

  // Whether it takes part in what a page tells of its connection: the others are not asked for.
  get isWanted() {
    return this.#hasBegun || this.state === 'ended';
  }

  // Returns what takes the handler away again.
  on(event, handler) {
    if (!this.#events.has(event)) throw new Error(`unknown event ${event}`);
    this.#socket.on(event, handler);
    this.#handlers.push([event, handler]);
    return () => this.off(event, handler);
  }

  off(event, handler) {
    const index = this.#handlers.findIndex(([name, known]) => name === event && known === handler);
    if (index < 0) return;
    this.#handlers.splice(index, 1);
    this.#socket.off(event, handler);
  }

  get handlers() {
    return this.#handlers.length + this.#onState.size + this.#onPause.size;
  }

  // `handler(state)`, at once if there is something to tell already.
  onState(handler) {
    this.#onState.add(handler);
    if (this.state !== 'connecting') handler(this.state);
    return () => this.#onState.delete(handler);
  }

  // `handler(seconds)`: the server wants to be left alone for so long.
  onPause(handler) {
    this.#onPause.add(handler);
    return () => this.#onPause.delete(handler);
  }

  // Resolves to the ack; throws `Refusal` or `NoAnswer`. Nothing is queued: whoever asks while there is
  // no connection decides for himself when to ask again.
  async request(event, data) {
    if (!this.#requests.has(event)) throw new Error(`unknown request ${event}`);
    if (!this.#socket.connected) throw new NoAnswer('not connected');
    let answer;
    try {
      answer = await this.#socket.timeout(REQUEST_TIMEOUT).emitWithAck(event, data);
    } catch (problem) {
      throw new NoAnswer(problem.message);
    }
    if (!answer?.ok) throw new Refusal(answer ?? {});
    return answer;
  }

  // After the end: somebody has logged in meanwhile, say.
  retry() {
    if (this.state !== 'ended') return;
    this.reason = null;
    this.attempt = 0;
    this.#enter('connecting');
    this.start();
  }

  // Signs of life come in twos and threes; an attempt that has just begun is left to itself.
  get sleeps() {
    return this.#isAway && Date.now() - this.#wokenAt >= REST && Date.now() >= this.#notBefore;
  }

  // Namespaces share one way to the server, which begins anew only when none holds it: so all that wake let go of
  // it first, and take it up after that.
  letGo() {
    if (this.#isAway) this.#socket.disconnect();
  }

  takeUp() {
    if (!this.#isAway || Date.now() < this.#notBefore) return;
    this.#wokenAt = Date.now();
    clearTimeout(this.#timer);
    this.#socket.connect();
  }

  get #isAway() {
    return this.#hasBegun && this.state !== 'ended' && !this.#socket.connected;
  }

  #listen() {
    const socket = this.#socket;
    socket.on('connect', () => {
      this.#refusals = 0;
      this.attempt = 0;
      this.#enter('online');
      this.lostAt = null;
    });
    socket.on('disconnect', () => {
      if (this.state === 'ended' || !this.#hasBegun) return;
      this.#isLost();
      if (!socket.active) this.#tryLater();
    });
    socket.on('connect_error', (error) => {
      if (FINAL_CODES.has(error.data?.code)) {
        this.#end(error.data);
        return;
      }
      this.#isLost();
      // A refused connection is not tried again by the library; a failed one is.
      if (!socket.active) this.#tryLater(error.data?.retryAfter);
    });
    socket.on(SHARED_EVENTS.SESSION_ENDED, ({ reason } = {}) => {
      // Whoever is banned is still logged in: the page can be read.
      this.#end({ code: reason === BANNED ? ERROR_CODES.BANNED : ERROR_CODES.SIGN_IN, reason });
    });
    socket.on(SHARED_EVENTS.CONNECTION_ERROR, (error) => console.warn('connection_error', error));
    socket.onAny((event) => {
      if (!this.#events.has(event)) console.error(`unknown event ${event}`);
    });
  }

  #isLost() {
    this.lostAt ??= new Date();
    this.attempt += 1;
    this.#enter('offline');
    this.#onChange();
  }

  #end(reason) {
    this.reason = reason;
    this.#enter('ended');
    this.stop();
  }

  #tryLater(seconds = 0) {
    const delay = Math.min(RETRY_TO, RETRY_FROM * 2 ** this.#refusals) * (0.5 + Math.random());
    this.#refusals += 1;
    clearTimeout(this.#timer);
    const pause = Math.max(delay, seconds * 1000);
    this.#timer = setTimeout(() => {
      this.#notBefore = 0;
      this.#socket.connect();
    }, pause);
    if (!seconds) return;
    this.#notBefore = Date.now() + pause;
    for (const tell of this.#onPause) tell(pause / 1000);
  }

  #enter(state) {
    if (this.state === state) return;
    this.state = state;
    this.#onChange();
    for (const tell of [...this.#onState]) tell(state);
  }
}
