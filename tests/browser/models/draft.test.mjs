import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Draft, VISITOR } from '../../../static/js/models/draft.js';

const EMPTY = { content: '', parentId: null, parentName: null };

function storageOf(values = new Map()) {
  return {
    values,
    get length() {
      return values.size;
    },
    key: (index) => [...values.keys()][index] ?? null,
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

// --- Several at once -----------------------------------------------------------------------------

function clock() {
  const time = { now: 1_000 };
  return { time, now: () => time.now++ };
}

function draftOf(storage, now) {
  return new Draft({ storage, userId: '7', postId: '1', now });
}

test('the comment and each reply have one of their own', () => {
  const { now } = clock();
  const draft = draftOf(storageOf(), now);
  draft.save({ content: 'a comment' });
  draft.save({ content: 'to Kim', parentId: '3', parentName: 'Kim' });
  draft.save({ content: 'to Lee', parentId: '33', parentName: 'Lee' });
  assert.equal(draft.load(null).content, 'a comment');
  assert.equal(draft.load('3').content, 'to Kim');
  assert.equal(draft.load('33').content, 'to Lee');
  assert.deepEqual(draft.load('4'), { ...EMPTY, parentId: '4' });
  draft.clear('3');
  assert.equal(draft.load('3').content, '');
  assert.equal(draft.load('33').content, 'to Lee');
});

test('a page begins with what was worked on last', () => {
  const { now } = clock();
  const storage = storageOf();
  const draft = draftOf(storage, now);
  draft.save({ content: 'to Kim', parentId: '3', parentName: 'Kim' });
  draft.save({ content: 'a comment' });
  draft.save({ content: 'to Kim, too', parentId: '3', parentName: 'Kim' });
  assert.deepEqual(draftOf(storage, now).load(), { content: 'to Kim, too', parentId: '3', parentName: 'Kim' });
  assert.deepEqual(draftOf(storage, now).all().map(({ parentId }) => parentId), ['3', null]);
});

test('edits under way are kept apart, with what they began from', () => {
  const storage = storageOf();
  const draft = draftOf(storage);
  draft.saveEdit('3', { content: 'new', base: 'old' });
  assert.deepEqual(draftOf(storage).loadEdit('3'), { content: 'new', base: 'old' });
  assert.equal(draft.loadEdit('4'), null);
  assert.deepEqual(draft.all(), []);
  draft.saveEdit('3', { content: 'old', base: 'old' });
  assert.equal(draft.loadEdit('3'), null);
});

test('an edit that takes everything away is one', () => {
  const draft = draftOf(storageOf());
  draft.saveEdit('3', { content: '', base: 'old' });
  assert.deepEqual(draft.loadEdit('3'), { content: '', base: 'old' });
});

test('what nobody touches for a month is forgotten, whosever it is', () => {
  const { time, now } = clock();
  const storage = storageOf(new Map([['postroom.outbox.7.1.x', '{}']]));
  draftOf(storage, now).save({ content: 'mine' });
  new Draft({ storage, userId: '8', postId: '2', now }).save({ content: 'of another' });
  time.now += 29 * 24 * 3600 * 1000;
  draftOf(storage, now).saveEdit('3', { content: 'new', base: 'old' });
  time.now += 2 * 24 * 3600 * 1000;
  assert.equal(draftOf(storage, now).load().content, '');
  draftOf(storage, now).sweep();
  assert.deepEqual([...storage.values.keys()], ['postroom.outbox.7.1.x', 'postroom.draft.7.1.edit.3']);
});

test('what the storage does not take is kept for the page', () => {
  const storage = { ...storageOf(), setItem: () => { throw new Error('full'); } };
  const draft = draftOf(storage);
  draft.save({ content: 'to Kim', parentId: '3' });
  draft.save({ content: 'a comment' });
  assert.equal(draft.load('3').content, 'to Kim');
  assert.equal(draft.load(null).content, 'a comment');
  draft.clear('3');
  assert.equal(draft.load('3').content, '');
});

test('a change of the storage is about one of them, or none', () => {
  const draft = draftOf(storageOf());
  assert.equal(draft.concerns('postroom.draft.7.1'), null);
  assert.equal(draft.concerns('postroom.draft.7.1.3'), '3');
  for (const key of ['postroom.draft.7.1.edit.3', 'postroom.draft.7.11', 'postroom.draft.8.1', 'other', null]) {
    assert.equal(draft.concerns(key), undefined);
  }
});

test('changes that were begun can be told from other drafts, the latest first', () => {
  const { time, now } = clock();
  const draft = draftOf(storageOf(), now);
  draft.save({ content: 'a comment' });
  draft.saveEdit('3', { content: 'new', base: 'old' });
  time.now += 1000;
  draft.saveEdit('4', { content: 'newer', base: 'older' });
  assert.deepEqual(draft.edits(), [{ commentId: '4', content: 'newer' }, { commentId: '3', content: 'new' }]);
  assert.equal(draft.all().length, 1);
  assert.ok(draft.concernsEdit('postroom.draft.7.1.edit.3'));
  assert.ok(!draft.concernsEdit('postroom.draft.7.1.3'));
  draft.clearEdit('4');
  assert.equal(draft.edits().length, 1);
});

// --- Before logging in ---------------------------------------------------------------------------

test('what a visitor wrote is theirs once they have logged in, ahead of what was begun earlier', () => {
  const { time, now } = clock();
  const storage = storageOf();
  const visitors = new Draft({ storage, userId: VISITOR, postId: '1', now });
  draftOf(storage, now).save({ content: 'begun earlier', parentId: '3', parentName: 'Kim' });
  visitors.save({ content: 'to Kim' });
  visitors.save({ content: 'to Kim', parentId: '3', parentName: 'Kim' });
  const draft = draftOf(storage, now);
  draft.adopt(visitors);
  assert.deepEqual(draft.load(), { content: 'to Kim\n\nbegun earlier', parentId: '3', parentName: 'Kim' });
  assert.deepEqual(visitors.all(), []);
  assert.equal(draft.load(null).content, '');

  visitors.save({ content: 'of yesterday' });
  time.now += 25 * 3600 * 1000;
  draft.adopt(visitors);
  assert.equal(draft.load(null).content, '');
  assert.deepEqual(visitors.all(), []);
});
