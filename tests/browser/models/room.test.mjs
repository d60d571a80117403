import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { withOurWords } from '../../../static/js/helpers/people.js';
import { Room } from '../../../static/js/postroom/room.js';

mock.timers.enable({ apis: ['setTimeout'] });

function comment(id, version = Number(id), more = {}) {
  return {
    _id: String(id), version, parentId: null, parentName: null, author: { name: `Reader ${id}` },
    status: 'published', ...more,
  };
}

function roomAt(version, options = {}) {
  const changes = [];
  const gaps = [];
  const room = new Room({
    version, count: 10,
    onChange: (change) => changes.push(change),
    onGap: (since) => gaps.push(since),
    timers: { setTimeout, clearTimeout },
    ...options,
  });
  return { room, changes, gaps };
}

const ids = (room) => [...room.comments].filter(({ removed }) => !removed).map(({ _id }) => _id).sort();
const added = (version, id = version) => ['comment_added', comment(id, version)];
const removed = (version, id) => ['comment_removed', { _id: String(id), postId: '1', version, by: 'author' }];

test('the next version is applied at once', () => {
  const { room, changes } = roomAt(5);
  room.receive(...added(6));
  assert.equal(room.version, 6);
  assert.equal(room.count, 11);
  assert.deepEqual(changes[0].added, ['6']);
});

test('a version that is known is ignored, and counted once', () => {
  const { room, changes } = roomAt(5);
  room.receive(...added(6));
  room.receive(...added(6));
  assert.equal(room.count, 11);
  assert.equal(changes.length, 1);
});

test('what arrives out of order is applied in order, without asking', () => {
  const { room, gaps } = roomAt(5);
  room.receive(...added(8));
  room.receive(...added(7));
  assert.deepEqual(ids(room), []);
  room.receive(...added(6));
  assert.deepEqual(ids(room), ['6', '7', '8']);
  mock.timers.tick(1000);
  assert.deepEqual(gaps, []);
});

test('a gap that lasts is asked for once, from the version we have', () => {
  const { room, gaps } = roomAt(5);
  room.receive(...added(8));
  mock.timers.tick(299);
  assert.deepEqual(gaps, []);
  mock.timers.tick(1);
  room.receive(...added(9));
  mock.timers.tick(5000);
  assert.deepEqual(gaps, [5]);
});

test('the answer fills the gap and what had waited follows', () => {
  const { room, gaps } = roomAt(5);
  room.receive(...added(9));
  mock.timers.tick(300);
  room.load([comment(6), comment(7), comment(8)], { kind: 'changes', version: 8, count: 13 });
  assert.equal(room.version, 9);
  assert.equal(room.count, 14);
  assert.deepEqual(ids(room), ['6', '7', '8', '9']);
  mock.timers.tick(5000);
  assert.deepEqual(gaps, [5]);
});

test('a heartbeat reveals a loss that no event would', () => {
  const { room, gaps } = roomAt(5);
  room.hear(5);
  mock.timers.tick(1000);
  room.hear(6);
  mock.timers.tick(300);
  assert.deepEqual(gaps, [5]);
});

test('it asks again if asking failed', () => {
  const { room, gaps } = roomAt(5);
  room.hear(6);
  mock.timers.tick(300);
  room.askAgain(2000);
  mock.timers.tick(2000);
  assert.deepEqual(gaps, [5, 5]);
});

test('an unknown kind of change still takes its version', () => {
  const { room } = roomAt(5);
  room.receive('comment_reacted', { _id: '1', version: 6 });
  room.receive(...added(7));
  assert.equal(room.version, 7);
});

test('changes carry edits and tombstones', () => {
  const { room, changes } = roomAt(5, { comments: [comment(1), comment(2)] });
  const meta = { kind: 'changes', version: 7, count: 9 };
  room.load([comment(1, 6, { html: 'new' }), { _id: '2', status: 'removed', version: 7 }], meta);
  assert.equal(room.comment('1').html, 'new');
  assert.equal(room.comment('2'), null);
  assert.equal(room.count, 9);
  assert.deepEqual(changes[0], { cause: 'catch-up', added: [], updated: ['1'], removed: ['2'], later: [] });
});

