import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { NoAnswer, Refusal } from '../../../static/js/postroom/connection.js';
import { Outbox } from '../../../static/js/models/outbox.js';
import { Sender } from '../../../static/js/sender.js';

mock.timers.enable({ apis: ['setTimeout'] });

// Answers are given in turn; an Error is thrown. Everything asked for is in `asked`.
function setUp({ answers = [], locks = null, contents = ['first'] } = {}) {
  const outbox = new Outbox({ storage: null, userId: '7', postId: '1', now: () => 0 });
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

// Thirty in any minute, as the server counts them; what it is asked, and when, in seconds.
function strictServer(clock) {
  const asked = [];
  const taken = [];
  const request = async (event, { content }) => {
    const recent = taken.filter(({ at }) => at > clock.now - 60_000);
    const isRefused = recent.length >= 30;
    asked.push({ content, isRefused, second: clock.now / 1000 });
    if (isRefused) {
      const retryAfter = Math.max(1, Math.round((recent[0].at + 60_000 - clock.now) / 1000));
      throw new Refusal({ code: 'rate_limited', message: '', retryAfter });
    }
    taken.push({ at: clock.now, content });
    return { ok: true, comment: {} };
  };
  return { asked, taken, request };
}

test('a full outbox goes out by itself, in order and as slowly as it is told', async () => {
  const clock = { now: 0 };
  const { asked, taken, request } = strictServer(clock);
  const outbox = new Outbox({ storage: null, userId: '7', postId: '1', now: () => clock.now });
  const written = Array.from({ length: 50 }, (_, number) => `number ${number}`);
  for (const content of written) outbox.add({ clientId: content, content });
  const pauses = [];
  const failed = [];
  const sender = new Sender({
    outbox,
    request,
    locks: null,
    now: () => clock.now,
    onConfirmed: (entry) => outbox.remove(entry.clientId),
    onRefused: (entry) => failed.push(entry),
    onPause: (seconds) => pauses.push(seconds),
  });
  sender.open(true);
  for (let second = 1; second <= 70; second += 1) {
    await settle();
    clock.now += 1000;
    mock.timers.tick(1000);
    // The reader writes on, another tab stirs, the network flickers: none of it makes us ask early.
    if (second === 10) {
      outbox.add({ clientId: 'meanwhile', content: 'meanwhile' });
      sender.flush();
    }
    if (second === 20) sender.open(false);
    if (second === 21) sender.open(true);
    assert.ok(outbox.entries().every(({ state }) => state === 'waiting'));
  }
  await settle();
  assert.deepEqual(taken.map(({ content }) => content), [...written, 'meanwhile']);
  assert.deepEqual(asked.filter(({ isRefused }) => isRefused).map(({ second }) => second), [0]);
  assert.deepEqual(pauses, [60]);
  assert.deepEqual([outbox.entries(), failed], [[], []]);
});

test('being told to wait again and again does not make the waits longer', async () => {
  const told = () => new Refusal({ code: 'rate_limited', message: '', retryAfter: 1 });
  const { sender, asked } = setUp({ answers: [told(), told(), told(), told()] });
  sender.open(true);
  for (let turn = 1; turn <= 5; turn += 1) {
    await settle();
    assert.equal(asked.length, turn);
    mock.timers.tick(1000);
  }
});

test('a text that a rule rejects stays, with what was decided', async () => {
  const decision = { commentId: '5', decisionId: '9', reason: 'banned_word', explanation: '', canAppeal: true };
  const refusal = new Refusal({ code: 'rejected', message: 'No.', ...decision });
  const { outbox, sender } = setUp({ answers: [refusal] });
  sender.open(true);
  await settle();
  const [entry] = outbox.entries();
  assert.deepEqual([entry.state, entry.commentId, entry.error.decision], ['failed', '5', decision]);
});
