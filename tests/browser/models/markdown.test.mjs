import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MARKS } from '../../../static/js/models/markdown.js';

// A text with its selection in brackets, "[" and "]"; "|" is a caret.
function press(name, marked) {
  const isCaret = marked.includes('|');
  const start = marked.search(/[⟦|]/);
  const end = isCaret ? start : marked.indexOf('⟧') - 1;
  const text = marked.replace(/[⟦⟧|]/g, '');
  const edit = MARKS[name](text, start, end);
  const after = text.slice(0, edit.from) + edit.text + text.slice(edit.to);
  if (edit.start === edit.end) return `${after.slice(0, edit.start)}|${after.slice(edit.start)}`;
  return `${after.slice(0, edit.start)}⟦${after.slice(edit.start, edit.end)}⟧${after.slice(edit.end)}`;
}

const CASES = [
  ['bold', 'a ⟦word⟧ here', 'a **⟦word⟧** here'],
  ['bold', 'a **⟦word⟧** here', 'a ⟦word⟧ here'],
  ['bold', 'a ⟦**word**⟧ here', 'a ⟦word⟧ here'],
  ['bold', 'a ⟦ word ⟧here', 'a  **⟦word⟧** here'],
  ['bold', 'a |', 'a **|**'],
  ['bold', 'a **|**', 'a |'],
  ['bold', '⟦안녕 👋⟧', '**⟦안녕 👋⟧**'],
  ['italic', '⟦word⟧', '*⟦word⟧*'],
  ['italic', '*⟦word⟧*', '⟦word⟧'],
  ['italic', '**⟦word⟧**', '***⟦word⟧***'],
  ['italic', '***⟦word⟧***', '**⟦word⟧**'],
  ['bold', '***⟦word⟧***', '*⟦word⟧*'],
  ['link', 'see ⟦this⟧', 'see [this](⟦https://⟧)'],
  ['link', 'see ⟦https://example.com/a⟧', 'see [|](https://example.com/a)'],
  ['link', 'see |', 'see [|](https://)'],
  ['code', 'call ⟦f()⟧ now', 'call `⟦f()⟧` now'],
  ['code', 'call `⟦f()⟧` now', 'call ⟦f()⟧ now'],
  ['code', '⟦a`b⟧', '`` ⟦a`b⟧ ``'],
  ['code', 'see\n⟦a\nb⟧\nthere', 'see\n```\n⟦a\nb⟧\n```\nthere'],
  ['code', 'see ⟦a\nb⟧ there', 'see \n```\n⟦a\nb⟧\n```\n there'],
  ['code', '⟦```\nb⟧', '````\n⟦```\nb⟧\n````'],
  ['quote', '⟦one\ntwo⟧', '⟦> one\n> two⟧'],
  ['quote', '⟦> one\n> two⟧', '⟦one\ntwo⟧'],
  ['quote', 'on|e', '> on|e'],
  ['quote', '> on|e', 'on|e'],
  ['quote', 'before\n⟦one⟧\nafter', 'before\n\n⟦> one⟧\n\nafter'],
  ['list', '⟦one\ntwo⟧', '⟦- one\n- two⟧'],
  ['list', '- one\ntw|o', '- one\n- tw|o'],
  ['list', 'before\n\n⟦one⟧\n\nafter', 'before\n\n⟦- one⟧\n\nafter'],
  ['list', '|', '- |'],
];

for (const [name, before, after] of CASES) {
  test(`${name}: ${JSON.stringify(before)}`, () => assert.equal(press(name, before), after));
}

test('what a button did it takes back', () => {
  for (const name of ['bold', 'italic', 'code', 'quote', 'list']) {
    for (const text of ['⟦word⟧', '⟦one\ntwo⟧']) {
      if (name === 'code' && text.includes('\n')) continue; // a fence is taken back by the browser's own undo
      assert.equal(press(name, press(name, text)), text, name);
    }
  }
});
