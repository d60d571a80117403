import { NoAnswer, Refusal, STATUS_REQUESTS } from './postroom/core.js';
import { Idleness } from './status/models/idleness.js';

const MOVES = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchmove', 'scroll', 'focus'];

// That somebody is here, and whether they move.
export class Presence {
  #connection;
  #idleness;

  // `after`: so many milliseconds without a move; 0: never.
  constructor({ connection, after }) {
    this.#connection = connection;
    this.#idleness = new Idleness({ after, tell: (isIdle) => this.#tell(isIdle) });
  }

  listen() {
    const moves = () => this.#idleness.moves();
    for (const move of MOVES) addEventListener(move, moves, { passive: true, capture: true });
    document.addEventListener('visibilitychange', () => document.hidden || moves());
  }

  connectionIs(state) {
    // A new connection counts as one at which somebody moves.
    if (state === 'online' && this.#idleness.isIdle) this.#tell(true);
  }

  async #tell(idle) {
    try {
      await this.#connection.request(STATUS_REQUESTS.UPDATE_STATUS, { idle });
    } catch (problem) {
      // Whoever is away is told again when the connection is back; there is nothing to say about the rest.
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    }
  }
}
