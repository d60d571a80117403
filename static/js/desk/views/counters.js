import { format, ngettext, number } from '../../helpers/text.js';

// As far as the server counts.
const COUNTED = 1000;

export function showCounts(root, counts) {
  for (const element of root.querySelectorAll('[data-queue-count]')) {
    const count = counts[element.dataset.queueCount];
    if (count === undefined) continue;
    const text = counted(count);
    if (element.textContent === text) continue;
    element.textContent = text;
    element.toggleAttribute('data-none', count === 0);
  }
  const reports = root.querySelector('[data-private-reports]');
  if (reports && counts.private !== undefined) showReports(reports, counts.private);
}

// No queue of the desk: the way to what was reported of private messages, while there is any.
function showReports(root, count) {
  const sentence = ngettext('%(count)s private message was reported', '%(count)s private messages were reported', count);
  const text = format(sentence, { count: counted(count) });
  const link = root.querySelector('a');
  if (link.textContent !== text) link.textContent = text;
  root.hidden = count === 0;
}

function counted(count) {
  return number(count) + (count >= COUNTED ? '+' : '');
}
