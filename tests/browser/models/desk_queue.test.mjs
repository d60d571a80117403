import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Queue } from '../../../static/js/desk/models/queue.js';

const START = Date.parse('2026-01-01T12:00:00+09:00');

function item(id, more = {}) {
  return {
    id: String(id), seen: `published.0.${id}`, queues: ['reported'], postId: '1', reason: '', priority: 0,
    content: `Text ${id}`, createdAt: new Date(START + Number(id) * 1000).toISOString(), flags: [], decision: null,
    author: { id: '7', name: 'Omar', username: 'omar' }, appeal: null, ...more,
  };
}

function queueOf(ids, options = {}) {
  const changes = [];
  const queue = new Queue({
    name: 'reported', me: '1', items: ids.map((id) => item(id)), onChange: (change) => changes.push(change), ...options,
  });
  return { queue, changes };
}

const ids = (queue) => queue.items.map(({ id }) => id);

test('a new item comes to its place, and one of another queue does not come', () => {
  const { queue, changes } = queueOf([5, 3, 1]);
  queue.changed(item(4));
  queue.changed(item(6, { queues: ['pending'] }));
  assert.deepEqual(ids(queue), ['5', '4', '3', '1']);
  assert.deepEqual(changes.map(({ added }) => added), [['4']]);
});

test('the oldest first, new ones come last', () => {
  const { queue } = queueOf([1, 3], { order: 'oldest' });
  queue.changed(item(4));
  queue.changed(item(2));
  assert.deepEqual(ids(queue), ['1', '2', '3', '4']);
});

test('the most urgent first, whatever its age', () => {
  const { queue } = queueOf([], { order: 'priority' });
  for (const [id, priority] of [[1, 0], [2, 0], [3, 1.5], [4, 3]]) queue.changed(item(id, { priority }));
  assert.deepEqual(ids(queue), ['4', '3', '2', '1']);
});

test('what changes stays where it stands', () => {
  const { queue } = queueOf([], { order: 'priority' });
  for (const [id, priority] of [[1, 3], [2, 1]]) queue.changed(item(id, { priority }));
  queue.changed(item(2, { priority: 9, content: 'Reported once more' }));
  assert.deepEqual(ids(queue), ['1', '2']);
  assert.equal(queue.item('2').content, 'Reported once more');
});

test('an item beyond the last one that is here waits for its page', () => {
  const { queue } = queueOf([5, 4], { cursor: 'more' });
  queue.changed(item(3));
  assert.deepEqual(ids(queue), ['5', '4']);
  queue.append([item(4), item(3), item(2)], null);
  assert.deepEqual(ids(queue), ['5', '4', '3', '2']);
});

test('on a later page nothing is inserted', () => {
  const { queue } = queueOf([5, 4], { isFirstPage: false });
  queue.changed(item(9));
  assert.deepEqual(ids(queue), ['5', '4']);
});

test('filters hold for what comes', () => {
  const filters = { postId: '1', authorId: '7', search: 'TEXT', until: item(50).createdAt };
  const { queue } = queueOf([], { filters });
  queue.changed(item(1));
  queue.changed(item(2, { postId: '2' }));
  queue.changed(item(3, { author: { id: '8', name: 'Sue', username: 'sue' } }));
  queue.changed(item(4, { content: 'Something else' }));
  queue.changed(item(60));
  assert.deepEqual(ids(queue), ['1']);
});

test('in Reported a reason is that of a flag, elsewhere that of the decision', () => {
  const filters = { reason: 'spam' };
  const reported = queueOf([], { filters }).queue;
  reported.changed(item(1, { flags: [{ reason: 'hate' }, { reason: 'spam' }] }));
  reported.changed(item(2, { reason: 'spam' }));
  assert.deepEqual(ids(reported), ['1']);
  const rejected = queueOf([], { filters, name: 'rejected' }).queue;
  rejected.changed(item(3, { reason: 'spam', queues: ['rejected'] }));
  assert.deepEqual(ids(rejected), ['3']);
});

test('what leaves the filters leaves the page', () => {
  const { queue } = queueOf([1], { filters: { search: 'text' } });
  queue.changed(item(1, { content: 'Edited' }));
  assert.deepEqual(ids(queue), []);
});

