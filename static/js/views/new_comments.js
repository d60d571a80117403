import { isInRoom, worded } from '../helpers/place.js';
import { format, gettext, ngettext, number } from '../helpers/text.js';

// Two small buttons, at the upper and at the lower end of what the reader sees: how many new comments stand above
// and below. A comment is new until it has been in view; while nobody looks at the page nothing has.
export class NewComments {
  #above;
  #below;
  #side;
  #unseen = new Set();
  // New ones beyond the end of what is loaded, or not shown yet: { above, below }, how many.
  #further = { above: 0, below: 0 };
  #offersEnd = false;

  // `side(id)` is `above`, `in`, `below`, or null for what is not in the list (any more); `go(side)` goes there.
  constructor({ above, below, side, go }) {
    this.#above = above;
    this.#below = below;
    this.#side = side;
    above.addEventListener('click', () => go('above'));
    below.addEventListener('click', () => go('below'));
  }

  add(ids) {
    for (const id of ids) this.#unseen.add(id);
  }

  forget() {
    this.#unseen.clear();
  }

  // Which of them stand there.
  on(side) {
    return [...this.#unseen].filter((id) => this.#side(id) === side);
  }

  // The reader or the page has moved. With `offersEnd` the lower button leads to the newest comment even if none
  // is new.
  look({ further = this.#further, offersEnd = this.#offersEnd } = {}) {
    this.#further = further;
    this.#offersEnd = offersEnd;
    const counts = { ...further };
    for (const id of this.#unseen) {
      const side = this.#side(id);
      if (side === 'above' || side === 'below') counts[side] += 1;
      else if (side === null || !document.hidden) this.#unseen.delete(id);
    }
    show(this.#above, counts.above ? `${sentence(counts.above)} ↑` : '');
    const newest = offersEnd ? `${worded(gettext('Newest comments'), gettext('Newest messages'))} ↓` : '';
    show(this.#below, counts.below ? `${sentence(counts.below)} ↓` : newest);
  }
}

export function sentence(count) {
  const words = isInRoom()
    ? ngettext('%(count)s new message', '%(count)s new messages', count)
    : ngettext('%(count)s new comment', '%(count)s new comments', count);
  return format(words, { count: number(count) });
}

function show(button, text) {
  button.hidden = text === '';
  if (text && button.textContent !== text) button.textContent = text;
}
