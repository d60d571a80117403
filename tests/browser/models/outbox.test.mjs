import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Outbox } from '../../../static/js/models/outbox.js';

const DAY = 24 * 60 * 60 * 1000;

class Storage {
  #values = new Map();
  getItem(key) { return this.#values.get(key) ?? null; }
  setItem(key, value) { this.#values.set(key, value); }
  removeItem(key) { this.#values.delete(key); }
  get size() { return this.#values.size; }
}

function outboxOf(userId, storage = new Storage(), now = () => 0) {
  return new Outbox({ storage, userId, postId: '1', now });
}

test('an entry waits until it is confirmed', () => {
  const storage = new Storage();
  const outbox = outboxOf('7', storage);
  outbox.add({ clientId: 'a', content: 'hello', parentId: '3', parentName: 'Kim' });
  assert.deepEqual(outbox.waiting().map(({ clientId, parentId }) => [clientId, parentId]), [['a', '3']]);
  outbox.remove('a');
  assert.deepEqual(outbox.entries(), []);
  assert.equal(storage.size, 0);
});

test('it survives the page', () => {
  const storage = new Storage();
  outboxOf('7', storage).add({ clientId: 'a', content: 'hello' });
  assert.equal(outboxOf('7', storage).entry('a').content, 'hello');
});

test('another reader of the same browser does not see it', () => {
  const storage = new Storage();
  outboxOf('7', storage).add({ clientId: 'a', content: 'hello' });
  assert.deepEqual(outboxOf('8', storage).entries(), []);
});

test('what was refused keeps its text and its reason until it is tried again', () => {
  const outbox = outboxOf('7');
  outbox.add({ clientId: 'a', content: 'hello' });
  outbox.fail('a', { code: 'closed', message: 'Closed.' });
  assert.deepEqual(outbox.waiting(), []);
  assert.deepEqual(outbox.entry('a').error, { code: 'closed', message: 'Closed.' });
  outbox.retry('a');
  assert.equal(outbox.waiting()[0].content, 'hello');
  assert.equal(outbox.entry('a').error, null);
});

test('a held comment leaves when it is published', () => {
  const outbox = outboxOf('7');
  outbox.add({ clientId: 'a', content: 'hello' });
  outbox.hold('a', '55');
  assert.deepEqual(outbox.waiting(), []);
  outbox.published('54');
  assert.equal(outbox.entries().length, 1);
  outbox.published('55');
  assert.deepEqual(outbox.entries(), []);
});

test('what was forgotten for long asks before it is sent', () => {
  let now = 0;
  const outbox = outboxOf('7', new Storage(), () => now);
  outbox.add({ clientId: 'a', content: 'hello' });
  now = 2 * DAY;
  outbox.age('Never sent.');
  assert.deepEqual(outbox.waiting(), []);
  assert.equal(outbox.entry('a').error.message, 'Never sent.');
  outbox.retry('a');
  outbox.age('Never sent.');
  assert.equal(outbox.waiting().length, 1);
});

test('every change is told', () => {
  let told = 0;
  const outbox = new Outbox({ storage: new Storage(), userId: '7', postId: '1', onChange: () => (told += 1) });
  outbox.add({ clientId: 'a', content: 'hello' });
  outbox.fail('a', { code: 'closed', message: '' });
  outbox.remove('a');
  assert.equal(told, 3);
});

test('a full or forbidden storage loses nothing while the page is open', () => {
  const full = { getItem: () => null, setItem: () => { throw new Error('full'); }, removeItem: () => {} };
  for (const storage of [full, null]) {
    const outbox = outboxOf('7', storage);
    outbox.add({ clientId: 'a', content: 'hello' });
    outbox.add({ clientId: 'b', content: 'again' });
    assert.deepEqual(outbox.waiting().map(({ clientId }) => clientId), ['a', 'b']);
    outbox.remove('a');
    assert.deepEqual(outbox.waiting().map(({ clientId }) => clientId), ['b']);
  }
});

test('what somebody else put into the storage does no harm', () => {
  for (const value of ['{', 'null', '{}', '[1, null, {"clientId": 3}]']) {
    const storage = new Storage();
    storage.setItem('postroom.outbox.7.1', value);
    assert.deepEqual(outboxOf('7', storage).entries(), []);
  }
});
