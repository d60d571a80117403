import { NoAnswer, Refusal, STATUS_REQUESTS } from './postroom/postroom.js';
import { connect } from './status/connect.js';
import { Idleness } from './status/models/idleness.js';
import { People } from './status/people.js';

// On every page of whoever is logged in: that they are here, and whether they move.
const MOVES = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchmove', 'scroll', 'focus'];

const tell = async (idle) => {
  try {
    await connection.request(STATUS_REQUESTS.UPDATE_STATUS, { idle });
  } catch (problem) {
    // Whoever is away is told again when the connection is back; there is nothing to say about the rest.
    if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
  }
};
const after = Number(document.documentElement.dataset.awayMinutes) * 60_000;
const idleness = new Idleness({ after, tell: (isIdle) => tell(isIdle) });
for (const move of MOVES) addEventListener(move, () => idleness.moves(), { passive: true, capture: true });
document.addEventListener('visibilitychange', () => document.hidden || idleness.moves());

const root = document.querySelector('[data-statuses]');
let people = null;
const connection = connect({
  onState: (state) => {
    // A new connection counts as one at which somebody moves.
    if (state === 'online' && idleness.isIdle) tell(true);
    people?.connectionIs(state);
  },
});
if (root) {
  people = new People({ root, connection });
  people.listen();
}
connection.start();
