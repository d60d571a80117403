// A name that is being typed, as "@om" at the end of what stands before the caret.

const BEGUN = /(?:^|[^\p{L}\p{N}_@/.+-])@([\p{L}\p{M}\p{N}_.+-]{0,60})$/u;

// { start, prefix }: where its "@" stands, and what follows it; null where no name is being typed.
export function mentionAt(text, caret) {
  const found = BEGUN.exec(text.slice(0, caret));
  return found ? { start: caret - found[1].length - 1, prefix: found[1] } : null;
}

// The text with the whole name in its place, and where the caret stands then: behind one space.
export function completed(text, { start }, caret, username) {
  const name = `@${username}`;
  const after = text.slice(caret);
  const space = /^\s/.test(after) ? '' : ' ';
  return { text: `${text.slice(0, start)}${name}${space}${after}`, caret: start + name.length + 1 };
}
