// As much of node:test as the tests of the models use, for browsers.

const tests = [];
const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
let now = 0;
let nextId = 1;
let timers = new Map();

export function test(name, body) {
  tests.push({ name, body });
}

export const mock = {
  timers: {
    enable({ apis }) {
      if (String(apis) !== 'setTimeout') throw new Error(`only setTimeout is mocked here, not ${apis}`);
      globalThis.setTimeout = (callback, delay = 1, ...args) => {
        const id = nextId++;
        timers.set(id, { at: now + Math.max(1, delay), callback: () => callback(...args) });
        return id;
      };
      globalThis.clearTimeout = (id) => timers.delete(id);
    },
    // What a timer starts may itself be due before the end.
    tick(milliseconds = 1) {
      const end = now + milliseconds;
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
        if (!due) break;
        const [id, { at, callback }] = due;
        timers.delete(id);
        now = at;
        callback();
      }
      now = end;
    },
    reset() {
      Object.assign(globalThis, real);
      timers = new Map();
    },
  },
};

// After everything that is ready to go on has gone on.
globalThis.setImmediate ??= (callback) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
};

// [{ name, problem }], problem being null for a test that passes.
export async function run() {
  const results = [];
  for (const { name, body } of tests) {
    let problem = null;
    try {
      await body({ name });
    } catch (error) {
      problem = String(error?.stack ?? error);
    }
    results.push({ name, problem });
  }
  return results;
}
