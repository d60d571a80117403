import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Statuses } from '../../../static/js/status/models/statuses.js';

const ONLINE = { status: 'online', lastSeen: null };
const SEEN = { status: 'offline', lastSeen: '2026-01-01T09:00:00.000+09:00' };

function page(known) {
  const changes = [];
  const statuses = new Statuses({ known, onChange: (userId, status) => changes.push([userId, status]) });
  return { statuses, changes };
}

test('whoever nothing was heard of is offline', () => {
  assert.deepEqual(page().statuses.of('7'), { status: 'offline', lastSeen: null });
});

test('the page is told of what is new, and of nothing twice', () => {
  const { statuses, changes } = page({ 1: ONLINE, 2: SEEN });
  statuses.hear([{ userId: '1', ...ONLINE }, { userId: '2', ...ONLINE }, { userId: '3', ...SEEN }]);
  statuses.hear([{ userId: '2', ...ONLINE }]);
  assert.deepEqual(changes, [['2', ONLINE], ['3', SEEN]]);
});

test('those who are away are here, and others of whom one hears do not count', () => {
  const { statuses } = page({ 1: ONLINE, 2: SEEN });
  statuses.hear([{ userId: '3', status: 'away', lastSeen: null }, { userId: '4', ...ONLINE }]);
  assert.equal(statuses.here(['1', '2', '3']), 2);
});
