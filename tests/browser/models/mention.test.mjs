import assert from 'node:assert/strict';
import { test } from 'node:test';

import { completed, mentionAt } from '../../../static/js/models/mention.js';

const begun = (text, caret = text.length) => mentionAt(text, caret)?.prefix ?? null;

test('a name is being typed behind an @ that begins a word', () => {
  assert.equal(begun('Thanks @om'), 'om');
  assert.equal(begun('@'), '');
  assert.equal(begun('(@minsu.kim'), 'minsu.kim');
  assert.equal(begun('고마워요 @민'), '민');
  assert.equal(begun('@ㅁ'), 'ㅁ');
});

test('no name is being typed elsewhere', () => {
  for (const text of ['', 'mail@om', '@@om', '@om ', 'x/@om', `@${'o'.repeat(61)}`]) assert.equal(begun(text), null);
  assert.equal(begun('Thanks @omar', 3), null);
});

test('the whole name takes its place, and the caret stands behind one space', () => {
  const text = 'Thanks @om, really';
  const done = completed(text, mentionAt(text, 10), 10, 'omar');
  assert.deepEqual(done, { text: 'Thanks @omar , really', caret: 13 });
  assert.deepEqual(completed('@om and', mentionAt('@om and', 3), 3, 'omar'), { text: '@omar and', caret: 6 });
});
