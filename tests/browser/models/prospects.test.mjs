import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Prospects } from '../../../static/js/models/prospects.js';

const HOUR = 3_600_000;
const OPEN = { room: 'open', canWrite: true, reason: '', slowMode: 0, holdFirst: false, holds: [], holdNewcomers: false };
const at = (milliseconds) => new Date(milliseconds).toISOString();

function setUp(state = {}, options = {}) {
  const clock = { now: 1_000_000 };
  const prospects = new Prospects({ state: { ...OPEN, ...state }, now: () => clock.now, ...options });
  return { prospects, clock };
}

function sanction(kind, { id = '1', until = null } = {}) {
  return { sanctionId: id, kind, reason: 'hate', explanation: '', concerns: '', until };
}

test('in an open room a reader may write, and nothing will change by itself', () => {
  const { prospects } = setUp();
  assert.deepEqual(prospects.at(), {
    barrier: null, canWrite: true, wait: 0, slowMode: 0, hold: null, next: null,
  });
});

test('a room that is closed, read-only or paused keeps readers out, and staff only where it is closed', () => {
  for (const room of ['closed', 'read_only', 'paused']) {
    assert.deepEqual(setUp({ room }).prospects.at().barrier, { kind: 'room', room, message: null });
    assert.equal(setUp({ room }, { isStaff: true }).prospects.at().canWrite, room !== 'closed');
  }
});

test('a room opens and closes as it is told, and a post that is gone comes back with the next state', () => {
  const { prospects } = setUp();
  prospects.hear({ ...OPEN, room: 'paused' });
  assert.equal(prospects.at().canWrite, false);
  prospects.gone('Not there.');
  assert.deepEqual(prospects.at().barrier, { kind: 'room', room: 'gone', message: 'Not there.' });
  prospects.load(OPEN);
  assert.equal(prospects.at().canWrite, true);
});

test('slow mode counts from the last comment, whenever it began', () => {
  const { prospects, clock } = setUp();
  prospects.wrote();
  clock.now += 10_000;
  prospects.hear({ ...OPEN, slowMode: 30 });
  assert.deepEqual([prospects.at().wait, prospects.at().next], [20, 1000]);
  clock.now += 19_100;
  assert.equal(prospects.at().wait, 1);
  clock.now += 900;
  assert.deepEqual([prospects.at().wait, prospects.at().next], [0, null]);
  prospects.wrote();
  assert.equal(prospects.at().wait, 30);
  prospects.hear(OPEN);
  assert.equal(prospects.at().wait, 0);
});

test('what is left of slow mode comes with the page, and staff never wait', () => {
  assert.equal(setUp({ slowMode: 30, retryAfter: 12.5 }).prospects.at().wait, 13);
  const { wait, slowMode } = setUp({ slowMode: 30, retryAfter: 12.5 }, { isStaff: true }).prospects.at();
  assert.deepEqual([wait, slowMode], [0, 0]);
});

test('slow mode that is switched on after a reload still knows how long ago they wrote', () => {
  const { prospects } = setUp({ slowMode: 30, retryAfter: 10 });
  prospects.hear({ ...OPEN, slowMode: 60 });
  assert.equal(prospects.at().wait, 40);
});

test('the heaviest sanction stands in the way, of two alike the one that ends last', () => {
  const { prospects, clock } = setUp();
  const impose = (each) => prospects.sanctionChanged({ ...each, state: 'imposed' });
  const barrier = () => prospects.at().barrier;
  impose(sanction('warning', { id: '1' }));
  impose(sanction('warning', { id: '2' }));
  assert.equal(barrier().sanction.sanctionId, '1');
  impose(sanction('suspension', { id: '3', until: at(clock.now + HOUR) }));
  impose(sanction('suspension', { id: '4', until: at(clock.now + 2 * HOUR) }));
  assert.equal(barrier().sanction.sanctionId, '4');
  impose(sanction('ban', { id: '5' }));
  assert.equal(barrier().kind, 'ban');
  for (const id of ['5', '4', '3']) prospects.sanctionChanged({ ...sanction('ban', { id }), state: 'lifted' });
  prospects.sanctionChanged({ ...sanction('warning', { id: '1' }), state: 'acknowledged' });
  assert.equal(barrier().sanction.sanctionId, '2');
});

test('a sanction ends by itself, and the page looks when it does', () => {
  const { prospects, clock } = setUp();
  prospects.sanctionChanged({ ...sanction('suspension', { until: at(clock.now + HOUR) }), state: 'imposed' });
  assert.equal(prospects.at().next, 30_000);
  clock.now += HOUR - 60_000;
  assert.equal(prospects.at().next, 1000);
  clock.now += 60_000;
  assert.deepEqual([prospects.at().canWrite, prospects.at().next], [true, null]);
});

test('a closed room comes before a sanction, as the server has it', () => {
  const { prospects } = setUp({ room: 'closed', sanctions: [sanction('ban')] });
  assert.equal(prospects.at().barrier.kind, 'room');
});

test('comments are held for the reader, else for the room, else for the newcomer', () => {
  const own = sanction('hold_first');
  const { prospects } = setUp({ holds: ['room', 'sanction', 'newcomer'], holdNewcomers: true, sanctions: [own] });
  assert.deepEqual(prospects.at().hold, { by: 'sanction', sanction: own });
  prospects.sanctionChanged({ ...own, state: 'lifted' });
  assert.deepEqual(prospects.at().hold, { by: 'room' });
  prospects.hear({ ...OPEN, holdNewcomers: true });
  assert.deepEqual(prospects.at().hold, { by: 'newcomer' });
  prospects.hear(OPEN);
  assert.equal(prospects.at().hold, null);
});

test('what holds others holds neither staff nor the author of the post', () => {
  for (const options of [{ isStaff: true }, { isAuthor: true }]) {
    assert.equal(setUp({ holds: ['room'] }, options).prospects.at().hold, null);
  }
});

test('whoever may be new has to ask when a room begins to hold newcomers, once', () => {
  const holding = { ...OPEN, holdNewcomers: true };
  const { prospects } = setUp();
  assert.equal(prospects.hear(holding), true);
  assert.equal(prospects.hear(holding), false);
  assert.equal(setUp({}, { isAuthor: true }).prospects.hear(holding), false);
});

test('what the server refuses with counts more than the clock of this computer', () => {
  const { prospects, clock } = setUp();
  const early = sanction('suspension', { until: at(clock.now - HOUR) });
  prospects.refused({ retryAfter: 600, sanction: early });
  assert.equal(prospects.at().barrier.sanction.until, at(clock.now + 600_000));
});

test('a refusal because of slow mode that we had not heard of is waited for', () => {
  const { prospects } = setUp({ slowMode: 30 });
  prospects.refused({ retryAfter: 7 });
  assert.equal(prospects.at().wait, 7);
});

test('a ban stays in the way after its end, for nothing is heard any more', () => {
  const { prospects, clock } = setUp();
  prospects.barred(sanction('ban', { until: at(clock.now + 1000) }));
  assert.equal(prospects.at().barrier.kind, 'ban');
  clock.now += 1000;
  assert.deepEqual(prospects.at().barrier, { kind: 'over' });
});

test('a ban whose reason got lost is a ban all the same, and does not hide one that is known', () => {
  const { prospects } = setUp();
  prospects.barred();
  assert.equal(prospects.at().barrier.kind, 'ban');
  const { prospects: told } = setUp({ sanctions: [sanction('ban', { id: '9' })] });
  told.barred();
  assert.equal(told.at().barrier.sanction.sanctionId, '9');
});
