// What a reader has selected in a comment, as a quotation in Markdown that shows the same again.

const LONGEST = 1000;
const MARKS = /[\\`*[\]<>~]/g;
// Between letters an underscore means nothing.
const UNDERSCORES = /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
// What would make a list or a heading of a line.
const LINE_MARK = /^([-+#]|\d+[.)])/;

export function quotation(selected) {
  const whole = selected.trim();
  const cut = [...whole].slice(0, LONGEST).join('');
  const text = cut.length < whole.length ? `${cut.trimEnd()}…` : whole;
  const lines = text.split(/\s*\n\s*/).filter(Boolean);
  return lines.map((line) => `> ${escaped(line)}`).join('\n');
}

function escaped(line) {
  const plain = line.replace(MARKS, '\\$&').replace(UNDERSCORES, '\\_');
  return plain.replace(LINE_MARK, (mark) => `${mark.slice(0, -1)}\\${mark.at(-1)}`);
}
