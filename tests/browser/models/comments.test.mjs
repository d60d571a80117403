import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Client } from '../../../static/js/postroom/client.js';
import { Refusal, commentsOf } from '../../../static/js/postroom/postroom.js';
import { Way, settled } from '../node/way.js';

mock.timers.enable({ apis: ['setTimeout'] });
const wait = (milliseconds) => mock.timers.tick(milliseconds);
const OPEN = { room: 'open', canWrite: true, reason: '' };

const comment = (id, version = id, more = {}) => ({
  _id: String(id), postId: '5', version, content: `Comment ${id}`, status: 'published', parentId: null,
  parentName: null, author: { name: 'Somebody' }, reactions: {}, ...more,
});

// A server that has these comments, as far as a page can tell.
function setUp(stored = [comment(1)]) {
  const way = new Way();
  const client = new Client({ way });
  const comments = commentsOf(client, 5);
  client.namespace();
  const socket = way.sockets['/'];
  const server = { version: Math.max(0, ...stored.map(({ version }) => version)), stored, hasMore: false };
  socket.answers.join_post = ({ since }) => {
    const found = since === undefined ? server.stored : server.stored.filter(({ version }) => version > since);
    const kind = since === undefined ? 'snapshot' : 'changes';
    socket.hear('load_comments', found, {
      postId: '5', kind, version: server.version, hasMore: server.hasMore, count: server.stored.length, state: OPEN,
      heartbeat: 15, reacted: { 1: ['👍'] },
    });
    return { ok: true };
  };
  socket.answers.leave_post = () => ({ ok: true });
  const asked = (event) => socket.asked.filter(([name]) => name === event).map(([, data]) => data);
  const texts = () => comments.snapshot.comments.map(({ content }) => content);
  return { client, comments, socket, server, asked, texts };
}

test('nothing is asked for before somebody subscribes, and then all there is', async () => {
  const { comments, socket, asked, texts } = setUp();
  assert.deepEqual([comments.snapshot.status, socket.tries], ['connecting', 0]);
  comments.subscribe(() => {});
  socket.open();
  assert.equal(comments.snapshot.status, 'catching-up');
  await settled();
  assert.deepEqual(asked('join_post'), [{ postId: '5' }]);
  assert.deepEqual([comments.snapshot.status, texts(), comments.snapshot.count], ['live', ['Comment 1'], 1]);
  assert.deepEqual(comments.snapshot.reacted, { 1: ['👍'] });
});

test('a snapshot is the same object until something changes', async () => {
  const { comments, socket } = setUp();
  let told = 0;
  comments.subscribe(() => { told += 1; });
  socket.open();
  await settled();
  const before = [comments.snapshot, told];
  assert.equal(comments.snapshot, before[0]);
  socket.hear('presence', { postId: '6', count: 3, names: [] });
  assert.equal(comments.snapshot, before[0]);
  socket.hear('comment_added', comment(2));
  assert.notEqual(comments.snapshot, before[0]);
  assert.equal(told, before[1] + 1);
});

test('after a lost connection it asks for the difference by itself', async () => {
  const { comments, socket, server, asked, texts } = setUp();
  comments.subscribe(() => {});
  socket.open();
  await settled();
  socket.lose();
  assert.equal(comments.snapshot.status, 'connecting');
  server.stored.push(comment(2));
  server.version = 2;
  socket.open();
  await settled();
  assert.deepEqual(asked('join_post'), [{ postId: '5' }, { postId: '5', since: 1 }]);
  assert.deepEqual(texts(), ['Comment 1', 'Comment 2']);
});

test('a change that was lost is asked for, and so is a room that says nothing any more', async () => {
  const { comments, socket, server, asked, texts } = setUp();
  comments.subscribe(() => {});
  socket.open();
  await settled();
  server.stored.push(comment(2), comment(3));
  server.version = 3;
  socket.hear('comment_added', comment(3));
  wait(400);
  await settled();
  assert.deepEqual([texts().length, asked('join_post').length], [3, 2]);
  wait(15_000 * 3 + 1);
  await settled();
  assert.equal(asked('join_post').length, 3);
});

test('who asked is refused for now asks again later, and finds a post again that was withdrawn', async () => {
  const { comments, socket, asked } = setUp();
  const answer = socket.answers.join_post;
  comments.subscribe(() => {});
  socket.answers.join_post = () => ({ ok: false, code: 'rate_limited', message: '', retryAfter: 5 });
  socket.open();
  await settled();
  wait(7999);
  assert.equal(asked('join_post').length, 1);
  socket.answers.join_post = () => ({ ok: false, code: 'not_found', message: 'Not there.' });
  wait(1);
  await settled();
  assert.deepEqual([comments.snapshot.status, comments.snapshot.problem], ['gone', 'Not there.']);
  socket.answers.join_post = answer;
  wait(10_000);
  await settled();
  assert.equal(comments.snapshot.status, 'live');
  socket.hear('post_state', { postId: '5', state: { ...OPEN, room: 'gone' } });
  assert.deepEqual([comments.snapshot.status, comments.snapshot.problem], ['gone', null]);
});

