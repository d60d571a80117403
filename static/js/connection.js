import { io } from '../vendor/socket.io-client/socket.io.esm.min.js';
import { CLIENT_EVENTS, ERROR_CODES, SERVER_EVENTS } from './events.js';

const REQUEST_TIMEOUT = 8000;
const REST = 2000;
const RETRY_FROM = 1000;
const RETRY_TO = 30_000;
const BANNED = 'banned';
// Between the namespaces of a page, which share one way to the server: it begins anew only when none holds it.
const LET_GO = 'let go';
const TAKE_UP = 'take up';
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

// One Socket.IO connection. Its state is `connecting`, `online`, `offline` or `ended`; ended is for
// good, and `reason` then tells why: { code, message, sanction? }.
export class Connection {
  #socket;
  #onState;
  #onPause;
  #attempts = 0;
  #timer = null;
  #wokenAt = 0;
  // The server told us not to try before this.
  #notBefore = 0;

  #requests;
  #events;

  // `onPause(seconds)`: the server wants to be left alone for so long. With `readerId` it admits nobody else,
  // whoever has logged in meanwhile. Another namespace than the readers' has requests and events of its own.
  constructor({
    readerId = null, onState = () => {}, onPause = () => {}, open = io,
    namespace = null, requests = CLIENT_EVENTS, events = SERVER_EVENTS,
  } = {}) {
    this.#requests = new Set(Object.values(requests));
    this.#events = new Set(Object.values(events));
    this.state = 'connecting';
    this.reason = null;
    // When the connection was lost, while it is.
    this.lostAt = null;
    this.#onState = onState;
    this.#onPause = onPause;
    const options = {
      autoConnect: false,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: RETRY_FROM,
      reconnectionDelayMax: RETRY_TO,
      ...(readerId !== null && { auth: { readerId } }),
    };
    this.#socket = namespace === null ? open(options) : open(namespace, options);
    this.#listen();
  }

  start() {
    this.#wokenAt = Date.now();
    this.#socket.connect();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#socket.disconnect();
  }

  on(event, handler) {
    if (!this.#events.has(event)) throw new Error(`unknown event ${event}`);
    this.#socket.on(event, handler);
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

  // The network is back, or the page is looked at again: do not wait for the next attempt.
  wake() {
    if (this.state === 'ended' || this.#socket.connected) return;
    // Signs of life come in twos and threes; an attempt that has just begun is left to itself.
    if (Date.now() - this.#wokenAt < REST || Date.now() < this.#notBefore) return;
    const way = this.#socket.io;
    this.#letGo();
    way.emit(LET_GO, this);
    this.#takeUp();
    way.emit(TAKE_UP, this);
  }

  #letGo() {
    if (this.state !== 'ended' && !this.#socket.connected) this.#socket.disconnect();
  }

  #takeUp() {
    if (this.state === 'ended' || this.#socket.connected || Date.now() < this.#notBefore) return;
    this.#wokenAt = Date.now();
    clearTimeout(this.#timer);
    this.#socket.connect();
  }

  #listen() {
    const socket = this.#socket;
    socket.io.on(LET_GO, (who) => who === this || this.#letGo());
    socket.io.on(TAKE_UP, (who) => who === this || this.#takeUp());
    socket.on('connect', () => {
      this.#attempts = 0;
      this.#enter('online');
      this.lostAt = null;
    });
    socket.on('disconnect', () => {
      if (this.state === 'ended') return;
      this.lostAt ??= new Date();
      this.#enter('offline');
      if (!socket.active) this.#tryLater();
    });
    socket.on('connect_error', (error) => {
      if (FINAL_CODES.has(error.data?.code)) {
        this.#end(error.data);
        return;
      }
      this.lostAt ??= new Date();
      this.#enter('offline');
      // A refused connection is not tried again by the library; a failed one is.
      if (!socket.active) this.#tryLater(error.data?.retryAfter);
    });
    socket.on(SERVER_EVENTS.SESSION_ENDED, ({ reason } = {}) => {
      // Whoever is banned is still logged in: the page can be read.
      this.#end({ code: reason === BANNED ? ERROR_CODES.BANNED : ERROR_CODES.SIGN_IN, reason });
    });
    socket.on(SERVER_EVENTS.CONNECTION_ERROR, (error) => console.warn('connection_error', error));
    socket.onAny((event) => {
      if (!this.#events.has(event)) console.error(`unknown event ${event}`);
    });
  }

  #end(reason) {
    this.reason = reason;
    this.#enter('ended');
    this.stop();
  }

  #tryLater(seconds = 0) {
    const delay = Math.min(RETRY_TO, RETRY_FROM * 2 ** this.#attempts) * (0.5 + Math.random());
    this.#attempts += 1;
    clearTimeout(this.#timer);
    const pause = Math.max(delay, seconds * 1000);
    this.#timer = setTimeout(() => {
      this.#notBefore = 0;
      this.#socket.connect();
    }, pause);
    if (!seconds) return;
    this.#notBefore = Date.now() + pause;
    this.#onPause(pause / 1000);
  }

  #enter(state) {
    if (this.state === state) return;
    this.state = state;
    this.#onState(state);
  }
}
