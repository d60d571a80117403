import { Manager } from '../../vendor/socket.io-client/socket.io.esm.min.js';
import { Connection, RETRY_FROM, RETRY_TO } from './connection.js';
import { POSTS, VOCABULARY } from './events.js';
import { Notifications } from './notifications.js';

// Who lets go of a client for a moment only (React mounts everything twice while one develops) keeps its
// connection, in milliseconds.
const LINGER = 500;
const IDLE = Object.freeze({ status: 'idle', attempt: 0, reason: null });

const shared = new Map();

// The one client for a site: everybody in a page who asks for it gets the same, and it has one connection. Each who
// asks says `close` when done with it.
//
// `readerId` is for whom the page was made: the server then admits nobody else, whoever has logged in meanwhile.
export function connect(address = globalThis.location?.origin, { readerId = null, open = openWay } = {}) {
  const { origin } = new URL(address, globalThis.location?.href);
  let client = shared.get(origin);
  if (!client) {
    client = new Client({ way: open(origin), onClose: () => shared.delete(origin) });
    shared.set(origin, client);
  }
  client.use({ readerId });
  return client;
}

// `withCredentials`: the cookies of the site go with the requests of a page elsewhere, too.
function openWay(origin) {
  return new Manager(origin, {
    autoConnect: false,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    withCredentials: true,
    reconnectionDelay: RETRY_FROM,
    reconnectionDelayMax: RETRY_TO,
  });
}

export class Client {
  #way;
  #onClose;
  #readerId = null;
  #users = 0;
  #closing = null;
  #connections = new Map();
  #stores = new Map();
  #state = IDLE;
  #onState = new Set();
  #signs = [];

  constructor({ way, onClose = () => {} }) {
    this.#way = way;
    this.#onClose = onClose;
    this.#watch(globalThis, 'online', () => this.wake());
    this.#watch(globalThis, 'pageshow', (event) => event.persisted && this.wake());
    this.#watch(globalThis.document, 'visibilitychange', () => document.hidden || this.wake());
  }

  // One more who needs it. Only `connect` calls this.
  use({ readerId }) {
    if (readerId !== null && this.#readerId !== null && readerId !== this.#readerId) {
      throw new Error('this page belongs to another reader');
    }
    this.#readerId ??= readerId;
    this.#users += 1;
    clearTimeout(this.#closing);
    this.#closing = null;
  }

  // One fewer; the last one closes the connection.
  close() {
    this.#users = Math.max(0, this.#users - 1);
    if (this.#users) return;
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => this.#end(), LINGER);
  }

  // A namespace of the connection: `on`, `off`, `request`, `state`, `onState`. It opens with `start`.
  namespace(path = POSTS) {
    let connection = this.#connections.get(path);
    if (!connection) {
      if (!(path in VOCABULARY)) throw new Error(`unknown namespace ${path}`);
      const auth = (tell) => tell(this.#readerId === null ? {} : { readerId: this.#readerId });
      const socket = this.#way.socket(path, { auth });
      connection = new Connection({ socket, ...VOCABULARY[path], onChange: () => this.#changed() });
      this.#connections.set(path, connection);
    }
    return connection;
  }

  // --- The posts' namespace, for short ---

  on(event, handler) {
    return this.#open(POSTS).on(event, handler);
  }

  off(event, handler) {
    this.#connections.get(POSTS)?.off(event, handler);
  }

  request(event, data) {
    return this.#open(POSTS).request(event, data);
  }

  // --- What keeps itself true ---

  // The store of this name, the same for all who ask: `make({ open, linger })` makes it the first time, and
  // `open(path)` opens a namespace for it.
  store(name, make) {
    if (!this.#stores.has(name)) this.#stores.set(name, make({ open: (path) => this.#open(path), linger: LINGER }));
    return this.#stores.get(name);
  }

  notifications() {
    return this.store('notifications', (given) => new Notifications(given));
  }

  // --- The state of the connection ---

  // { status, attempt, reason }: `idle` while nobody has opened a namespace, `connecting`, `connected`,
  // `reconnecting` for the `attempt`th time, or `failed` for the `reason` { code, message }. The same object until
  // it changes.
  get state() {
    return this.#state;
  }

  onState(handler) {
    this.#onState.add(handler);
    return () => this.#onState.delete(handler);
  }

  // How many handlers others have put here and have not taken away: whoever forgets one sees it here.
  get handlers() {
    const theirs = [...this.#connections.values()].map(({ handlers }) => handlers);
    return theirs.reduce((sum, count) => sum + count, this.#onState.size);
  }

  // The network is back, or the page is looked at again: do not wait for the next attempt.
  wake() {
    const connections = [...this.#connections.values()];
    if (!connections.some(({ sleeps }) => sleeps)) return;
    for (const connection of connections) connection.letGo();
    for (const connection of connections) connection.takeUp();
  }

  // After it has failed: somebody has logged in, say.
  retry() {
    for (const connection of this.#connections.values()) connection.retry();
  }

  #open(path) {
    const connection = this.namespace(path);
    connection.start();
    return connection;
  }

  #end() {
    for (const connection of this.#connections.values()) connection.stop();
    for (const [target, event, handler] of this.#signs) target.removeEventListener(event, handler);
    this.#onClose();
  }

  #changed() {
    const state = summary([...this.#connections.values()].filter(({ isWanted }) => isWanted));
    const before = this.#state;
    if (state.status === before.status && state.attempt === before.attempt) return;
    this.#state = Object.freeze(state);
    for (const tell of [...this.#onState]) tell(this.#state);
  }

  #watch(target, event, handler) {
    if (!target?.addEventListener) return;
    target.addEventListener(event, handler);
    this.#signs.push([target, event, handler]);
  }
}

// One namespace that is there is a connection; one that is refused (the moderators') takes nothing from the others.
function summary(connections) {
  if (!connections.length) return IDLE;
  const are = (state) => connections.filter((connection) => connection.state === state);
  if (are('online').length) return { status: 'connected', attempt: 0, reason: null };
  const lost = are('offline');
  if (lost.length) {
    return { status: 'reconnecting', attempt: Math.max(...lost.map(({ attempt }) => attempt)), reason: null };
  }
  if (are('connecting').length) return { status: 'connecting', attempt: 0, reason: null };
  return { status: 'failed', attempt: 0, reason: connections[0].reason };
}
