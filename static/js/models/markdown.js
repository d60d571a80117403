// What the buttons of the toolbar do to a text. Each takes the text and what is selected in it, and returns
// { from, to, text, start, end }: replace what stands between `from` and `to` by `text`, then select from
// `start` to `end`. Pressed again, a button takes back what it did.

export const MARKS = Object.freeze({
  bold: (text, start, end) => around(text, start, end, '**'),
  italic: (text, start, end) => around(text, start, end, '*'),
  link,
  quote: (text, start, end) => prefix(text, start, end, '> '),
  code,
  list: (text, start, end) => prefix(text, start, end, '- '),
});

const ADDRESS = /^https?:\/\/\S+$/i;
const PLACE = 'https://';

// A mark on each side. White space at the ends stays outside, or Markdown would not see the marks.
function around(text, start, end, mark) {
  const chosen = text.slice(start, end);
  const from = start + (chosen.length - chosen.trimStart().length) * Number(chosen.trim() !== '');
  const inner = chosen.trim() === '' ? chosen : chosen.trim();
  const to = from + inner.length;
  const size = mark.length;
  if (isMarked(text, from, to, mark)) {
    return { from: from - size, to: to + size, text: inner, start: from - size, end: to - size };
  }
  if (inner.length > 2 * size && isMarked(inner, size, inner.length - size, mark)) {
    const bare = inner.slice(size, -size);
    return { from, to, text: bare, start: from, end: from + bare.length };
  }
  return { from, to, text: mark + inner + mark, start: from + size, end: to + size };
}

// Whether exactly these marks stand on both sides: two stars are no italics, three are both.
function isMarked(text, from, to, mark) {
  const before = text.slice(0, from).match(/\**$/)[0].length;
  const after = text.slice(to).match(/^\**/)[0].length;
  if (!before || before !== after) return false;
  return mark === '*' ? before % 2 === 1 : before >= 2;
}

function link(text, start, end) {
  const chosen = text.slice(start, end);
  if (ADDRESS.test(chosen.trim())) {
    return { from: start, to: end, text: `[](${chosen.trim()})`, start: start + 1, end: start + 1 };
  }
  const made = `[${chosen}](${PLACE})`;
  if (!chosen) return { from: start, to: end, text: made, start: start + 1, end: start + 1 };
  const address = start + made.length - 1 - PLACE.length;
  return { from: start, to: end, text: made, start: address, end: address + PLACE.length };
}

// Within a line backticks, over several a fence; more of them than the text has in a row.
function code(text, start, end) {
  const chosen = text.slice(start, end);
  const longest = Math.max(0, ...(chosen.match(/`+/g) ?? []).map((run) => run.length));
  if (chosen.includes('\n')) {
    const fence = '`'.repeat(Math.max(3, longest + 1));
    const before = start === 0 || text[start - 1] === '\n' ? '' : '\n';
    const after = end === text.length || text[end] === '\n' ? '' : '\n';
    const open = `${before}${fence}\n`;
    const body = chosen.replace(/\n$/, '');
    const made = `${open}${body}\n${fence}${after}`;
    return { from: start, to: end, text: made, start: start + open.length, end: start + open.length + body.length };
  }
  if (text[start - 1] === '`' && text[end] === '`' && !longest) {
    return { from: start - 1, to: end + 1, text: chosen, start: start - 1, end: end - 1 };
  }
  const ticks = '`'.repeat(longest + 1);
  const space = longest ? ' ' : '';
  const shift = ticks.length + space.length;
  const made = ticks + space + chosen + space + ticks;
  return { from: start, to: end, text: made, start: start + shift, end: end + shift };
}

// Before each line that the selection touches. A list or a quotation begins after an empty line and ends
// before one, or the lines around it would belong to it.
function prefix(text, start, end, mark) {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const last = end > start && text[end - 1] === '\n' ? end - 1 : end;
  const stop = text.indexOf('\n', last);
  const to = stop < 0 ? text.length : stop;
  const lines = text.slice(from, to).split('\n');
  if (lines.every((line) => line.startsWith(mark))) {
    const bare = lines.map((line) => line.slice(mark.length)).join('\n');
    return caretOrAll({ from, to, text: bare, isCaret: start === end, at: start - mark.length, begin: from });
  }
  const before = from > 0 && !lineBefore(text, from).match(/^$|^[>-] /) ? '\n' : '';
  const after = to < text.length && !/^\n(\n|$)/.test(text.slice(to)) ? '\n' : '';
  const marked = lines.map((line) => (line.startsWith(mark) ? line : mark + line)).join('\n');
  const at = start + before.length + mark.length;
  return caretOrAll({
    from, to, text: before + marked + after, isCaret: start === end, at, begin: from + before.length, tail: after.length,
  });
}

function lineBefore(text, from) {
  return text.slice(text.lastIndexOf('\n', from - 2) + 1, from - 1);
}

// Who selected nothing writes on where they were; else what was marked is selected.
function caretOrAll({ from, to, text, isCaret, at, begin, tail = 0 }) {
  if (isCaret) return { from, to, text, start: Math.max(at, from), end: Math.max(at, from) };
  return { from, to, text, start: begin, end: from + text.length - tail };
}
