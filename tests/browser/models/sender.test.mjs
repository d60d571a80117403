import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { NoAnswer, Refusal } from '../../../static/js/connection.js';
import { Outbox } from '../../../static/js/models/outbox.js';
import { Sender } from '../../../static/js/sender.js';

mock.timers.enable({ apis: ['setTimeout'] });

// Answers are given in turn; an Error is thrown. Everything asked for is in `asked`.
function setUp({ answers = [], locks = null, contents = ['first'] } = {}) {
  const values = new Map();
  const storage = {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
  };
  const outbox = new Outbox({ storage, userId: '7', postId: '1', now: () => 0 });
  for (const content of contents) outbox.add({ clientId: content, content });
  const asked = [];
  const sender = new Sender({
    outbox,
    locks,
    request: async (event, { content }) => {
      asked.push(content);
      const answer = answers.shift() ?? { ok: true, comment: { _id: String(asked.length) } };
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onConfirmed: (entry) => outbox.remove(entry.clientId),
  });
  return { outbox, sender, asked };
}

// Lets every promise that can go on do so.
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('nothing is sent without a connection', async () => {
  const { sender, asked } = setUp();
  await sender.flush();
  assert.deepEqual(asked, []);
});

test('what waited is sent in its order when the connection is there', async () => {
  const { outbox, sender, asked } = setUp({ contents: ['first', 'second', 'third'] });
  sender.open(true);
  await settle();
  assert.deepEqual(asked, ['first', 'second', 'third']);
  assert.deepEqual(outbox.entries(), []);
});

test('without an answer it is tried again, later and later', async () => {
  const { outbox, sender, asked } = setUp({ answers: [new NoAnswer(), new NoAnswer()] });
  sender.open(true);
  await settle();
  assert.equal(outbox.waiting().length, 1);
  mock.timers.tick(1000);
  await settle();
  mock.timers.tick(1999);
  await settle();
  assert.equal(asked.length, 2);
  mock.timers.tick(1);
  await settle();
  assert.deepEqual(asked, ['first', 'first', 'first']);
  assert.deepEqual(outbox.entries(), []);
});

test('a passing refusal waits as long as the server says', async () => {
  const { sender, asked } = setUp({ answers: [new Refusal({ code: 'rate_limited', message: '', retryAfter: 5 })] });
  sender.open(true);
  await settle();
  mock.timers.tick(4999);
  await settle();
  assert.equal(asked.length, 1);
  mock.timers.tick(1);
  await settle();
  assert.equal(asked.length, 2);
});

test('any other refusal is final: it keeps the text, says why, and does not hold up the next', async () => {
  const refusal = new Refusal({ code: 'invalid', message: 'No.' });
  const { outbox, sender, asked } = setUp({ answers: [refusal], contents: ['first', 'second'] });
  sender.open(true);
  await settle();
  assert.deepEqual(asked, ['first', 'second']);
  assert.deepEqual(outbox.entries().map(({ state, error }) => [state, error.message]), [['failed', 'No.']]);
});

test('whoever was logged out finds it waiting after the next login', async () => {
  const { outbox, sender } = setUp({ answers: [new Refusal({ code: 'sign_in', message: 'Please log in.' })] });
  sender.open(true);
  await settle();
  assert.equal(outbox.waiting().length, 1);
});

test('an entry that another tab is sending is left to it', async () => {
  const locks = { request: (name, options, work) => Promise.resolve(work(null)) };
  const { sender, asked } = setUp({ locks });
  sender.open(true);
  await settle();
  assert.deepEqual(asked, []);
});
