import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ListWindow } from '../../../static/js/models/window.js';

function windowOf(count, { height = 100, ...options } = {}) {
  const list = new ListWindow({ all: 50, screens: 2, ...options });
  const keys = Array.from({ length: count }, (_, index) => String(index));
  list.keys = keys;
  for (const key of keys) list.measured(key, height);
  return list;
}

test('a short list is there as a whole, wherever the reader is', () => {
  const list = windowOf(50);
  assert.deepEqual(list.choose({ top: 4000, screen: 500 }), { from: 0, to: 50 });
  assert.equal(list.isLeaving({ top: -9000, screen: 500 }), false);
});

test('of a long one, what is within two screens of the view', () => {
  assert.deepEqual(windowOf(1000).choose({ top: 50_000, screen: 500 }), { from: 490, to: 515 });
});

test('the reader may go a screen before it changes', () => {
  const list = windowOf(1000);
  list.choose({ top: 50_000, screen: 500 });
  assert.equal(list.isLeaving({ top: 50_400, screen: 500 }), false);
  assert.equal(list.isLeaving({ top: 50_700, screen: 500 }), true);
  assert.equal(list.isLeaving({ top: 49_300, screen: 500 }), true);
});

test('at the ends nothing is left to come', () => {
  const list = windowOf(1000);
  assert.equal(list.choose({ top: 0, screen: 500 }).from, 0);
  assert.equal(list.isLeaving({ top: 0, screen: 500 }), false);
  assert.equal(list.choose({ top: 99_500, screen: 500 }).to, 1000);
  assert.equal(list.isLeaving({ top: 99_500, screen: 500 }), false);
});

test('from far above or below the list its nearer end is there', () => {
  const list = windowOf(1000);
  assert.deepEqual(list.choose({ top: -90_000, screen: 500 }), { from: 0, to: 20 });
  assert.deepEqual(list.choose({ top: 900_000, screen: 500 }), { from: 980, to: 1000 });
});

test('a comment that is asked for is in the middle', () => {
  const { from, to } = windowOf(1000).choose({ top: 0, screen: 500, around: '700' });
  assert.ok(from < 700 && to > 700);
  assert.ok(Math.abs(700 - from - (to - 700)) <= 2);
});

test('what was never measured is taken to be as high as the others', () => {
  const list = windowOf(100);
  list.keys = Array.from({ length: 200 }, (_, index) => String(index));
  assert.equal(list.height('150'), 100);
  list.measured('150', 400);
  assert.equal(list.height('150'), 400);
});

test('an empty list has nothing to choose', () => {
  assert.deepEqual(windowOf(0).choose({ top: 0, screen: 500 }), { from: 0, to: 0 });
});

test('what the reader sees is what counts, whatever comes above it', () => {
  const list = windowOf(1000);
  const keys = Array.from({ length: 500 }, (_, index) => `new-${index}`);
  list.keys = [...keys, ...Array.from({ length: 1000 }, (_, index) => String(index))];
  const { from, to } = list.choose({ top: 0, screen: 500, at: [['gone', 5], ['100', -20]] });
  assert.deepEqual([from, to], [590, 616]);
  assert.equal(list.isLeaving({ top: 0, screen: 500, at: [['100', -20]] }), false);
});
