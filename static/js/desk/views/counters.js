import { number } from '../../helpers/text.js';

// As far as the server counts.
const COUNTED = 1000;

export function showCounts(root, counts) {
  for (const element of root.querySelectorAll('[data-queue-count]')) {
    const count = counts[element.dataset.queueCount];
    if (count === undefined) continue;
    const text = number(count) + (count >= COUNTED ? '+' : '');
    if (element.textContent === text) continue;
    element.textContent = text;
    element.toggleAttribute('data-none', count === 0);
  }
}
