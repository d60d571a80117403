import { compareIds } from '../postroom/core.js';
import { isMute } from './threads.js';

// How comments stand in the live stream: one after the other in the order of time, each naming whom it answers,
// in the same form as `arrange` has it. A comment that was removed leaves no place, unless it says something to
// this reader.
export function stream(comments, entries = []) {
  const all = new Map();
  for (const comment of comments) all.set(comment._id, comment);
  const items = [...all.values()]
    .filter((comment) => !isMute(comment))
    .sort((a, b) => compareIds(a._id, b._id))
    .map((comment) => ({ key: comment._id, comment, answers: answersOf(comment, all) }));
  for (const entry of entries) {
    const answers = entry.parentId ? { id: entry.parentId, name: entry.parentName } : null;
    items.push({ key: `pending-${entry.clientId}`, entry, answers });
  }
  return items.map((item) => ({ head: item, replies: [] }));
}

function answersOf({ parentId, parentName, removed }, all) {
  if (removed || !parentId) return null;
  const parent = all.get(parentId);
  if (!parent) return { id: parentId, name: parentName };
  return { id: parentId, name: parent.removed ? null : parent.author.name };
}