test('a snapshot removes what it does not contain, and leaves what is older', () => {
  const { room } = roomAt(5, { comments: [comment(1), comment(2), comment(3), comment(4)] });
  room.load([comment(3), comment(9)], { kind: 'snapshot', version: 900, hasMore: true, count: 50 });
  assert.deepEqual(ids(room), ['1', '2', '3', '9']);
  assert.equal(room.version, 900);
});

test('a snapshot that does not touch the page replaces it, so that no hole is hidden', () => {
  const { room } = roomAt(5, { comments: [comment(1), comment(2)] });
  room.load([comment(80), comment(81)], { kind: 'snapshot', version: 900, hasMore: true, count: 81 });
  assert.deepEqual(ids(room), ['80', '81']);
  assert.equal(room.hasEarlier, true);
  assert.equal(room.first, '80');
});

test('a comment of our own that is known ahead does not hide the hole before it', () => {
  const { room } = roomAt(5, { comments: [comment(1), comment(2)] });
  room.know(comment(81, 881));
  room.load([comment(80), comment(81, 881)], { kind: 'snapshot', version: 900, hasMore: true, count: 81 });
  assert.deepEqual(ids(room), ['80', '81']);
  assert.equal(room.hasEarlier, true);
  assert.equal(room.first, '80');
});

test('a comment of our own hides no hole on a page that knew nothing else', () => {
  const { room } = roomAt(0);
  room.know(comment(3, 3));
  room.load([comment(80), comment(81)], { kind: 'snapshot', version: 81, hasMore: true, count: 81 });
  assert.deepEqual(ids(room), ['80', '81']);
  assert.equal(room.hasEarlier, true);
  assert.equal(room.first, '80');
});

test('a comment of our own that is newer than the snapshot stays', () => {
  const { room } = roomAt(5, { comments: [comment(1), comment(2)] });
  room.know(comment(82, 901));
  room.load([comment(80), comment(81)], { kind: 'snapshot', version: 900, hasMore: true, count: 81 });
  assert.deepEqual(ids(room), ['80', '81', '82']);
});

test('what stands before a snapshot is compared page by page', () => {
  const { room, changes } = roomAt(90, { comments: [10, 20, 30, 40, 50].map((id) => comment(id)), hasEarlier: true });
  room.asking();
  room.load([comment(50), comment(60, 900)], { kind: 'snapshot', version: 900, hasMore: true, count: 20 });
  assert.equal(room.unsure, '50');
  room.refresh([comment(30), comment(40, 500)], { before: '50', hasMore: true, version: 900 });
  assert.equal(room.unsure, '30');
  assert.deepEqual(changes.at(-1).updated, ['40']);
  room.refresh([comment(5), comment(10)], { before: '30', hasMore: true, version: 900 });
  assert.equal(room.unsure, null);
  assert.deepEqual(changes.at(-1).removed, ['20']);
  assert.deepEqual(ids(room), ['10', '30', '40', '50', '60']);
});

test('what came while a page was compared is kept', () => {
  const { room } = roomAt(90, { comments: [10, 20, 50].map((id) => comment(id)) });
  room.load([comment(50), comment(60, 900)], { kind: 'snapshot', version: 900, hasMore: true, count: 20 });
  room.receive(...added(901, 15));
  room.refresh([comment(10), comment(20)], { before: '50', hasMore: false, version: 900 });
  assert.deepEqual(ids(room), ['10', '15', '20', '50', '60']);
});

test('a page in the middle is compared from its end', () => {
  const { room } = roomAt(90, { comments: [10, 20].map((id) => comment(id)), reachesEnd: false });
  room.load([comment(50)], { kind: 'snapshot', version: 900, hasMore: true, count: 20 });
  assert.equal(room.unsure, '21');
  room.refresh([comment(10)], { before: '21', hasMore: false, version: 900 });
  assert.equal(room.unsure, null);
  assert.deepEqual(ids(room), ['10']);
});

