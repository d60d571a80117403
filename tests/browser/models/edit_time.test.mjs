import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EditTime } from '../../../static/js/models/edit_time.js';

const WRITTEN = '2026-11-21T12:00:00+09:00';
const at = (moment) => () => Date.parse(moment);

test('what is left runs out', () => {
  const left = (moment) => new EditTime({ minutes: 60, now: at(moment) }).left(WRITTEN);
  assert.equal(left('2026-11-21T12:59:00+09:00'), 60_000);
  assert.equal(left('2026-11-21T13:00:00+09:00'), 0);
  assert.equal(left('2026-11-22T13:00:00+09:00'), 0);
});

test('without a limit there is no end', () => {
  const time = new EditTime({ minutes: 0 });
  assert.equal(time.left(WRITTEN), Infinity);
  assert.equal(time.isLimited, false);
});

test("a reader's clock may be hours off", () => {
  const serverNow = '2026-11-21T12:30:00+09:00';
  for (const moment of ['2026-11-21T02:30:00+09:00', '2026-11-22T12:30:00+09:00']) {
    assert.equal(new EditTime({ minutes: 60, serverNow, now: at(moment) }).left(WRITTEN), 30 * 60_000);
  }
});

test('what nobody knows the time of is left to the server', () => {
  assert.equal(new EditTime({ minutes: 60 }).left(undefined), Infinity);
});
