import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stream } from '../../../static/js/models/stream.js';

const name = (id) => `Reader ${id}`;

function comment(id, parentId = null, more = {}) {
  return { _id: id, parentId, parentName: parentId && name(parentId), author: { name: name(id) }, version: 1, ...more };
}

const keys = (threads) => threads.map(({ head }) => head.key);

test('all of them in the order of time, each by itself', () => {
  const threads = stream([comment('10', '2'), comment('9'), comment('2')]);
  assert.deepEqual(keys(threads), ['2', '9', '10']);
  assert.ok(threads.every(({ replies }) => replies.length === 0));
});

test('a reply names whom it answers, also right below it', () => {
  const [, reply] = stream([comment('1'), comment('2', '1')]);
  assert.deepEqual(reply.head.answers, { id: '1', name: 'Reader 1' });
});

test('a reply to what is not loaded names it as it came', () => {
  assert.deepEqual(stream([comment('5', '1')])[0].head.answers, { id: '1', name: 'Reader 1' });
});

test('what was removed leaves no place, and its replies say so', () => {
  const threads = stream([{ _id: '1', removed: true, parentId: null }, comment('2', '1', { parentName: null })]);
  assert.deepEqual(keys(threads), ['2']);
  assert.deepEqual(threads[0].head.answers, { id: '1', name: null });
});

test('a decision about ones own comment keeps its place', () => {
  assert.deepEqual(keys(stream([{ _id: '1', removed: true, decision: {} }, comment('2')])), ['1', '2']);
});

test('what is not sent yet comes last', () => {
  const entries = [{ clientId: 'a', parentId: '1', parentName: 'Reader 1' }];
  assert.deepEqual(keys(stream([comment('1'), comment('2')], entries)), ['1', '2', 'pending-a']);
});