test('a server that was set back is believed', () => {
  const { room } = roomAt(90, { comments: [10, 80, 90].map((id) => comment(id)) });
  room.asking();
  room.load([comment(10), comment(70)], { kind: 'snapshot', version: 70, hasMore: false, count: 2 });
  assert.equal(room.version, 70);
  assert.deepEqual(ids(room), ['10', '70']);
  room.receive(...added(71));
  assert.deepEqual(ids(room), ['10', '70', '71']);
});

test('a snapshot read before the newest event is not taken for a server that was set back', () => {
  const { room } = roomAt(90, { comments: [comment(90)] });
  room.asking();
  room.receive(...added(91));
  room.load([comment(90)], { kind: 'snapshot', version: 90, hasMore: false, count: 10 });
  assert.equal(room.version, 91);
  assert.deepEqual(ids(room), ['90', '91']);
});

test('an empty snapshot empties the page', () => {
  const { room } = roomAt(5, { comments: [comment(1)] });
  room.load([], { kind: 'snapshot', version: 900, hasMore: false, count: 0 });
  assert.deepEqual(ids(room), []);
});

test('a late answer does not bring a removed comment back', () => {
  const { room } = roomAt(5);
  room.receive(...added(6, 6));
  room.receive(...removed(7, 6));
  room.know(comment(6, 6));
  assert.equal(room.comment('6'), null);
});

test('a restored comment comes back', () => {
  const { room } = roomAt(5, { comments: [comment(1), comment(2)] });
  room.receive(...removed(6, 1));
  room.receive('comment_added', comment(1, 7));
  assert.deepEqual(ids(room), ['1', '2']);
});

test('replies forget the name of a removed parent', () => {
  const reply = comment(2, 2, { parentId: '1', parentName: 'Reader 1' });
  const { room, changes } = roomAt(5, { comments: [comment(1), reply] });
  room.receive(...removed(6, 1));
  assert.equal(room.comment('2').parentName, null);
  assert.deepEqual(changes[0].updated, ['2']);
});

test('the answer to our own comment and its event are one comment, counted once', () => {
  const { room } = roomAt(5);
  room.know(comment(6, 6, { clientId: 'mine' }));
  room.receive(...added(6));
  assert.equal(room.count, 11);
  assert.equal(room.comment('6').clientId, 'mine');
});

test('what lies before an unloaded page is not shown, but counted', () => {
  const { room } = roomAt(5, { comments: [comment(30), comment(31)], hasEarlier: true });
  room.receive('comment_added', comment(2, 6));
  assert.deepEqual(ids(room), ['30', '31']);
  assert.equal(room.count, 11);
});

test('a restored comment returns to the place that its replies have kept', () => {
  const orphan = comment(30, 3, { parentId: '2' });
  const { room } = roomAt(5, { comments: [orphan], hasEarlier: true });
  room.receive('comment_added', comment(2, 6));
  assert.deepEqual(ids(room), ['2', '30']);
});

test('on an earlier page new comments are counted and not appended, but our own is', () => {
  const { room, changes } = roomAt(5, { comments: [comment(1), comment(2)], reachesEnd: false });
  room.receive(...added(6, 90));
  assert.deepEqual(ids(room), ['1', '2']);
  assert.deepEqual(changes[0].later.map(({ _id }) => _id), ['90']);
  room.know(comment(91, 7));
  assert.deepEqual(ids(room), ['1', '2', '91']);
});

test('an earlier page goes in front', () => {
  const { room, changes } = roomAt(50, { comments: [comment(30)], hasEarlier: true });
  room.addEarlier([comment(9), comment(10)], false);
  assert.equal(room.first, '9');
  assert.equal(room.hasEarlier, false);
  assert.deepEqual(changes[0].added, ['9', '10']);
});

test('ids are compared as numbers of any size', () => {
  const { room } = roomAt(5, { comments: [comment('99'), comment('100')] });
  assert.equal(room.first, '99');
});

