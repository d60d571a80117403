import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Reactions } from '../../../static/js/models/reactions.js';

const OFFERED = ['👍', '🎉'];
const comment = (reactions = {}, version = 1) => ({ _id: '1', reactions, version });
const counts = (model, shown) => model.shown(shown).map(({ emoji, count, isOwn }) => [emoji, count, isOwn]);

test('counts stand in the order of the site, what it offered once behind', () => {
  const model = new Reactions({ offered: OFFERED });
  assert.deepEqual(counts(model, comment({ '🦖': 1, '🎉': 2, '👍': 3 })), [
    ['👍', 3, false], ['🎉', 2, false], ['🦖', 1, false],
  ]);
});

test('a wish shows at once, and its going as well', () => {
  const model = new Reactions({ offered: OFFERED });
  model.toggle(comment({ '👍': 2 }), '👍');
  assert.deepEqual(counts(model, comment({ '👍': 2 })), [['👍', 3, true]]);
  assert.equal(model.wanted('1', '👍'), true);
  model.toggle(comment({ '👍': 2 }), '👍');
  assert.deepEqual(counts(model, comment({ '👍': 2 })), [['👍', 2, false]]);
});

test('what the room says while a wish is under way is not counted twice', () => {
  const model = new Reactions({ offered: OFFERED });
  model.toggle(comment({}), '👍');
  assert.deepEqual(counts(model, comment({ '👍': 1 }, 2)), [['👍', 1, true]]);
  model.settle('1', '👍', true, ['👍'], 2);
  assert.deepEqual(counts(model, comment({ '👍': 1 }, 2)), [['👍', 1, true]]);
  assert.equal(model.wanted('1', '👍'), null);
});

test('one who takes the only one back sees none left', () => {
  const model = new Reactions({ offered: OFFERED });
  model.load([comment()], { 1: ['👍'] });
  model.toggle(comment({ '👍': 1 }), '👍');
  assert.deepEqual(counts(model, comment({ '👍': 1 })), []);
  model.settle('1', '👍', false, [], 2);
  assert.deepEqual(counts(model, comment({}, 2)), []);
});

test('a wish that changes while the server answers is asked for again', () => {
  const model = new Reactions({ offered: OFFERED });
  model.toggle(comment(), '👍');
  model.toggle(comment(), '👍');
  model.settle('1', '👍', true, ['👍'], 2);
  assert.equal(model.wanted('1', '👍'), false);
  assert.deepEqual(counts(model, comment({ '👍': 1 }, 2)), []);
});

test('a wish that is refused is as if it had not been', () => {
  const model = new Reactions({ offered: OFFERED });
  model.toggle(comment({ '👍': 4 }), '👍');
  model.fail('1', '👍');
  assert.deepEqual(counts(model, comment({ '👍': 4 })), [['👍', 4, false]]);
});

test('what one loads says all of what is one\'s own there', () => {
  const model = new Reactions({ offered: OFFERED });
  model.set('1', ['👍']);
  model.load([comment()], {});
  assert.equal(model.isOwn('1', '👍'), false);
});
