import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Connection } from '../../../static/js/connection.js';

mock.timers.enable({ apis: ['setTimeout'] });
let now = 0;
Date.now = () => now;

function wait(milliseconds) {
  now += milliseconds;
  mock.timers.tick(milliseconds);
}

// What several sockets share.
class Way {
  #handlers = [];

  on(event, handler) { this.#handlers.push([event, handler]); }
  emit(event, who) { for (const [name, handler] of this.#handlers) if (name === event) handler(who); }
}

// What Socket.IO's client is to a connection, with `hear` for what comes from the server. Like that, it
// tries again by itself after a failure (`active`), but not after a refusal.
class Socket {
  constructor(io = new Way()) {
    this.io = io;
  }

  connected = false;
  active = true;
  tries = 0;
  #handlers = new Map();

  on(event, handler) { this.#handlers.set(event, handler); }
  onAny() {}
  connect() { this.tries += 1; }
  disconnect() { this.connected = false; }
  hear(event, payload) { this.#handlers.get(event)(payload); }

  refuse(data) {
    this.active = false;
    this.hear('connect_error', Object.assign(new Error('refused'), { data }));
  }
}

function setUp(way) {
  const socket = new Socket(way);
  const states = [];
  const pauses = [];
  const connection = new Connection({
    open: () => socket,
    onState: (state) => states.push(state),
    onPause: (seconds) => pauses.push(seconds),
  });
  connection.start();
  return { socket, connection, states, pauses };
}

test('who is told to come back later comes back by itself, then and not before', () => {
  const { socket, connection, states, pauses } = setUp();
  socket.refuse({ code: 'rate_limited', message: '', retryAfter: 10 });
  assert.deepEqual([states, pauses, socket.tries], [['offline'], [10], 1]);
  wait(9999);
  connection.wake();
  assert.equal(socket.tries, 1);
  wait(1);
  assert.equal(socket.tries, 2);
  socket.hear('connect');
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
    const { socket, connection } = setUp();
    socket.hear('connect');
    socket.hear('session_ended', { reason });
    assert.equal(connection.reason.code, code);
    connection.wake();
    wait(120_000);
    assert.equal(socket.tries, 1);
  }
});

test('who wakes up wakes the other namespaces of the page, once all have let go of their way', () => {
  const way = new Way();
  const order = [];
  const [first, second] = [setUp(way), setUp(way)];
  wait(5000);
  for (const [name, { socket }] of Object.entries({ first, second })) {
    socket.hear('disconnect');
    socket.connect = () => order.push(`${name} comes`);
    socket.disconnect = () => order.push(`${name} goes`);
  }
  first.connection.wake();
  second.connection.wake(); // the same sign of life
  assert.deepEqual(order, ['first goes', 'second goes', 'first comes', 'second comes']);
});

test('nobody is woken who has ended, is there, or was told to wait', () => {
  const way = new Way();
  const [sleeping, ended, there, waiting] = [setUp(way), setUp(way), setUp(way), setUp(way)];
  ended.socket.refuse({ code: 'sign_in', message: '' });
  there.socket.hear('connect');
  there.socket.connected = true;
  wait(5000);
  waiting.socket.refuse({ code: 'rate_limited', message: '', retryAfter: 10 });
  sleeping.connection.wake();
  assert.deepEqual([sleeping, ended, there, waiting].map(({ socket }) => socket.tries), [2, 1, 1, 1]);
});
