import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrivateCount } from '../../../static/js/chat/views/private_count.js';

// A connection whose answers wait until they are given.
function page() {
  const handlers = {};
  const asked = [];
  const root = { textContent: '0', hidden: true };
  const connection = {
    on: (event, handler) => { handlers[event] = handler; },
    onState: (handler) => { handlers.state = handler; },
    request: (event) => new Promise((answer) => asked.push({ event, answer })),
  };
  new PrivateCount({ root, connection, userId: '1' });
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
