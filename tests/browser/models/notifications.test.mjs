import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Client } from '../../../static/js/postroom/client.js';
import { Way, settled } from '../node/way.js';

mock.timers.enable({ apis: ['setTimeout'] });
const wait = (milliseconds) => mock.timers.tick(milliseconds);

const item = (id, { group = `g${id}`, isRead = false } = {}) => ({
  id: String(id), group, isRead, kind: 'mention', message: `Message ${id}`, people: [],
  createdAt: new Date(id * 1000).toISOString(),
});

function setUp(items = [item(1)]) {
  const way = new Way();
  const client = new Client({ way });
  const notifications = client.notifications();
  client.namespace('/notifications');
  const socket = way.sockets['/notifications'];
  const server = { items };
  socket.answers.get_notifications = () => ({
    ok: true, items: server.items, cursor: null, choices: {},
    unread: server.items.filter(({ isRead }) => !isRead).length,
  });
  const news = [];
  notifications.onNew(({ id }) => news.push(id));
  const end = notifications.subscribe(() => {});
  const asked = (event) => socket.asked.filter(([name]) => name === event).map(([, data]) => data);
  return { notifications, socket, server, news, end, asked };
}

test('what was there is no news; what comes, and what came meanwhile, is', async () => {
  const { notifications, socket, server, news } = setUp();
  socket.open();
  await settled();
  assert.deepEqual([news, notifications.snapshot.unread, notifications.snapshot.isLoaded], [[], 1, true]);
  socket.hear('notification', item(2));
  socket.lose();
  server.items = [item(1), item(2), item(3)];
  socket.open();
  await settled();
  assert.deepEqual([news, notifications.snapshot.items.map(({ id }) => id)], [['2', '3'], ['3', '2', '1']]);
});

test('a count that does not fit what is there has it read anew', async () => {
  const { notifications, socket, server, asked } = setUp();
  socket.open();
  await settled();
  server.items = [item(1), item(2)];
  socket.hear('unread_count', { count: 2, newest: '2' });
  await settled();
  assert.deepEqual([asked('get_notifications').length, notifications.snapshot.unread], [2, 2]);
});

test('what comes while a page is under way is not taken away by it', async () => {
  const { notifications, socket, server, news } = setUp();
  socket.open();
  await settled();
  const answer = socket.answers.get_notifications;
  const held = [];
  socket.answers.get_notifications = () => {
    const old = answer();
    return new Promise((resolve) => held.push(() => resolve(old)));
  };
  socket.lose();
  socket.open();
  await settled();
  server.items = [item(1), item(2)];
  socket.hear('notification', item(2));
  socket.hear('unread_count', { count: 2 });
  const shown = () => [notifications.snapshot.items.map(({ id }) => id), notifications.snapshot.unread];
  held.shift()();
  await settled();
  assert.deepEqual(shown(), [['2', '1'], 2]);
  held.shift()();
  await settled();
  assert.deepEqual([...shown(), news, held.length], [['2', '1'], 2, ['2'], 0]);
});

test('what was missed rings, though something newer is heard before it is fetched', async () => {
  const { socket, server, news } = setUp();
  const answer = socket.answers.get_notifications;
  socket.open();
  await settled();
  socket.lose();
  server.items = [item(1), item(2), item(3)];
  let release;
  socket.answers.get_notifications = () => new Promise((resolve) => { release = () => resolve(answer()); });
  socket.open();
  await settled();
  socket.hear('notification', item(3));
  socket.answers.get_notifications = answer;
  release();
  await settled();
  assert.deepEqual(news, ['3', '2']);
});

test('to take back the newest of a group rings for nobody', async () => {
  const { notifications, socket, server, news } = setUp([item(9, { group: 'likes' })]);
  socket.open();
  await settled();
  server.items = [item(5, { group: 'likes' })];
  socket.hear('unread_count', { count: 1, stale: true });
  await settled();
  assert.deepEqual([notifications.snapshot.items.map(({ id }) => id), news], [['5'], []]);
});

test('what comes while the first page is under way is there, too, and rings once', async () => {
  const { notifications, socket, server, news } = setUp();
  const answer = socket.answers.get_notifications;
  const old = answer();
  let release;
  socket.answers.get_notifications = () => new Promise((resolve) => { release = () => resolve(old); });
  socket.open();
  await settled();
  server.items = [item(1), item(2)];
  socket.hear('notification', item(2));
  socket.answers.get_notifications = answer;
  release();
  await settled();
  assert.deepEqual([notifications.snapshot.items.map(({ id }) => id), news], [['2', '1'], ['2']]);
});

test('what comes while older ones are under way has all read anew', async () => {
  const { notifications, socket, server } = setUp([item(1)]);
  const answer = socket.answers.get_notifications;
  socket.answers.get_notifications = () => ({ ...answer(), cursor: 'u1' });
  socket.open();
  await settled();
  let old = answer();
  let release;
  socket.answers.get_notifications = () => new Promise((resolve) => { release = () => resolve(old); });
  const more = notifications.loadMore();
  await settled();
  server.items = [item(1), item(2)];
  socket.hear('notification', item(2));
  socket.hear('unread_count', { count: 2 });
  release();
  await more;
  await settled();
  assert.equal(notifications.snapshot.unread, 2);
  old = answer();
  release();
  await settled();
  assert.deepEqual([notifications.snapshot.unread, notifications.snapshot.items.length], [2, 2]);
});

test('one is marked as read once, however often it is asked for', async () => {
  const { notifications, socket, asked } = setUp();
  socket.open();
  await settled();
  let answer;
  socket.answers.mark_read = ({ id }) => new Promise((resolve) => {
    answer = () => resolve({ ok: true, id, group: 'g1', unread: 0 });
  });
  const marking = notifications.markRead('1');
  notifications.markRead('1');
  await settled();
  answer();
  await marking;
  assert.deepEqual([asked('mark_read').length, notifications.snapshot.unread], [1, 0]);
});

test('all are marked up to the newest that is there', async () => {
  const { notifications, socket, server, asked } = setUp([item(1), item(2)]);
  socket.open();
  await settled();
  socket.answers.mark_all_read = () => {
    server.items = server.items.map((each) => ({ ...each, isRead: true }));
    return { ok: true, marked: 2, unread: 0 };
  };
  await notifications.markAllRead();
  assert.deepEqual([asked('mark_all_read'), notifications.snapshot.unread], [[{ upTo: '2' }], 0]);
});

test('who was refused for now asks again, and nobody does who has gone', async () => {
  const { socket, end, asked } = setUp();
  const answer = socket.answers.get_notifications;
  socket.answers.get_notifications = () => ({ ok: false, code: 'rate_limited', message: '', retryAfter: 2 });
  socket.open();
  await settled();
  wait(5000);
  await settled();
  assert.equal(asked('get_notifications').length, 2);
  socket.answers.get_notifications = answer;
  end();
  wait(60_000);
  await settled();
  assert.deepEqual([asked('get_notifications').length, socket.handlers], [2, 0]);
});
