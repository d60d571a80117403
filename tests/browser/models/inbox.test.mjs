import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox } from '../../../static/js/postroom/inbox.js';

const entry = (id, { group = `g${id}`, isRead = false, postId, at = id } = {}) => ({
  id: String(id), group, isRead, postId, message: `Message ${id}`, people: [],
  createdAt: new Date(1_000_000 + at * 1000).toISOString(),
});
const page = (items, { cursor = null, unread = items.filter(({ isRead }) => !isRead).length } = {}) => (
  { items, cursor, unread, choices: {} }
);
const ids = (entries) => entries.map(({ id }) => id);

function filled(...items) {
  const inbox = new Inbox();
  inbox.load(page(items));
  return inbox;
}

test('unread ones come first, each the newest first', () => {
  const inbox = filled(entry(1), entry(4, { isRead: true }), entry(3), entry(2, { isRead: true }));
  assert.deepEqual(ids(inbox.entries), ['3', '1', '4', '2']);
});

test('what the page was served with counts until it is loaded', () => {
  const inbox = new Inbox({ count: 7 });
  assert.equal(inbox.count, 7);
  inbox.load(page([entry(1)], { unread: 9 }));
  assert.equal(inbox.count, 9);
});

test('the first page is no news, and what comes with a later one is', () => {
  const inbox = new Inbox();
  assert.deepEqual(inbox.load(page([entry(1)])), []);
  const missed = inbox.load(page([entry(1), entry(2), entry(3, { isRead: true })]));
  assert.deepEqual(ids(missed), ['2']);
  assert.deepEqual(inbox.load(page([entry(1), entry(2)])), []);
});

test('one that comes to light because a newer one of its group was taken back is no news', () => {
  const inbox = filled(entry(9, { group: 'likes' }), entry(7));
  assert.deepEqual(inbox.load(page([entry(7), entry(5, { group: 'likes' })])), []);
  assert.deepEqual(ids(inbox.entries), ['7', '5']);
  assert.deepEqual(ids(inbox.load(page([entry(10, { group: 'likes' }), entry(7)]))), ['10']);
});

test('what came while the page was away is news, though something newer is heard before it is loaded', () => {
  const inbox = filled(entry(99));
  const since = inbox.newest;
  inbox.hear(entry(101));
  assert.deepEqual(ids(inbox.load(page([entry(101), entry(100), entry(99)]), since)), ['100']);
});

test('what is told is news once, and adds one to the count', () => {
  const inbox = filled();
  assert.equal(inbox.hear(entry(1)), true);
  assert.equal(inbox.hear(entry(1)), false);
  assert.equal(inbox.count, 1);
  assert.deepEqual(ids(inbox.entries), ['1']);
});

test('more of a group takes the place of what was there and adds nothing to the count', () => {
  const inbox = filled(entry(1, { group: 'likes' }));
  assert.equal(inbox.hear(entry(2, { group: 'likes' })), true);
  assert.deepEqual(ids(inbox.entries), ['2']);
  assert.equal(inbox.count, 1);
});

test('an older one of a group that comes late is no news', () => {
  const inbox = filled(entry(10, { group: 'likes' }));
  assert.equal(inbox.hear(entry(9, { group: 'likes' })), false);
  assert.deepEqual(ids(inbox.entries), ['10']);
});

test('one that was read here is not unread again when it is told once more', () => {
  const inbox = filled(entry(1));
  inbox.markRead({ id: '1', group: 'g1' });
  assert.equal(inbox.hear(entry(1)), false);
  assert.deepEqual(inbox.entries.map(({ isRead }) => isRead), [true]);
  assert.equal(inbox.count, 0);
});

test('to mark an older one leaves what came after it', () => {
  const inbox = filled(entry(2, { group: 'likes' }));
  inbox.markRead({ id: '1', group: 'likes' });
  assert.equal(inbox.count, 1);
  inbox.markRead({ id: '2', group: 'likes' });
  inbox.markRead({ id: '2', group: 'likes' });
  inbox.markRead({ id: '7', group: 'not here' });
  assert.equal(inbox.count, 0);
});

test('ids are compared as numbers, however long', () => {
  const inbox = filled(entry('9', { group: 'likes' }));
  assert.equal(inbox.hear(entry('10', { group: 'likes' })), true);
});

test('what the server counts is what holds', () => {
  const inbox = filled(entry(1));
  inbox.setCount(5);
  assert.equal(inbox.count, 5);
});

test('what is missing shows in the count and in the newest', () => {
  const inbox = filled(entry(1), entry(2));
  assert.equal(inbox.agrees({ count: 2, newest: '2' }), true);
  assert.equal(inbox.agrees({ count: 3, newest: '2' }), false);
  assert.equal(inbox.agrees({ count: 2, newest: '3' }), false);
  assert.equal(filled().agrees({ count: 0, newest: '0' }), true);
});

test('a further page is added, without what stands above already', () => {
  const inbox = new Inbox();
  inbox.load(page([entry(5), entry(4)], { cursor: 'u4', unread: 3 }));
  inbox.append({ items: [entry(5), entry(3), entry(2, { isRead: true })], cursor: null, unread: 3 });
  assert.deepEqual(ids(inbox.entries), ['5', '4', '3', '2']);
  assert.equal(inbox.cursor, null);
});

test('what is about a post is known by it', () => {
  const inbox = filled(entry(1, { postId: '7' }), entry(2, { postId: '8' }), entry(3, { postId: '7', isRead: true }));
  assert.deepEqual(ids(inbox.about('7')), ['1']);
});

test('every change is told', () => {
  let changes = 0;
  const inbox = new Inbox({ onChange: () => { changes += 1; } });
  inbox.load(page([entry(1)]));
  inbox.hear(entry(2));
  inbox.setCount(3);
  inbox.setCount(3);
  inbox.markRead({ id: '2', group: 'g2' });
  assert.equal(changes, 4);
});
