// What Socket.IO's client is to ours: a way to a server, and a socket for each namespace, with `hear` for what comes
// from the server and `answers` for what it says to a request. Like that, a socket tries again by itself after a
// failure (`active`), but not after a refusal.
export class Way {
  sockets = {};
  order = [];

  socket(path, { auth } = {}) {
    return (this.sockets[path] = new Socket(this, path, auth));
  }
}

export class Socket {
  connected = false;
  active = true;
  tries = 0;
  asked = [];
  answers = {};
  #handlers = new Map();
  #way;
  #path;

  constructor(way, path, auth = (tell) => tell({})) {
    this.#way = way;
    this.#path = path;
    this.auth = auth;
  }

  on(event, handler) {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler]);
  }

  off(event, handler) {
    this.#handlers.set(event, (this.#handlers.get(event) ?? []).filter((each) => each !== handler));
  }

  onAny() {}

  // Of those which others have put there, by event.
  get handlers() {
    const own = ['connect', 'disconnect', 'connect_error', 'session_ended', 'connection_error'];
    return [...this.#handlers].filter(([event]) => !own.includes(event)).flatMap(([, handlers]) => handlers).length;
  }

  connect() {
    this.tries += 1;
    this.#way.order.push(`${this.#path} comes`);
  }

  disconnect() {
    this.connected = false;
    this.#way.order.push(`${this.#path} goes`);
  }

  hear(event, ...payload) {
    for (const handler of this.#handlers.get(event) ?? []) handler(...payload);
  }

  open() {
    this.connected = true;
    this.active = true;
    this.hear('connect');
  }

  lose() {
    this.connected = false;
    this.hear('disconnect');
  }

  fail() {
    this.hear('connect_error', new Error('no way'));
  }

  refuse(data) {
    this.active = false;
    this.hear('connect_error', Object.assign(new Error('refused'), { data }));
  }

  timeout() {
    return {
      emitWithAck: async (event, data) => {
        this.asked.push([event, data]);
        const answer = await this.answers[event]?.(data);
        if (answer === undefined) throw new Error('timeout');
        return answer;
      },
    };
  }
}

// After everything that waits for an answer has gone on.
export const settled = () => new Promise((resolve) => { setImmediate(resolve); });
