import assert from 'node:assert/strict';
import { test } from 'node:test';

import { quotation } from '../../../static/js/models/quotation.js';

test('each line is quoted, empty ones are left out', () => {
  assert.equal(quotation('  One\n\n  Two\r\nThree '), '> One\n> Two\n> Three');
});

test('what would mean something to Markdown means nothing', () => {
  assert.equal(quotation('2 * 3 `x` [a](b) <b> _y_ a_b'), '> 2 \\* 3 \\`x\\` \\[a\\](b) \\<b\\> \\_y\\_ a_b');
  assert.equal(quotation('- one\n1. two\n# three\n12) four'), '> \\- one\n> 1\\. two\n> \\# three\n> 12\\) four');
  assert.equal(quotation('1.5 litres'), '> 1\\.5 litres');
});

test('a long one is cut between characters', () => {
  const quoted = quotation('👍'.repeat(1200));
  assert.equal([...quoted].length, 2 + 1000 + 1);
  assert.ok(quoted.endsWith('👍…'));
});

test('any script stays as it is', () => {
  assert.equal(quotation('안녕하세요 مرحبا'), '> 안녕하세요 مرحبا');
});
