// As much of node:assert/strict as the tests of the models use, for browsers. It counts, so that a run
// which asserts nothing is noticed.

let asserted = 0;

export const count = () => asserted;

function check(isRight, message) {
  asserted += 1;
  if (!isRight) throw new Error(message);
}

const shown = (value) => JSON.stringify(value, (_, part) => (part === undefined ? 'undefined' : part));

function isSame(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Map || a instanceof Set || a instanceof Date) {
    const parts = (whole) => (whole instanceof Date ? [whole.getTime()] : [...whole]);
    return isSame(parts(a), parts(b));
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length
    && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

function thrown(expected, error) {
  if (error === null) return false;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function') return error instanceof expected;
  return expected === undefined;
}

const assert = {
  ok: (value, message) => check(value, message ?? `${shown(value)} is not true`),
  equal: (a, b, message) => check(Object.is(a, b), message ?? `${shown(a)} is not ${shown(b)}`),
  notEqual: (a, b, message) => check(!Object.is(a, b), message ?? `both are ${shown(a)}`),
  deepEqual: (a, b, message) => check(isSame(a, b), message ?? `${shown(a)} is not ${shown(b)}`),
  notDeepEqual: (a, b, message) => check(!isSame(a, b), message ?? `both are ${shown(a)}`),
  match: (text, pattern, message) => check(pattern.test(text), message ?? `${shown(text)} is not like ${pattern}`),
  throws(action, expected) {
    let error = null;
    try {
      action();
    } catch (problem) {
      error = problem;
    }
    check(thrown(expected, error), `threw ${error}`);
  },
  async rejects(action, expected) {
    let error = null;
    try {
      await (typeof action === 'function' ? action() : action);
    } catch (problem) {
      error = problem;
    }
    check(thrown(expected, error), `threw ${error}`);
  },
};

// What is missing here says so, instead of being undefined.
export default new Proxy(assert, {
  get(target, name) {
    if (name in target) return target[name];
    throw new Error(`tests/browser/node/assert.js has no assert.${String(name)}`);
  },
});
