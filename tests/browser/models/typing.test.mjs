import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Typing } from '../../../static/js/models/typing.js';

mock.timers.enable({ apis: ['setTimeout'] });

function typist() {
  const told = [];
  const clock = { now: 0 };
  const typing = new Typing({ tell: (on) => told.push(on), now: () => clock.now, timers: { setTimeout, clearTimeout } });
  const pass = (milliseconds) => {
    clock.now += milliseconds;
    mock.timers.tick(milliseconds);
  };
  return { typing, told, pass };
}

test('it is told once, however fast somebody types, and again after a while', () => {
  const { typing, told, pass } = typist();
  for (let stroke = 0; stroke < 25; stroke += 1) {
    typing.types();
    pass(100);
  }
  assert.deepEqual(told, [true]);
  pass(600);
  typing.types();
  assert.deepEqual(told, [true, true]);
});

test('who pauses has stopped', () => {
  const { typing, told, pass } = typist();
  typing.types();
  pass(4900);
  assert.deepEqual(told, [true]);
  pass(200);
  assert.deepEqual(told, [true, false]);
});

test('stopping is told once, and only by who was typing', () => {
  const { typing, told, pass } = typist();
  typing.stops();
  typing.types();
  typing.stops();
  typing.stops();
  pass(10_000);
  assert.deepEqual(told, [true, false]);
});
