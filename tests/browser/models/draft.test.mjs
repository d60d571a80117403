import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Draft, VISITOR } from '../../../static/js/models/draft.js';

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

const HOUR = 60 * 60 * 1000;

function bothAt(storage, now) {
  const keys = { storage, postId: '1', now: () => now };
  return { mine: new Draft({ ...keys, userId: '7' }), visitors: new Draft({ ...keys, userId: VISITOR }) };
}

test('what was begun before logging in is taken over once, and whom it answers', () => {
  const storage = storageOf();
  bothAt(storage, 0).visitors.save({ content: 'half a thou', parentId: '3', parentName: 'Kim' });
  const { mine, visitors } = bothAt(storage, 23 * HOUR);
  mine.adopt(visitors);
  assert.deepEqual(mine.load(), { content: 'half a thou', parentId: '3', parentName: 'Kim' });
  assert.deepEqual(visitors.load(), EMPTY);
  mine.clear();
  mine.adopt(visitors);
  assert.deepEqual(mine.load(), EMPTY);
});

test('it stands before what was begun earlier, and the same is not there twice', () => {
  const { mine, visitors } = bothAt(storageOf(), 0);
  mine.save({ content: 'earlier' });
  visitors.save({ content: 'just now' });
  mine.adopt(visitors);
  assert.equal(mine.load().content, 'just now\n\nearlier');
  visitors.save({ content: 'just now\n\nearlier' });
  mine.adopt(visitors);
  assert.equal(mine.load().content, 'just now\n\nearlier');
});

test('what somebody wrote at this computer more than a day ago is nobody\'s', () => {
  const storage = storageOf();
  bothAt(storage, 0).visitors.save({ content: 'a secret' });
  const { mine, visitors } = bothAt(storage, 25 * HOUR);
  mine.adopt(visitors);
  assert.deepEqual(mine.load(), EMPTY);
  assert.deepEqual(visitors.load(), EMPTY);
});

test('where no visitor wrote, one\'s own draft stays', () => {
  const { mine, visitors } = bothAt(storageOf(), 0);
  mine.save({ content: 'mine', parentId: '3', parentName: 'Kim' });
  mine.adopt(visitors);
  assert.deepEqual(mine.load(), { content: 'mine', parentId: '3', parentName: 'Kim' });
});