test('what is gone leaves whose it was and by whom it was taken away, and nothing that was said', () => {
  const { room } = roomAt(3, { comments: [comment(1), comment(2)] });
  room.receive('comment_removed', { _id: '1', version: 4, by: 'moderator' });
  const mark = room.mark('1');
  assert.deepEqual([mark.by, 'content' in mark, 'html' in mark, 'author' in mark], ['moderator', false, false, false]);
  assert.equal(room.mark('2'), null);
});

test('a reaction changes the counts in the order of versions, and leaves the text as it was', () => {
  const { room, changes } = roomAt(5, { comments: [comment(3)] });
  const reacted = (version, count) => ['comment_reacted', { commentId: '3', reactions: { '👍': count }, version }];
  room.receive(...reacted(7, 2));
  assert.equal(room.comment('3').reactions, undefined);
  room.receive(...reacted(6, 1));
  assert.deepEqual(room.comment('3').reactions, { '👍': 2 });
  assert.deepEqual([room.version, room.comment('3').version, room.comment('3').textVersion], [7, 7, 3]);
  assert.deepEqual(changes.at(-1).updated, ['3', '3']);
});

test('the answer to our own reaction may be here before the event, and counts once', () => {
  const { room } = roomAt(5, { comments: [comment(3)] });
  room.reacted({ commentId: '3', reactions: { '👍': 2 }, version: 7 });
  room.receive('comment_reacted', { commentId: '3', reactions: { '👍': 1 }, version: 6 });
  room.receive('comment_reacted', { commentId: '3', reactions: { '👍': 2 }, version: 7 });
  assert.deepEqual([room.version, room.comment('3').reactions], [7, { '👍': 2 }]);
});

test('a reaction to what is not on the page is passed over', () => {
  const { room } = roomAt(5);
  room.receive('comment_reacted', { commentId: '9', reactions: {}, version: 6 });
  assert.equal(room.version, 6);
  assert.deepEqual(ids(room), []);
});

// --- Other pages ---

const page = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => comment(from + index));

test('the page after ours continues it, until the end is reached', () => {
  const { room } = roomAt(20, { comments: page(1, 3), reachesEnd: false });
  assert.equal(room.last, '3');
  room.addLater(page(4, 6), true);
  assert.deepEqual([room.last, room.reachesEnd], ['6', false]);
  room.addLater(page(7, 8), false);
  assert.deepEqual([room.last, room.reachesEnd], ['8', true]);
  room.receive(...added(21));
  assert.equal(room.last, '21');
});

test('a comment that comes while the last page is under way is not lost', () => {
  const { room } = roomAt(20, { comments: page(1, 3), reachesEnd: false });
  room.expectPage();
  room.receive(...added(21));
  assert.equal(room.last, '3');
  room.addLater(page(4, 6), false);
  assert.deepEqual([room.last, room.comment('21')?._id], ['21', '21']);
});

test('nor is it brought in twice, or back after it was removed', () => {
  const { room } = roomAt(20, { comments: page(1, 3), reachesEnd: false });
  room.expectPage();
  room.receive(...added(21));
  room.receive(...removed(22, 21));
  room.addLater(page(4, 6), false);
  assert.equal(room.comment('21'), null);
});

test('what is left out while a page that ends before it is under way stays out', () => {
  const { room } = roomAt(20, { comments: page(1, 3), reachesEnd: false });
  room.expectPage();
  room.receive(...added(21));
  room.addLater(page(4, 6), true);
  assert.equal(room.comment('21'), null);
});

test('an edit outside our page is not undone by a page that was read before it', () => {
  const { room } = roomAt(20, { comments: page(5, 6), hasEarlier: true });
  room.expectPage();
  room.receive('comment_updated', comment(2, 21, { content: 'edited' }));
  room.addEarlier(page(1, 4), false);
  assert.equal(room.comment('2').content, 'edited');
});

