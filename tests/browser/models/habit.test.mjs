import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Habit } from '../../../static/js/models/habit.js';

function storageOf(values = new Map()) {
  return { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value) };
}

test('what somebody chose is remembered', () => {
  const storage = storageOf();
  const first = new Habit({ storage, name: 'toolbar', usual: true });
  assert.equal(first.isOn, true);
  first.toggle();
  assert.equal(first.isOn, false);
  assert.equal(new Habit({ storage, name: 'toolbar', usual: true }).isOn, false);
  assert.equal(new Habit({ storage, name: 'another', usual: true }).isOn, true);
});

test('without storage it holds for the page', () => {
  const habit = new Habit({ storage: null, name: 'toolbar', usual: false });
  habit.toggle();
  assert.equal(habit.isOn, true);
});
