import assert from 'node:assert/strict';
import { test } from 'node:test';

import { commandFor } from '../../../static/js/desk/models/keys.js';
import { UndoStack } from '../../../static/js/desk/models/undo.js';

const name = (event, options) => commandFor(event, options)?.name ?? null;

test('each key has its command', () => {
  const commands = [...'jkfdbzu?/'].map((key) => name({ key }));
  assert.deepEqual(commands, ['next', 'previous', 'approve', 'reject', 'sanction', 'open', 'undo', 'help', 'search']);
  assert.deepEqual(commandFor({ key: '3' }), { name: 'queue', queue: 3 });
  assert.equal(commandFor({ key: '7' }).queue, 7);
  assert.equal(commandFor({ key: '8' }), null);
  assert.equal(commandFor({ key: '0' }), null);
});

test('a Korean keyboard has the same keys in the same places', () => {
  assert.equal(name({ key: 'ㅓ', code: 'KeyJ' }), 'next');
  assert.equal(name({ key: 'ㄹ', code: 'KeyF' }), 'approve');
});

test('a letter counts by what it is where the keyboard is Latin', () => {
  assert.equal(name({ key: 'j', code: 'KeyC' }), 'next');
  assert.equal(name({ key: 'F', code: 'KeyF' }), 'approve');
});

test('whoever is typing decides nothing, and gets out with Escape', () => {
  assert.equal(name({ key: 'f' }, { isTyping: true }), null);
  assert.equal(name({ key: 'Escape' }, { isTyping: true }), 'close');
});

test('keys of the browser are left to it', () => {
  for (const modifier of ['ctrlKey', 'metaKey', 'altKey']) assert.equal(name({ key: 'f', [modifier]: true }), null);
  assert.equal(name({ key: 'f', isComposing: true }), null);
});

test('a key that is held down walks, and decides once', () => {
  assert.equal(name({ key: 'j', repeat: true }), 'next');
  assert.equal(name({ key: 'f', repeat: true }), null);
});

function storage() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), kept };
}

test('the last decision is undone first, on the next page too', () => {
  const place = storage();
  const stack = new UndoStack({ storage: place, userId: '1' });
  stack.push({ decisionId: '5', commentId: '1', text: 'one' });
  stack.push({ decisionId: '6', commentId: '2', text: 'two' });
  const next = new UndoStack({ storage: place, userId: '1' });
  assert.equal(next.last.decisionId, '6');
  next.drop('6');
  assert.equal(next.last.decisionId, '5');
  assert.equal(new UndoStack({ storage: place, userId: '2' }).last, null);
});

test('what stands in the storage may be nonsense', () => {
  const place = storage();
  place.kept.set('desk-decisions-1', '{"a":');
  assert.equal(new UndoStack({ storage: place, userId: '1' }).last, null);
  const full = { getItem: () => null, setItem() { throw new Error('full'); } };
  const stack = new UndoStack({ storage: full, userId: '1' });
  stack.push({ decisionId: '5' });
  assert.equal(stack.last.decisionId, '5');
});
