import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrivateCount } from '../../../static/js/chat/views/private_count.js';

// A connection whose answers wait until they are given.
function page(options = {}) {
  const handlers = {};
  const asked = [];
  const root = { textContent: '0', hidden: true };
  const connection = {
    on: (event, handler) => { handlers[event] = handler; },
    onState: (handler) => { handlers.state = handler; },
    request: (event) => new Promise((answer) => asked.push({ event, answer })),
  };
  new PrivateCount({ root, connection, userId: '1', ...options });
  const answered = async (number, unread) => {
    asked[number].answer({ unread });
    await new Promise((done) => { setTimeout(done); });
  };
  return { handlers, asked, root, answered };
}

test('what is unread is asked whenever the connection is there again', async () => {
  const { handlers, asked, root, answered } = page();
  handlers.state('connecting');
  assert.equal(asked.length, 0);
  handlers.state('online');
  await answered(0, 3);
  assert.deepEqual([asked[0].event, root.textContent, root.hidden], ['get_unread', '3', false]);
});

test('an answer that was overtaken by a message is not shown, and asked again', async () => {
  const { handlers, asked, root, answered } = page();
  handlers.state('online');
  handlers.private_message({ from: { userId: '2' } });
  await answered(0, 0);
  assert.equal(root.textContent, '1');
  await answered(1, 1);
  assert.deepEqual([asked.length, root.textContent, root.hidden], [2, '1', false]);
});

test('nor is one that was overtaken by what was read in another tab', async () => {
  const { handlers, asked, root, answered } = page();
  handlers.state('online');
  handlers.conversation_read({ unread: 0 });
  await answered(0, 2);
  assert.equal(root.hidden, true);
  await answered(1, 0);
  assert.deepEqual([asked.length, root.hidden], [2, true]);
});

test('what is taken back before it was read counts no more', () => {
  const { handlers, root } = page();
  handlers.private_message({ from: { userId: '2' } });
  handlers.private_message({ from: { userId: '2' } });
  handlers.private_message_removed({ _id: '8', userId: '2', wasUnread: true });
  assert.equal(root.textContent, '1');
  handlers.private_message_removed({ _id: '7', userId: '2', takenBack: { _id: '7' } });
  assert.equal(root.textContent, '1');
  handlers.private_message_removed({ _id: '9', userId: '2', wasUnread: true });
  assert.equal(root.hidden, true);
});

test('in the conversation that is open only the server knows what was counted', async () => {
  const { handlers, asked, root, answered } = page({ open: '2' });
  handlers.private_message({ from: { userId: '3' } });
  handlers.private_message({ from: { userId: '2' } });
  assert.equal(root.textContent, '1');
  handlers.conversation_read({ userId: '3', unread: 1 });
  handlers.private_message_removed({ _id: '8', userId: '2', wasUnread: true });
  assert.equal(root.textContent, '1');
  await answered(0, 0);
  assert.deepEqual([asked.length, root.hidden], [1, true]);
});

test('an answer that was overtaken by what is taken back is asked again', async () => {
  const { handlers, root, answered } = page();
  handlers.state('online');
  handlers.private_message_removed({ _id: '8', userId: '2', wasUnread: true });
  await answered(0, 1);
  assert.equal(root.hidden, true);
  await answered(1, 0);
  assert.equal(root.hidden, true);
});

test('however much is taken back there, one question is open at a time', async () => {
  const { handlers, asked, root, answered } = page({ open: '2' });
  for (const _id of ['7', '8', '9']) handlers.private_message_removed({ _id, userId: '2', wasUnread: true });
  assert.equal(asked.length, 1);
  await answered(0, 5); // from before the others went
  assert.deepEqual([asked.length, root.hidden], [2, true]);
  await answered(1, 3);
  assert.deepEqual([asked.length, root.textContent], [2, '3']);
});

test('a question of a connection that was lost does not answer for the next', async () => {
  const { handlers, asked, root, answered } = page();
  handlers.state('online');
  handlers.state('online');
  await answered(1, 2);
  await answered(0, 9);
  assert.deepEqual([asked.length, root.textContent], [2, '2']);
});