test('what is sent into a lost connection is sent once it is back, under the same name', async () => {
  const { comments, socket, asked, texts } = setUp();
  comments.subscribe(() => {});
  socket.open();
  await settled();
  const sending = comments.send('Hello'); // the server does not answer
  await settled();
  socket.lose();
  socket.answers.new_comment = ({ content, clientId }) => ({ ok: true, comment: comment(2, 2, { content, clientId }) });
  socket.open();
  wait(1000);
  assert.equal((await sending).content, 'Hello');
  const [first, second] = asked('new_comment');
  assert.ok(first.clientId && first.clientId === second.clientId);
  socket.hear('comment_added', comment(2, 2, { content: 'Hello' }));
  assert.deepEqual(texts(), ['Comment 1', 'Hello']);
});

test('a refusal is thrown, and a connection that will not come back, too', async () => {
  const { comments, socket } = setUp();
  comments.subscribe(() => {});
  socket.open();
  await settled();
  socket.answers.new_comment = () => ({ ok: false, code: 'slow_mode', message: 'Wait.', retryAfter: 9 });
  await assert.rejects(comments.send('Hello'), Refusal);
  socket.lose();
  const sending = comments.send('Hello');
  await settled();
  wait(1000);
  await settled();
  socket.hear('session_ended', { reason: 'logged_out' });
  await assert.rejects(sending, Error);
});

test('a comment that waits for a moderator is shown to its author until it is published or decided', async () => {
  const { comments, socket, texts } = setUp();
  comments.subscribe(() => {});
  socket.open();
  await settled();
  let id = 1;
  socket.answers.new_comment = ({ content }) => {
    id += 1;
    return { ok: true, comment: comment(id, 0, { content, status: 'pending' }) };
  };
  await comments.send('Two');
  await comments.send('Three');
  assert.deepEqual(texts(), ['Comment 1', 'Two', 'Three']);
  socket.hear('comment_added', comment(2, 2, { content: 'Two' }));
  socket.hear('comment_decided', { postId: '5', commentId: '3', status: 'rejected' });
  assert.deepEqual(texts(), ['Comment 1', 'Two']);
  assert.equal(comments.snapshot.comments[1].status, 'published');
});

test('earlier comments come when they are asked for', async () => {
  const { comments, socket, server, asked, texts } = setUp([comment(8), comment(9)]);
  server.hasMore = true;
  comments.subscribe(() => {});
  socket.open();
  await settled();
  assert.ok(comments.snapshot.hasEarlier);
  socket.answers.load_more = () => ({ ok: true, comments: [comment(7)], hasMore: false, reacted: {} });
  await comments.loadEarlier();
  assert.deepEqual(asked('load_more'), [{ postId: '5', before: '8' }]);
  assert.deepEqual([texts().length, comments.snapshot.hasEarlier], [3, false]);
});

test('when the last has gone the room is left and no handler stays; who is back at once finds it as it was', async () => {
  const { client, comments, socket, asked } = setUp();
  const before = socket.handlers;
  const [first, second] = [comments.subscribe(() => {}), comments.subscribe(() => {})];
  assert.equal(commentsOf(client, '5'), comments);
  socket.open();
  await settled();
  first();
  first(); // twice is once
  second();
  const third = comments.subscribe(() => {});
  wait(5000);
  assert.equal(comments.snapshot.status, 'live');
  assert.deepEqual([asked('join_post').length, asked('leave_post').length], [1, 0]);
  third();
  wait(5000);
  await settled();
  assert.deepEqual([asked('leave_post'), socket.handlers], [[{ postId: '5' }], before]);
  assert.deepEqual(comments.snapshot.comments, []);
  wait(120_000);
  assert.equal(asked('join_post').length, 1);
});

test('one for whom nobody is there when the answer comes stays quiet', async () => {
  const { comments, socket } = setUp();
  const end = comments.subscribe(() => {});
  let answer;
  socket.answers.join_post = () => new Promise((resolve) => { answer = resolve; });
  socket.open();
  end();
  wait(5000);
  answer({ ok: true });
  await settled();
  assert.equal(comments.snapshot.status, 'connecting');
});
