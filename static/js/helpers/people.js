import { gettext } from './text.js';

// A deleted account has no name of its own. The server calls it something for readers of any language; here it
// gets its reader's word, wherever a comment names it.
export function withOurWords(comment) {
  const { author, parentIsDeleted } = comment;
  if (author?.isDeleted) author.name = gettext('Deleted account');
  if (parentIsDeleted && comment.parentName !== null) comment.parentName = gettext('Deleted account');
  return comment;
}
