import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Seen } from '../../../static/js/models/seen.js';

class Storage {
  #items = new Map();

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, value);
  }
}

const readerId = '7';
const concerns = ({ userId }) => userId !== readerId;
const comment = (id, userId = '8') => ({ _id: String(id), userId });
const comments = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => comment(from + index));

function visit(storage, now = () => 0) {
  return new Seen({ storage, userId: readerId, postId: '1', now });
}

function count(seen, all, more = {}) {
  return seen.count(all, { concerns, first: all[0]._id, hasEarlier: false, total: all.length, ...more });
}

test('to somebody who was never here nothing is new', () => {
  const seen = visit(new Storage());
  seen.here('20');
  assert.equal(count(seen, comments(1, 20)), 0);
});

test('what came since they left is new, but not what they wrote themselves', () => {
  const storage = new Storage();
  visit(storage).leave({ id: '9', count: 9 });
  const seen = visit(storage);
  seen.here('12');
  const all = [...comments(1, 10), comment(11, readerId), comment(12)];
  assert.equal(count(seen, all), 2);
  assert.equal(seen.isNew(comment(9), concerns), false);
  assert.equal(seen.isNew(comment(10), concerns), true);
});

test('what comes while they are here is not', () => {
  const storage = new Storage();
  visit(storage).leave({ id: '9', count: 9 });
  const seen = visit(storage);
  seen.here('10');
  seen.here('11');
  assert.equal(count(seen, comments(1, 12)), 1);
});

test('beyond the page it is by how many more there are', () => {
  const storage = new Storage();
  visit(storage).leave({ id: '100', count: 90 });
  const seen = visit(storage);
  seen.here('400');
  assert.equal(count(seen, comments(351, 400), { hasEarlier: true, total: 380 }), 290);
  const own = [...comments(351, 399), comment(400, readerId)];
  assert.equal(count(seen, own, { hasEarlier: true, total: 380 }), 289);
});

test('a glance elsewhere is no leaving, a minute is', () => {
  let now = 0;
  const seen = visit(new Storage(), () => now);
  seen.here('5');
  seen.leave({ id: '5', count: 5 });
  now += 30_000;
  assert.equal(seen.returns(), false);
  seen.leave({ id: '5', count: 5 });
  now += 90_000;
  assert.equal(seen.returns(), true);
  seen.here('8');
  assert.equal(count(seen, comments(1, 8)), 3);
});

test('another reader of the same browser has a mark of their own', () => {
  const storage = new Storage();
  visit(storage).leave({ id: '5', count: 5 });
  assert.equal(new Seen({ storage, userId: '8', postId: '1' }).after, null);
});

test('nonsense and forbidden storage count for nothing', () => {
  const storage = new Storage();
  storage.setItem('postroom.seen.7.1', '{"id": "<b>"}');
  assert.equal(visit(storage).after, null);
  const seen = visit(null);
  seen.leave({ id: '5', count: 5 });
  seen.here('8');
  assert.equal(seen.after, null);
});
