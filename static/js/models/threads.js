import { compareIds } from '../postroom/core.js';

// How comments stand on the page: [{ head, replies }], replies always oldest first. Each of them is an item
// { key, comment | entry, answers }, where `answers` is { id, name } if the comment has to say whom it
// answers, because that one does not stand right above; a `name` of null means it was removed.
//
// A reply goes under the topmost comment of its line that is here. One whose parent is not loaded
// stands by itself; one whose parent was removed stands under a placeholder ({ removed: true }), which
// lasts as long as it has replies, or says something to this reader: its `decision`, or that they may
// restore it (`isKept`). `entries` are comments of this reader that wait to be sent.
//
// The `order` of the threads is `oldest`, `newest` or `top`, by reactions. `scores` remembers with how many
// of these a thread was first met: the order would change under the reader's eyes otherwise.
export function arrange(comments, entries = [], { order = 'oldest', scores = new Map() } = {}) {
  const all = withPlaceholders(comments);
  const needed = ancestorsOfTheLiving(all);
  const heads = headFinder(all);
  const threads = new Map();

  for (const comment of all.values()) {
    if (isMute(comment) && !needed.has(comment._id)) continue;
    const head = heads(comment._id);
    const item = { key: comment._id, comment, answers: answersOf(comment, head, all) };
    if (head === comment._id) threads.set(head, { head: item, replies: [] });
    else threads.get(head).replies.push(item);
  }

  const waiting = [];
  for (const entry of entries) {
    const key = `pending-${entry.clientId}`;
    const head = all.has(entry.parentId) && threads.has(heads(entry.parentId)) ? heads(entry.parentId) : null;
    if (head !== null) {
      const answers = head === entry.parentId ? null : { id: entry.parentId, name: entry.parentName };
      threads.get(head).replies.push({ key, entry, answers });
    } else {
      const answers = entry.parentId ? { id: entry.parentId, name: entry.parentName } : null;
      waiting.push({ head: { key, entry, answers }, replies: [] });
    }
  }
  const found = [...threads.values()];
  if (order === 'oldest') return [...found, ...waiting];
  found.reverse();
  if (order === 'top') {
    for (const { head } of found) if (!scores.has(head.key)) scores.set(head.key, reactionCount(head.comment));
    found.sort((a, b) => scores.get(b.head.key) - scores.get(a.head.key));
  }
  return [...waiting.reverse(), ...found];
}

export function reactionCount({ reactions = {} }) {
  return Object.values(reactions ?? {}).reduce((sum, count) => sum + count, 0);
}

// Ordered by id, so every parent comes before its replies.
function withPlaceholders(comments) {
  const all = new Map();
  for (const comment of comments) all.set(comment._id, comment);
  for (const { parentId, parentName, removed } of [...all.values()]) {
    if (removed || !parentId || parentName || all.has(parentId)) continue;
    all.set(parentId, { _id: parentId, parentId: null, version: 0, removed: true });
  }
  return new Map([...all].sort(([a], [b]) => compareIds(a, b)));
}

export function isMute({ removed, decision, isKept }) {
  return removed && !decision && !isKept;
}

function ancestorsOfTheLiving(all) {
  const needed = new Set();
  for (const comment of all.values()) {
    if (isMute(comment)) continue;
    let above = comment.parentId;
    while (above && all.has(above) && !needed.has(above)) {
      needed.add(above);
      above = all.get(above).parentId;
    }
  }
  return needed;
}

function headFinder(all) {
  const known = new Map();
  return (id) => {
    const line = [];
    let head = id;
    while (!known.has(head) && all.has(all.get(head).parentId)) {
      line.push(head);
      head = all.get(head).parentId;
    }
    head = known.get(head) ?? head;
    for (const below of line) known.set(below, head);
    return head;
  };
}

function answersOf(comment, head, all) {
  const { parentId } = comment;
  if (comment.removed || !parentId || parentId === head) return null;
  const parent = all.get(parentId);
  if (parent) return { id: parentId, name: parent.removed ? null : parent.author.name };
  return { id: parentId, name: comment.parentName };
}
