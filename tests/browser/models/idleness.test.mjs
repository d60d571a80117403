import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Idleness } from '../../../static/js/status/models/idleness.js';

mock.timers.enable({ apis: ['setTimeout'] });
const MINUTE = 60_000;

function somebody(after = 5 * MINUTE) {
  const told = [];
  const clock = { now: 0 };
  const timers = { setTimeout: (...all) => setTimeout(...all) };
  const idleness = new Idleness({ after, tell: (isIdle) => told.push(isIdle), now: () => clock.now, timers });
  const pass = (milliseconds) => {
    clock.now += milliseconds;
    mock.timers.tick(milliseconds);
  };
  return { idleness, told, pass };
}

test('whoever does not move for a while is idle, and told so once', () => {
  const { idleness, told, pass } = somebody();
  pass(5 * MINUTE - 1);
  assert.deepEqual([told, idleness.isIdle], [[], false]);
  pass(1);
  pass(60 * MINUTE);
  assert.deepEqual([told, idleness.isIdle], [[true], true]);
});

test('each move begins the while anew', () => {
  const { idleness, told, pass } = somebody();
  for (let minute = 0; minute < 20; minute += 1) {
    pass(MINUTE);
    idleness.moves();
  }
  pass(4 * MINUTE);
  assert.deepEqual(told, []);
  pass(MINUTE);
  assert.deepEqual(told, [true]);
});

test('the first move after it ends it, and only the first is told', () => {
  const { idleness, told, pass } = somebody();
  pass(6 * MINUTE);
  idleness.moves();
  idleness.moves();
  assert.deepEqual(told, [true, false]);
  pass(5 * MINUTE);
  assert.deepEqual(told, [true, false, true]);
});

test('a site may do without it', () => {
  const { told, pass } = somebody(0);
  pass(600 * MINUTE);
  assert.deepEqual(told, []);
});
