import { worded } from '../helpers/place.js';
import { format, gettext } from '../helpers/text.js';
import { fillAvatar, fillName } from './comment.js';
import { fillDecision } from './decision.js';
import { showTime } from './relative_time.js';

const WAITING = {
  online: () => gettext('sending'),
  ended: () => gettext('waiting until you log in'),
  barred: () => gettext('not sent'),
};

// A comment of this reader that the server has not confirmed: half strength with a small clock, and
// what went wrong, with a way out, when it was refused. `decision` is what a rule decided about it.
export function fillPending(element, entry, { reader, connection, decision, addresses, templates }) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  element.id = `pending-${entry.clientId}`;
  element.removeAttribute('data-id');
  element.dataset.clientId = entry.clientId;
  element.classList.toggle('is-pending', entry.state === 'waiting');
  element.classList.toggle('is-failed', entry.state === 'failed');
  element.classList.toggle('is-held', entry.state === 'held');
  const label = worded(gettext('Comment by %(name)s'), gettext('Message from %(name)s'));
  element.setAttribute('aria-label', format(label, { name: reader.name }));
  fillAvatar(find('avatar'), reader);
  fillName(find('name'), reader, addresses);
  find('permalink').removeAttribute('href');
  showTime(find('permalink').querySelector('time'), entry.createdAt);
  find('text').classList.add('is-plain');
  find('text').textContent = entry.content;
  fillState(find('state'), entry, connection);
  fillProblem(find('problem'), entry);
  const actions = element.querySelector('footer[data-actions]');
  for (const link of actions.querySelectorAll(':scope > a')) link.remove();
  fillWaysOut(actions, entry, decision ? templates.amend : templates.retry);
  // The problem says already that it was rejected.
  if (entry.state === 'failed' && decision) {
    fillDecision(element, decision, { before: actions, withLead: false, addresses, template: templates.decision });
  }
}

function fillState(element, entry, connection) {
  element.hidden = entry.state === 'failed';
  element.replaceChildren();
  if (entry.state === 'held') {
    element.append(gettext('waiting for review, only you see it'));
  } else if (entry.state === 'waiting') {
    const clock = document.createElement('span');
    clock.className = 'clock';
    clock.ariaHidden = 'true';
    element.append(clock, WAITING[connection]?.() ?? gettext('waiting for the connection'));
  }
}

function fillProblem(element, entry) {
  element.hidden = entry.state !== 'failed';
  const text = entry.error?.message ?? '';
  if (element.textContent !== text) element.textContent = text;
}

function fillWaysOut(actions, entry, template) {
  const shown = actions.querySelector('[data-retry]');
  if (entry.state === 'failed' && !shown) actions.append(template.content.cloneNode(true));
  if (entry.state !== 'failed') shown?.remove();
}
