// Words in the reader's language, from Django's JavaScript catalogue; English when it did not load.

const catalogue = () => globalThis.django ?? {};

export function gettext(message) {
  return catalogue().gettext?.(message) ?? message;
}

export function pgettext(context, message) {
  return catalogue().pgettext?.(context, message) ?? message;
}

export function ngettext(one, many, count) {
  return catalogue().ngettext?.(one, many, count) ?? (count === 1 ? one : many);
}

// Fills the named places of a sentence: format('%(name)s wrote', { name }).
export function format(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (place, name) => (name in values ? String(values[name]) : place));
}

export function language() {
  return globalThis.document?.documentElement.lang || 'en';
}

// The zone that this reader has chosen in their account; without a choice the browser's.
export function timeZone() {
  const chosen = globalThis.document?.documentElement.dataset.timeZone;
  try {
    return chosen ? new Intl.DateTimeFormat('en', { timeZone: chosen }).resolvedOptions().timeZone : undefined;
  } catch {
    return undefined; // one that this browser has not heard of
  }
}

export function number(value) {
  return new Intl.NumberFormat(language()).format(value);
}

// As the server counts: characters, not UTF-16 halves of them.
export function characters(text) {
  return [...text].length;
}
