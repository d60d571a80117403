import { format, gettext, number } from '../helpers/text.js';

// Nobody types for so long (in milliseconds) without the server saying it again.
const FORGOTTEN_AFTER = 12_000;
const NAMES = [
  null,
  () => gettext('%(first)s is typing…'),
  () => gettext('%(first)s and %(second)s are typing…'),
  () => gettext('%(first)s, %(second)s and %(third)s are typing…'),
];

// Who types: a quiet line in room that is kept for it. It is no live region; nobody is interrupted by it.
export class TypingLine {
  #line;
  #timer = null;

  constructor(line) {
    this.#line = line;
  }

  show(count, names) {
    clearTimeout(this.#timer);
    this.#line.textContent = sentence(count, names);
    if (count) this.#timer = setTimeout(() => this.clear(), FORGOTTEN_AFTER);
  }

  clear() {
    this.show(0, []);
  }
}

function sentence(count, names) {
  if (!count) return '';
  if (count > names.length || !NAMES[count]) {
    return format(gettext('%(count)s people are typing…'), { count: number(count) });
  }
  // Isolated: a name may be written from right to left.
  const [first, second, third] = names.map((name) => `\u2068${name}\u2069`);
  return format(NAMES[count](), { first, second, third });
}
