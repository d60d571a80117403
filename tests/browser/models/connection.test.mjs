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

// What Socket.IO's client is to a connection, with `hear` for what comes from the server. Like that, it
// tries again by itself after a failure (`active`), but not after a refusal.
class Socket {
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

function setUp() {
  const socket = new Socket();
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
