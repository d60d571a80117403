import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Draft } from '../../../static/js/models/draft.js';

const EMPTY = { content: '', parentId: null, parentName: null };

function storageOf(values = new Map()) {
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
  };
}

test('a draft survives the page, and whom it answers', () => {
  const storage = storageOf();
  new Draft({ storage, userId: '7', postId: '1' }).save({ content: 'half a thou', parentId: '3', parentName: 'Kim' });
  const again = new Draft({ storage, userId: '7', postId: '1' }).load();
  assert.deepEqual(again, { content: 'half a thou', parentId: '3', parentName: 'Kim' });
});

test('each reader and each post has its own', () => {
  const storage = storageOf();
  new Draft({ storage, userId: '7', postId: '1' }).save({ content: 'mine' });
  assert.deepEqual(new Draft({ storage, userId: '8', postId: '1' }).load(), EMPTY);
  assert.deepEqual(new Draft({ storage, userId: '7', postId: '2' }).load(), EMPTY);
});

test('an empty draft is none', () => {
  const storage = storageOf();
  const draft = new Draft({ storage, userId: '7', postId: '1' });
  draft.save({ content: 'something' });
  draft.save({ content: ' \n' });
  assert.equal(storage.values.size, 0);
});

test('without storage it gets by', () => {
  const draft = new Draft({ storage: null, userId: '7', postId: '1' });
  draft.save({ content: 'something' });
  draft.clear();
  assert.deepEqual(draft.load(), EMPTY);
});

test('what cannot be read is no draft', () => {
  for (const value of ['{', 'null', '[]', '"text"', '{"content": 3}']) {
    const storage = storageOf(new Map([['postroom.draft.7.1', value]]));
    assert.deepEqual(new Draft({ storage, userId: '7', postId: '1' }).load(), EMPTY);
  }
});
