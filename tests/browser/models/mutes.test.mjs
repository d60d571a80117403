import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Mutes } from '../../../static/js/models/mutes.js';

test('it tells only of what changes', () => {
  let changes = 0;
  const mutes = new Mutes({ muted: ['1'], onChange: () => { changes += 1; } });
  mutes.set('1', true);
  assert.equal(changes, 0);
  mutes.set('2', true);
  mutes.set('1', false);
  assert.deepEqual([mutes.has('1'), mutes.has('2'), mutes.size, changes], [false, true, 1, 2]);
  mutes.load(['3']);
  assert.deepEqual([mutes.has('2'), mutes.has('3')], [false, true]);
});