test('steps end at the first and at the last', () => {
  const { queue } = queueOf([3, 2, 1]);
  queue.step(1);
  assert.equal(queue.selectedId, '3');
  queue.step(-1);
  assert.equal(queue.selectedId, '3');
  for (let n = 0; n < 5; n += 1) queue.step(1);
  assert.equal(queue.selectedId, '1');
});

test('a decision takes its item away at once and selects the next one', () => {
  const { queue } = queueOf([3, 2, 1]);
  queue.select('2');
  queue.decide('2');
  assert.deepEqual(ids(queue), ['3', '1']);
  assert.equal(queue.selectedId, '1');
  queue.settled('2');
  queue.decide('1');
  assert.equal(queue.selectedId, '3');
});

test('a refusal brings the item back to its place, selected, with the reason', () => {
  const { queue } = queueOf([3, 2, 1]);
  queue.select('2');
  queue.decide('2');
  queue.refused('2', 'It has changed.');
  assert.deepEqual(ids(queue), ['3', '2', '1']);
  assert.equal(queue.selectedId, '2');
  assert.equal(queue.problem('2'), 'It has changed.');
});

test('a refused item that left meanwhile does not come back', () => {
  const { queue } = queueOf([3, 2]);
  queue.decide('2');
  queue.gone({ id: '2', by: 'Mo', byId: '9', verdict: 'spam' });
  queue.refused('2', 'Mo was first.');
  assert.deepEqual(ids(queue), ['3']);
});

test('what was read before a decision and arrives after it changes nothing; an undo does', () => {
  let now = 0;
  const { queue } = queueOf([2, 1], { now: () => now });
  queue.decide('1');
  queue.settled('1');
  queue.changed(item(1));
  assert.deepEqual(ids(queue), ['2']);
  queue.undone('1');
  queue.changed(item(1));
  assert.deepEqual(ids(queue), ['2', '1']);
  queue.decide('1');
  queue.settled('1');
  now = 10_000; // somebody else undid it
  queue.changed(item(1));
  assert.deepEqual(ids(queue), ['2', '1']);
});

test('what somebody else decided leaves, and is told by whom', () => {
  const { queue, changes } = queueOf([2, 1]);
  queue.select('2');
  queue.gone({ id: '2', by: 'Mo', byId: '9', verdict: 'spam' });
  assert.deepEqual(ids(queue), ['1']);
  assert.equal(queue.selectedId, '1');
  assert.equal(changes.at(-1).removed[0].by, 'Mo');
});

test('an item that somebody writes about stays until they are done', () => {
  const { queue } = queueOf([2, 1]);
  queue.hold('2');
  queue.gone({ id: '2', by: 'Mo', byId: '9', verdict: 'spam' });
  assert.deepEqual(ids(queue), ['2', '1']);
  assert.equal(queue.goneBy('2').by, 'Mo');
  queue.hold(null);
  assert.deepEqual(ids(queue), ['1']);
});

test('the first page read anew takes out what is gone and keeps what lies beyond', () => {
  const { queue } = queueOf([6, 5, 4, 3, 2], { cursor: 'old' });
  queue.select('5');
  queue.load([item(7), item(6), item(4)], 'new');
  assert.deepEqual(ids(queue), ['7', '6', '4', '3', '2']);
  assert.equal(queue.selectedId, '4');
  assert.equal(queue.cursor, 'old');
  queue.load([item(7)], null);
  assert.deepEqual(ids(queue), ['7']);
});

test('one does not see oneself looking', () => {
  const { queue } = queueOf([1]);
  queue.looking('1', [{ id: '1', name: 'Me' }, { id: '2', name: 'Mo' }]);
  assert.deepEqual(queue.lookers('1').map(({ name }) => name), ['Mo']);
  queue.lookingAll({});
  assert.deepEqual(queue.lookers('1'), []);
});

test('a page that is never left does not grow without end', () => {
  const { queue } = queueOf([]);
  for (let id = 1; id <= 400; id += 1) queue.changed(item(id));
  assert.equal(queue.items.length, 300);
  assert.equal(queue.items[0].id, '400');
  assert.equal(queue.cursor, '');
});
