import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Client, connect } from '../../../static/js/postroom/client.js';
import { NoAnswer, Refusal } from '../../../static/js/postroom/connection.js';
import { Way } from '../node/way.js';

mock.timers.enable({ apis: ['setTimeout'] });
let now = 0;
Date.now = () => now;

function wait(milliseconds) {
  now += milliseconds;
  mock.timers.tick(milliseconds);
}

const ways = new WeakMap();

function newClient(way = new Way()) {
  const client = new Client({ way });
  ways.set(client, way);
  return client;
}

function setUp(client = newClient(), path = '/') {
  const connection = client.namespace(path);
  const socket = ways.get(client).sockets[path];
  const states = [];
  const pauses = [];
  connection.onState((state) => states.push(state));
  connection.onPause((seconds) => pauses.push(seconds));
  connection.start();
  return { client, socket, connection, states, pauses };
}

test('who is told to come back later comes back by itself, then and not before', () => {
  const { client, socket, states, pauses } = setUp();
  socket.refuse({ code: 'rate_limited', message: '', retryAfter: 10 });
  assert.deepEqual([states, pauses, socket.tries], [['offline'], [10], 1]);
  wait(9999);
  client.wake();
  assert.equal(socket.tries, 1);
  wait(1);
  assert.equal(socket.tries, 2);
  socket.open();
  assert.deepEqual(states, ['offline', 'online']);
});

test('a refusal without a time is tried again soon, and nobody has to watch the seconds', () => {
  const { socket, pauses } = setUp();
  socket.refuse({ code: 'rate_limited', message: '' });
  wait(1500);
  assert.deepEqual([pauses, socket.tries], [[], 2]);
});

test('a refusal that will not change is the end', () => {
  const { socket, states } = setUp();
  socket.refuse({ code: 'sign_in', message: 'Please log in.' });
  wait(120_000);
  assert.deepEqual([states, socket.tries], [['ended'], 1]);
});

test('a ban is the end, and says with what', () => {
  const { socket, connection, states } = setUp();
  const sanction = { sanctionId: '1', kind: 'ban' };
  socket.refuse({ code: 'banned', message: 'No more.', sanction });
  wait(120_000);
  assert.deepEqual([states, socket.tries, connection.reason.sanction], [['ended'], 1, sanction]);
});

test('a session that ends by a ban is not logged out', () => {
  for (const [reason, code] of [['banned', 'banned'], ['logged_out', 'sign_in']]) {
    const { client, socket, connection } = setUp();
    socket.open();
    socket.hear('session_ended', { reason });
    assert.equal(connection.reason.code, code);
    client.wake();
    wait(120_000);
    assert.equal(socket.tries, 1);
  }
});

test('who wakes up wakes the other namespaces of the page, once all have let go of their way', () => {
  const way = new Way();
  const client = newClient(way);
  const [first, second] = [setUp(client), setUp(client, '/notifications')];
  wait(5000);
  for (const { socket } of [first, second]) socket.lose();
  way.order = [];
  client.wake();
  client.wake(); // the same sign of life
  assert.deepEqual(way.order, ['/ goes', '/notifications goes', '/ comes', '/notifications comes']);
});

test('nobody is woken who has ended, is there, was told to wait, or has not been asked for', () => {
  const client = newClient();
  const [sleeping, waiting] = [setUp(client), setUp(client, '/notifications')];
  client.namespace('/moderation');
  const ended = ways.get(client).sockets['/moderation'];
  wait(5000);
  waiting.socket.refuse({ code: 'rate_limited', message: '', retryAfter: 10 });
  client.wake();
  assert.deepEqual([sleeping.socket.tries, waiting.socket.tries, ended.tries], [2, 1, 0]);
  sleeping.socket.open();
  wait(5000);
  client.wake();
  assert.equal(sleeping.socket.tries, 2);
});

