import { pgettext } from '../../helpers/text.js';
import { showTime } from '../../views/relative_time.js';

const WORDS = {
  online: () => pgettext('status', 'Online'),
  away: () => pgettext('status', 'Away'),
  offline: () => pgettext('status', 'Offline'),
};

// Shows what somebody is; `element` is what templates/accounts/_status.html renders.
export function showStatus(element, { status, lastSeen }) {
  if (!(status in WORDS)) throw new Error(`unknown status ${status}`);
  element.dataset.status = status;
  element.querySelector('[data-status-text]').textContent = WORDS[status]();
  const seen = element.querySelector('[data-status-seen]');
  seen.hidden = status !== 'offline' || lastSeen === null;
  if (!seen.hidden) showTime(seen.querySelector('time'), lastSeen);
}

// What an element shows already, as the server rendered it.
export function shownStatus(element) {
  const seen = element.querySelector('[data-status-seen]');
  const { status } = element.dataset;
  return { status, lastSeen: seen.hidden ? null : seen.querySelector('time').dateTime };
}
