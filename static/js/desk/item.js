import { commandFor } from './models/keys.js';
import { wantOnlyWhatFits } from './views/panel.js';

// One item in its context. It is a page like any other; keys are a shorter way to what stands on it.
const PLACES = {
  approve: '[data-actions] [data-action=approve]',
  reject: '#reject',
  sanction: '#sanction',
  undo: '[data-done] [type=submit]',
};

function pressed(event) {
  const isTyping = Boolean(event.target.closest?.('input, select, textarea, [contenteditable]'));
  const command = commandFor(event, { isTyping });
  if (!command) return;
  const { name, queue } = command;
  const place = document.querySelector(name === 'queue' ? `[data-queue-key="${queue}"]` : PLACES[name] ?? null);
  if (!place) return;
  event.preventDefault();
  if (place.matches('section')) show(place);
  else place.click();
}

function show(section) {
  section.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  const field = section.querySelector('input[type=radio]:checked') ?? section.querySelector('input[type=radio], select, textarea');
  field?.focus({ preventScroll: true });
}

for (const form of document.querySelectorAll('[data-sanction-form]')) wantOnlyWhatFits(form);
document.addEventListener('keydown', pressed);