test('a page from elsewhere takes the place of ours', () => {
  const { room, changes } = roomAt(900, { comments: page(500, 510) });
  room.open(page(100, 110), { hasEarlier: true, hasLater: true });
  assert.deepEqual([room.first, room.last, room.hasEarlier, room.reachesEnd], ['100', '110', true, false]);
  assert.equal(room.comment('505'), null);
  assert.equal(changes.at(-1).removed.length, 11);
  room.receive(...added(901));
  assert.equal(room.comment('901'), null);
  assert.deepEqual(changes.at(-1).later.map(({ _id }) => _id), ['901']);
});

const sequence = (from, to, more = {}) => Array.from({ length: to - from + 1 }, (_, index) => comment(from + index, 1, more));

test('a page that has too much lets go of what is far, and goes on from there', () => {
  const { room, changes } = roomAt(900, { comments: sequence(1, 100) });
  room.trim('earliest', { most: 40, isNeeded: () => false });
  assert.deepEqual([room.first, room.last, room.hasEarlier, room.reachesEnd], ['61', '100', true, true]);
  assert.equal(changes.at(-1).removed.length, 60);
  room.receive(...added(901));
  assert.equal(room.last, '901');
  room.trim('latest', { most: 30, isNeeded: () => false });
  assert.deepEqual([room.first, room.last, room.hasEarlier, room.reachesEnd], ['61', '90', true, false]);
  room.receive(...added(902));
  assert.deepEqual(changes.at(-1).later.map(({ _id }) => _id), ['902']);
  room.expectPage();
  room.addLater(sequence(91, 100), false);
  assert.deepEqual([room.last, room.reachesEnd], ['100', true]);
});

test('what is needed stays, and all that is nearer', () => {
  const { room } = roomAt(900, { comments: sequence(1, 10) });
  room.trim('earliest', { most: 2, isNeeded: (id) => id === '4' });
  assert.equal(room.first, '4');
  room.trim('latest', { most: 2, isNeeded: (id) => id === '10' });
  assert.equal(room.last, '10');
  room.trim('latest', { most: 100, isNeeded: () => false });
  assert.equal(room.reachesEnd, true);
});

test('a reply whose parent is let go of names whom it answers', () => {
  const reply = comment(9, 9, { parentId: '1' });
  const { room } = roomAt(900, { comments: [...sequence(1, 8), reply] });
  room.trim('earliest', { most: 3, isNeeded: () => false });
  assert.equal(room.comment('9').parentName, 'Reader 1');
});

test('what is left of removed comments goes with those around them', () => {
  const { room } = roomAt(10, { comments: sequence(1, 10) });
  room.receive(...removed(11, 2));
  room.receive(...removed(12, 9));
  room.trim('earliest', { most: 4, isNeeded: () => false });
  assert.equal(room.mark('2'), null);
  assert.notEqual(room.mark('9'), null);
});

test('what happens elsewhere is kept only while a page is under way', () => {
  const { room } = roomAt(20, { comments: sequence(5, 6), hasEarlier: true, reachesEnd: false });
  room.receive('comment_updated', comment(3, 21, { content: 'edited' }));
  room.expectPage();
  room.giveUpPage();
  room.receive('comment_updated', comment(2, 22, { content: 'edited' }));
  room.expectPage();
  room.receive('comment_updated', comment(4, 23, { content: 'edited' }));
  room.addEarlier(sequence(1, 4, { content: 'as read' }), false);
  assert.deepEqual(['2', '3', '4'].map((id) => room.comment(id).content), ['as read', 'as read', 'edited']);
});

test('where an author has deleted the account, answers by others say so, too', () => {
  const answer = comment(2, 2, { parentId: '1', parentName: 'Reader 1' });
  const { room, changes } = roomAt(2, { comments: [comment(1), answer], reword: withOurWords });
  const author = { name: 'Usuario borrado', isDeleted: true };
  room.receive('comment_updated', comment(1, 3, { author }));
  assert.equal(room.comment('1').author.name, 'Deleted account');
  assert.equal(room.comment('2').parentName, 'Deleted account');
  assert.deepEqual(changes[0].updated, ['1', '2']);
});
