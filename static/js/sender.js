import { CLIENT_EVENTS, ERROR_CODES, PASSING, Refusal } from './postroom/core.js';

const RETRY_FROM = 1000;
const RETRY_TO = 30_000;
// Another tab is at it; look again whether it was done (or that tab closed).
const OTHER_TAB = 2000;

// Takes what waits in the outbox to the server, one entry after the other, until each is confirmed or
// refused. A lock per entry keeps two tabs from sending the same one; where there are no locks, the
// entry's client id still makes two attempts one comment.
export class Sender {
  #outbox;
  #request;
  #onConfirmed;
  #onRefused;
  #onPause;
  #locks;
  #isRunning = false;
  #isOpen = false;
  #failures = 0;
  #timer = null;
  // The server told us not to ask before this.
  #notBefore = 0;
  #now;

  constructor({
    outbox,
    request,
    onConfirmed,
    onRefused = () => {},
    onPause = () => {},
    locks = globalThis.navigator?.locks,
    now = Date.now,
  }) {
    this.#outbox = outbox;
    this.#request = request;
    this.#onConfirmed = onConfirmed;
    this.#onRefused = onRefused;
    this.#onPause = onPause;
    this.#locks = locks;
    this.#now = now;
  }

  // Whether there is a connection to send over.
  open(isOpen) {
    this.#isOpen = isOpen;
    this.#failures = 0;
    if (isOpen) this.flush();
  }

  async flush() {
    if (this.#isRunning || !this.#isOpen || this.#now() < this.#notBefore) return;
    clearTimeout(this.#timer);
    this.#isRunning = true;
    try {
      let entry;
      while (this.#isOpen && (entry = this.#outbox.waiting().at(0))) {
        const { clientId } = entry;
        const pause = await this.#alone(clientId, () => this.#send(clientId));
        if (pause) {
          this.#goOnAfter(pause);
          break;
        }
      }
    } finally {
      this.#isRunning = false;
    }
  }

  // Resolves to 0 when this entry is done with, or else to a time to wait, in milliseconds.
  async #send(clientId) {
    const entry = this.#outbox.entry(clientId);
    if (entry?.state !== 'waiting') return 0;
    const { postId, parentId, content } = entry;
    try {
      const { comment } = await this.#request(CLIENT_EVENTS.NEW_COMMENT, { postId, parentId, content, clientId });
      this.#failures = 0;
      this.#onConfirmed(entry, comment);
    } catch (problem) {
      if (problem.code === ERROR_CODES.RATE_LIMITED) return this.#wait(problem.retryAfter);
      if (!(problem instanceof Refusal) || PASSING.has(problem.code)) return this.#pause(problem.retryAfter);
      // Once logged in again, what was written is still to be sent.
      if (problem.code === ERROR_CODES.SIGN_IN) return RETRY_TO;
      const { code, message, details } = problem;
      if (code === ERROR_CODES.REJECTED) this.#outbox.reject(clientId, { code, message, decision: details });
      else this.#outbox.fail(clientId, { code, message });
      this.#onRefused(entry, problem);
    }
    return 0;
  }

  // Whatever wakes us meanwhile (a new comment, a new connection), asking earlier would be refused again.
  #wait(seconds = 0) {
    const delay = Math.max(RETRY_FROM, seconds * 1000);
    this.#notBefore = this.#now() + delay;
    this.#onPause(delay / 1000);
    return delay;
  }

  #goOnAfter(delay) {
    this.#timer = setTimeout(() => {
      this.#notBefore = 0;
      this.flush();
    }, delay);
  }

  #pause(seconds = 0) {
    const delay = Math.min(RETRY_TO, RETRY_FROM * 2 ** this.#failures);
    this.#failures += 1;
    return Math.max(delay, seconds * 1000);
  }

  #alone(clientId, work) {
    if (!this.#locks) return work();
    const options = { ifAvailable: true };
    return this.#locks.request(`postroom-outbox-${clientId}`, options, (lock) => (lock ? work() : OTHER_TAB));
  }
}
