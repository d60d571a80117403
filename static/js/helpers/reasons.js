import { format, gettext, pgettext } from './text.js';

// The codes of reasons in the reader's language; the Python side has the same list, a test compares them.
export const REASONS = Object.freeze({
  offensive: () => gettext('offensive'),
  harassment: () => gettext('harassment'),
  hate: () => gettext('hate'),
  spam: () => pgettext('reason', 'spam'),
  advertising: () => gettext('advertising'),
  off_topic: () => gettext('off topic'),
  illegal: () => gettext('illegal'),
  personal_data: () => gettext('personal data'),
  banned_word: () => gettext('banned word'),
  other: () => gettext('other'),
});

// A sentence, or nothing where there is no reason.
export function reasonSentence(code) {
  const name = REASONS[code]?.();
  return name ? format(gettext('Reason: %(reason)s'), { reason: name }) : '';
}
