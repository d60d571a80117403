import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arrange } from '../../../static/js/models/threads.js';

const name = (id) => `Reader ${id}`;

function comment(id, parentId = null, more = {}) {
  return { _id: id, parentId, parentName: parentId && name(parentId), author: { name: name(id) }, version: 1, ...more };
}

function entry(clientId, parentId = null) {
  return { clientId, parentId, parentName: parentId && name(parentId), content: 'text' };
}

// "1(2,3) 4": heads with their replies.
function drawn(threads) {
  return threads
    .map(({ head, replies }) => head.key + (replies.length ? `(${replies.map(({ key }) => key)})` : ''))
    .join(' ');
}

test('oldest first, however they come', () => {
  assert.equal(drawn(arrange([comment('10'), comment('9'), comment('2')])), '2 9 10');
});

test('replies of any depth stand under the head, deeper ones name whom they answer', () => {
  const [thread] = arrange([comment('1'), comment('2', '1'), comment('3', '2')]);
  assert.equal(drawn([thread]), '1(2,3)');
  assert.equal(thread.replies[0].answers, null);
  assert.deepEqual(thread.replies[1].answers, { id: '2', name: 'Reader 2' });
});

test('a reply whose parent is not loaded stands by itself and names it', () => {
  const threads = arrange([comment('5', '1'), comment('6', '5')]);
  assert.equal(drawn(threads), '5(6)');
  assert.deepEqual(threads[0].head.answers, { id: '1', name: 'Reader 1' });
});

test('when the parent is loaded the reply moves under it, with its own replies', () => {
  const threads = arrange([comment('1'), comment('5', '1'), comment('6', '5')]);
  assert.equal(drawn(threads), '1(5,6)');
  assert.equal(threads[0].replies[0].answers, null);
});

test('replies to a removed comment stand under one placeholder, in its place', () => {
  const orphan = { parentName: null };
  const threads = arrange([comment('4'), comment('5', '3', orphan), comment('6', '3', orphan)]);
  assert.equal(drawn(threads), '3(5,6) 4');
  assert.equal(threads[0].head.comment.removed, true);
  assert.equal(threads[0].replies[0].answers, null);
});

test('a removed comment without replies left disappears', () => {
  const removed = { _id: '1', parentId: null, removed: true, version: 2 };
  assert.equal(drawn(arrange([removed, { ...removed, _id: '2', parentId: '1' }])), '');
});

test('a removed reply that was answered says so without a name', () => {
  const removed = { _id: '2', parentId: '1', removed: true, version: 2 };
  const [thread] = arrange([comment('1'), removed, comment('3', '2', { parentName: null })]);
  assert.equal(drawn([thread]), '1(2,3)');
  assert.deepEqual(thread.replies[1].answers, { id: '2', name: null });
});

test('what waits to be sent stands where it will be', () => {
  const threads = arrange([comment('1'), comment('2', '1')], [entry('a'), entry('b', '2'), entry('c', '99')]);
  assert.equal(drawn(threads), '1(2,pending-b) pending-a pending-c');
  assert.deepEqual(threads[0].replies[1].answers, { id: '2', name: 'Reader 2' });
  assert.deepEqual(threads[2].head.answers, { id: '99', name: 'Reader 99' });
});

test('newest first turns the threads around, and not their replies', () => {
  const all = [comment('1'), comment('2', '1'), comment('3', '1'), comment('4')];
  assert.equal(drawn(arrange(all, [], { order: 'newest' })), '4 1(2,3)');
});

test('newest first, what is not sent yet comes on top', () => {
  assert.equal(drawn(arrange([comment('1')], [entry('a'), entry('b')], { order: 'newest' })), 'pending-b pending-a 1');
});

test('most reacted first, then the newest', () => {
  const all = [comment('1'), comment('2', null, { reactions: { '👍': 2, '❤️': 1 } }), comment('3')];
  assert.equal(drawn(arrange(all, [], { order: 'top' })), '2 3 1');
});

test('reactions that come later do not change the order', () => {
  const scores = new Map();
  const all = [comment('1'), comment('2', null, { reactions: { '👍': 1 } })];
  assert.equal(drawn(arrange(all, [], { order: 'top', scores })), '2 1');
  const later = [comment('1', null, { reactions: { '👍': 9 } }), all[1]];
  assert.equal(drawn(arrange(later, [], { order: 'top', scores })), '2 1');
  assert.equal(drawn(arrange(later, [], { order: 'top' })), '1 2');
});