test('whoever asks for a namespace gets the same, and what is not in its vocabulary is an error', () => {
  const { client, connection } = setUp();
  assert.equal(client.namespace(), connection);
  assert.throws(() => client.namespace('/elsewhere'));
  assert.throws(() => connection.on('comment_aded', () => {}));
  assert.throws(() => connection.on('notification', () => {}));
});

test('a handler that is taken away hears nothing more', () => {
  const { client, socket } = setUp();
  const heard = [];
  const hear = (payload) => heard.push(payload);
  const end = client.on('presence', hear);
  client.on('presence', hear);
  socket.hear('presence', 1);
  end();
  client.off('presence', hear);
  socket.hear('presence', 2);
  assert.deepEqual([heard, socket.handlers], [[1, 1], 0]);
});

test('a request is answered, refused or without an answer', async () => {
  const { client, socket } = setUp();
  await assert.rejects(client.request('react', {}), NoAnswer);
  socket.open();
  await assert.rejects(client.request('react', {}), NoAnswer);
  socket.answers.react = () => ({ ok: false, code: 'not_found', message: 'No.', more: 1 });
  await assert.rejects(client.request('react', {}), Refusal);
  socket.answers.react = ({ emoji }) => ({ ok: true, emoji });
  assert.deepEqual(await client.request('react', { emoji: 'x' }), { ok: true, emoji: 'x' });
  await assert.rejects(client.request('reacted', {}), /unknown request/);
});

test('the state says which attempt it is, and is the same object until it changes', () => {
  const client = newClient();
  const states = [];
  assert.equal(client.state.status, 'idle');
  client.onState(({ status, attempt }) => states.push([status, attempt]));
  const { socket } = setUp(client);
  socket.open();
  assert.equal(client.state, client.state);
  socket.lose();
  socket.fail();
  socket.fail();
  socket.open();
  assert.deepEqual(states, [
    ['connecting', 0], ['connected', 0], ['reconnecting', 1], ['reconnecting', 2], ['reconnecting', 3],
    ['connected', 0],
  ]);
});

test('it has failed when no namespace is left, says why, and can be tried again', () => {
  const client = newClient();
  const [posts, desk] = [setUp(client), setUp(client, '/moderation')];
  posts.socket.open();
  desk.socket.refuse({ code: 'forbidden', message: 'Not yours.' });
  assert.equal(client.state.status, 'connected');
  posts.socket.hear('session_ended', { reason: 'logged_out' });
  assert.deepEqual([client.state.status, client.state.reason.code], ['failed', 'sign_in']);
  client.retry();
  assert.deepEqual([client.state.status, posts.socket.tries], ['connecting', 2]);
  posts.socket.open();
  assert.equal(client.state.status, 'connected');
});

test('everybody in a page shares one client, until the last has closed it', () => {
  const made = [];
  const open = () => {
    made.push(new Way());
    return made.at(-1);
  };
  const [one, two] = [connect('http://a.example/x', { open }), connect('http://a.example', { open })];
  assert.equal(one, two);
  one.namespace().start();
  one.close();
  wait(5000);
  assert.deepEqual(made[0].order, ['/ comes']);
  two.close();
  const three = connect('http://a.example', { open }); // at once, as React does it while one develops
  wait(5000);
  assert.equal(three, one);
  assert.deepEqual(made[0].order, ['/ comes']);
  three.close();
  wait(5000);
  assert.deepEqual(made[0].order, ['/ comes', '/ goes']);
  assert.notEqual(connect('http://a.example', { open }), one);
  assert.equal(made.length, 2);
});

test('a page is for one reader, whoever is the first to say for whom', () => {
  const way = new Way();
  const open = () => way;
  const claimed = () => {
    let claims;
    way.sockets['/'].auth((told) => { claims = told; });
    return claims;
  };
  const client = connect('http://b.example', { open });
  client.namespace();
  assert.deepEqual(claimed(), {});
  connect('http://b.example', { open, readerId: '7' });
  assert.deepEqual(claimed(), { readerId: '7' });
  assert.throws(() => connect('http://b.example', { open, readerId: '8' }));
});
