import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OwnComments } from '../../../static/js/models/own_comments.js';
import { arrange } from '../../../static/js/models/threads.js';

const written = (id, { parentId = null, status = 'published' } = {}) => ({
  _id: id, parentId, parentName: null, author: { name: 'Omar' }, version: status === 'pending' ? 0 : Number(id), status,
});
const held = (id, more) => written(id, { status: 'pending', ...more });
const gone = (id) => ({ _id: id, parentId: null, parentName: null, version: 9, removed: true });
const decided = (commentId, more = {}) => ({
  commentId, decisionId: `d${commentId}`, status: 'rejected', reason: 'hate', explanation: '', canAppeal: true, ...more,
});
const keys = (comments) => arrange(comments).flatMap(({ head, replies }) => [head, ...replies]).map(({ key }) => key);

test('a held comment stands in its place, between what others wrote', () => {
  const own = new OwnComments({ held: [held('2')] });
  const shown = own.among([written('1'), written('3')]);
  assert.deepEqual(keys(shown), ['1', '2', '3']);
  assert.equal(shown.find(({ _id }) => _id === '2').isHeld, true);
});

test('one that is published is the room\'s, whatever we still believe', () => {
  const own = new OwnComments({ held: [held('2')], decided: [decided('3')] });
  assert.deepEqual(own.among([written('2'), written('3')]), [written('2'), written('3')]);
});

test('a decision holds the place of its comment, replies or none', () => {
  const own = new OwnComments();
  assert.equal(own.decide(decided('2')), 'rejected');
  assert.deepEqual(keys(own.among([written('1'), gone('2'), written('3')])), ['1', '2', '3']);
  assert.deepEqual(keys(own.among([written('1'), written('3', { parentId: '2' })])), ['1', '2', '3']);
  assert.deepEqual(keys(own.among([written('1')])), ['1', '2']);
  assert.deepEqual(keys([written('1'), gone('2')]), ['1']);
});

test('a held reply that is rejected keeps its place and nothing else', () => {
  const own = new OwnComments({ held: [held('2', { parentId: '1' })] });
  own.decide(decided('2'));
  const place = own.among([written('1')]).find(({ _id }) => _id === '2');
  assert.deepEqual([place.parentId, place.removed, 'author' in place], ['1', true, false]);
  assert.deepEqual(own.heldIds, []);
});

test('what is let through, or held again, waits no more and has no decision', () => {
  const own = new OwnComments({ held: [held('1')], decided: [decided('2')] });
  assert.equal(own.decide(decided('1', { status: 'published' })), 'published');
  assert.equal(own.decide(decided('2', { status: 'pending' })), 'held');
  assert.deepEqual(own.among([]), []);
});

test('an appeal is noted, and its answer', () => {
  const own = new OwnComments({ decided: [decided('1')] });
  assert.equal(own.isWaiting, false);
  own.appealed('d1');
  assert.deepEqual([own.decision('1').canAppeal, own.decision('1').appeal.accepted, own.isWaiting], [false, null, true]);
  own.answered({ decisionId: 'd1', accepted: false, explanation: 'It stays.' });
  assert.deepEqual(own.decision('1').appeal, { accepted: false, explanation: 'It stays.' });
  assert.equal(own.isWaiting, false);
});

test('what a rule rejected is told with the entry that has the text, and not a second time', () => {
  const own = new OwnComments();
  own.rejected(decided('1'));
  assert.deepEqual(own.among([]), []);
  assert.equal(own.decision('1').canAppeal, true);
  own.appealed('d1');
  own.load({ held: [], decided: [decided('1', { canAppeal: false, appeal: { accepted: false, explanation: '' } })] });
  assert.equal(own.decision('1').appeal.accepted, false);
  assert.deepEqual(own.among([], new Set(['1'])), []);
  assert.equal(own.among([]).length, 1);
});

test('the server\'s whole answer counts', () => {
  const own = new OwnComments({ held: [held('1')], decided: [decided('2')] });
  own.load({ held: [held('3')], decided: [decided('1')] });
  assert.deepEqual([own.heldIds, own.decision('2'), own.decision('1').reason], [['3'], null, 'hate']);
});

test('each change is told once, and none where nothing was known', () => {
  let changes = 0;
  const own = new OwnComments({ onChange: () => { changes += 1; } });
  own.release('1');
  own.answered({ decisionId: 'unknown', accepted: false, explanation: '' });
  assert.equal(changes, 0);
  own.hold(held('1'));
  own.release('1');
  assert.equal(changes, 2);
});
