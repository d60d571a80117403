import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Outbox } from '../../../static/js/models/outbox.js';

const DAY = 24 * 60 * 60 * 1000;

// As a browser with several processes has it: each tab writes into a copy of its own at once, and hears of
// the others' writes, in the order in which all were made, when it `hears`. A key that it has written to
// itself meanwhile is its own until its write has come round.
class Disk {
  log = [];
  tab() { return new Storage(this); }
}

class Storage {
  #disk;
  #values = new Map();
  #heard = 0;
  isFull = false;

  constructor(disk = new Disk()) {
    this.#disk = disk;
  }

  get length() { return this.#values.size; }
  key(index) { return [...this.#values.keys()][index] ?? null; }
  getItem(key) { return this.#values.get(key) ?? null; }
  setItem(key, value) {
    if (this.isFull) throw new Error('full');
    this.#write(key, value);
  }
  removeItem(key) { this.#write(key, null); }
  clear() { for (const key of [...this.#values.keys()]) this.removeItem(key); }

  hear() {
    const news = this.#disk.log.slice(this.#heard);
    const own = new Set(news.filter(({ writer }) => writer === this).map(({ key }) => key));
    const last = new Map(news.map(({ key, value }) => [key, value]));
    for (const { key, value, writer } of news) if (writer !== this && !own.has(key)) this.#set(key, value);
    for (const key of own) this.#set(key, last.get(key));
    this.#heard = this.#disk.log.length;
  }

  #write(key, value) {
    this.#disk.log.push({ key, value, writer: this });
    this.#set(key, value);
  }

  #set(key, value) {
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
  }
}

const ids = (outbox) => outbox.entries().map(({ clientId }) => clientId);

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
  outbox.published(['54']);
  assert.equal(outbox.entries().length, 1);
  outbox.published(['54', '55']);
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

test('entries keep the order in which they were written, whatever the clock does', () => {
  let now = 5000;
  const storage = new Storage();
  const outbox = outboxOf('7', storage, () => now);
  outbox.add({ clientId: 'c', content: '1' });
  outbox.add({ clientId: 'b', content: '2' });
  now = 10;
  outboxOf('7', storage, () => now).add({ clientId: 'a', content: '3' });
  outbox.fail('c', { code: 'closed', message: '' });
  outbox.retry('c');
  assert.deepEqual(ids(outbox), ['c', 'b', 'a']);
});

test('a full or forbidden storage loses nothing while the page is open', () => {
  const full = new Storage();
  full.isFull = true;
  const forbidden = new Proxy({}, { get() { throw new Error('forbidden'); } });
  for (const storage of [full, forbidden, null]) {
    const outbox = outboxOf('7', storage);
    outbox.add({ clientId: 'a', content: 'hello' });
    outbox.add({ clientId: 'b', content: 'again' });
    assert.deepEqual(outbox.waiting().map(({ clientId }) => clientId), ['a', 'b']);
    outbox.remove('a');
    outbox.fail('b', { code: 'closed', message: '' });
    outbox.age('Never sent.');
    assert.deepEqual(outbox.entries().map(({ clientId, state }) => [clientId, state]), [['b', 'failed']]);
  }
});

test('what a full storage did not take is stored as soon as there is room, in its newest form', () => {
  const storage = new Storage();
  const outbox = outboxOf('7', storage);
  outbox.add({ clientId: 'a', content: 'stored' });
  storage.isFull = true;
  outbox.add({ clientId: 'b', content: 'not stored' });
  outbox.fail('a', { code: 'closed', message: '' });
  assert.deepEqual(ids(outboxOf('7', storage)), ['a']);
  storage.isFull = false;
  outbox.entries();
  const states = outboxOf('7', storage).entries().map(({ clientId, state }) => [clientId, state]);
  assert.deepEqual(states, [['a', 'failed'], ['b', 'waiting']]);
});

test('what vanished from the storage without having been removed is written again', () => {
  const storage = new Storage();
  const outbox = outboxOf('7', storage);
  outbox.add({ clientId: 'a', content: 'hello' });
  outbox.add({ clientId: 'b', content: 'gone for good' });
  outbox.remove('b');
  storage.clear();
  assert.deepEqual(ids(outbox), ['a']);
  assert.deepEqual(ids(outboxOf('7', storage)), ['a']);
});

test('two tabs that write at the same time lose nothing', () => {
  const disk = new Disk();
  const [here, there] = [disk.tab(), disk.tab()];
  const [mine, yours] = [outboxOf('7', here), outboxOf('7', there)];
  mine.add({ clientId: 'a', content: 'one' });
  yours.add({ clientId: 'b', content: 'two' });
  mine.add({ clientId: 'c', content: 'three' });
  for (const tab of [here, there]) tab.hear();
  assert.deepEqual(ids(mine), ['a', 'b', 'c']);
  assert.deepEqual(ids(yours), ['a', 'b', 'c']);
  mine.remove('a');
  yours.add({ clientId: 'd', content: 'four' });
  mine.remove('c');
  for (const tab of [here, there]) tab.hear();
  assert.deepEqual(ids(mine), ['b', 'd']);
  assert.deepEqual(ids(yours), ['b', 'd']);
});

test('what one tab removed stays away, whatever a tab that has not heard of it does', () => {
  const refusal = { code: 'not_found', message: '' };
  const late = {
    fails: (outbox) => outbox.fail('a', refusal),
    holds: (outbox) => outbox.hold('a', '55'),
    retries: (outbox) => outbox.retry('a'),
    'is opened later': (outbox) => outbox.age('Never sent.'),
  };
  for (const [name, act] of Object.entries(late)) {
    const disk = new Disk();
    const [here, there] = [disk.tab(), disk.tab()];
    const mine = outboxOf('7', here);
    const yours = outboxOf('7', there, () => (name === 'is opened later' ? 2 * DAY : 0));
    mine.add({ clientId: 'a', content: 'hello' });
    there.hear();
    assert.deepEqual(ids(yours), ['a'], name);
    mine.remove('a');
    act(yours);
    for (const tab of [here, there]) tab.hear();
    const fresh = disk.tab();
    fresh.hear();
    assert.deepEqual([mine, yours, outboxOf('7', fresh)].map(ids), [[], [], []], name);
  }
});

test('the mark of a removal is gone after a day, whoever opens a page', () => {
  let now = 0;
  const storage = new Storage();
  const outbox = outboxOf('7', storage, () => now);
  outbox.add({ clientId: 'a', content: 'hello' });
  outbox.remove('a');
  now = DAY - 1;
  outboxOf('8', storage, () => now).age('');
  assert.equal(storage.length, 1);
  now = DAY;
  outboxOf('8', storage, () => now).age('');
  assert.equal(storage.length, 0);
});

test('it says which changes of the storage concern it', () => {
  const disk = new Disk();
  const storage = disk.tab();
  const outbox = outboxOf('7', storage);
  outbox.add({ clientId: 'a', content: 'hello' });
  outbox.remove('a');
  assert.ok(disk.log.length > 0);
  assert.ok(disk.log.every(({ key }) => outbox.concerns(key) && !outboxOf('77', storage).concerns(key)));
  assert.ok(outbox.concerns(null));
  assert.ok(!outbox.concerns('postroom.draft.7.1'));
});

test('what somebody else put into the storage does no harm', () => {
  const entry = { clientId: 'b', content: 'another key', position: 1 };
  for (const value of ['{', 'null', '{}', '[1, null, {"clientId": 3}]', JSON.stringify(entry)]) {
    const storage = new Storage();
    storage.setItem('postroom.outbox.7.1.a', value);
    storage.setItem('postroom.outbox.7.1', value);
    storage.setItem('postroom.outbox.7.1.x.removed', value);
    const outbox = outboxOf('7', storage);
    outbox.age('');
    assert.deepEqual(outbox.entries(), []);
  }
});

test('what a rule rejected keeps its text and what was decided, and goes when it is published after all', () => {
  const outbox = outboxOf('7');
  outbox.add({ clientId: 'a', content: 'one' });
  const decision = { commentId: '5', decisionId: '9', reason: 'banned_word' };
  outbox.reject('a', { code: 'rejected', message: 'No.', decision });
  const { content, state, commentId, error } = outbox.entry('a');
  assert.deepEqual([content, state, commentId, error.decision], ['one', 'failed', '5', decision]);
  outbox.heldAre([]);
  outbox.heldNoMore('5');
  assert.deepEqual(ids(outbox), ['a']);
  outbox.published(['5']);
  assert.deepEqual(ids(outbox), []);
});

test('of what is held no more no text is kept', () => {
  const outbox = outboxOf('7');
  for (const clientId of ['a', 'b', 'c']) {
    outbox.add({ clientId, content: clientId });
    outbox.hold(clientId, `comment ${clientId}`);
  }
  outbox.heldNoMore('comment a');
  assert.deepEqual(ids(outbox), ['b', 'c']);
  outbox.heldAre(['comment c']);
  assert.deepEqual(ids(outbox), ['c']);
});
