// A <textarea> that grows with its text, where the browser does not do it by itself, and sends on
// Ctrl+Enter. While an input method composes (Korean, for example) all keys belong to it.

const GROWS_BY_ITSELF = globalThis.CSS?.supports('field-sizing', 'content');

export function growWithText(field) {
  if (GROWS_BY_ITSELF) return () => {};
  const grow = () => {
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  };
  field.addEventListener('input', grow);
  grow();
  return grow;
}

export function isSendKey(event) {
  return event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat && !isComposing(event);
}

// Enter alone, where it sends what is written, as in a chat; not where the keyboard is a part of the screen, and
// has no other key for a new line.
export function isEnterKey(event) {
  const isBare = event.key === 'Enter' && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
  return isBare && !event.repeat && !isComposing(event) && matchMedia('(pointer: fine)').matches;
}

export function isCancelKey(event) {
  return event.key === 'Escape' && !isComposing(event);
}

export function isUpKey(event) {
  const isBare = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  return event.key === 'ArrowUp' && isBare && !isComposing(event);
}

// The letter that is pressed with Ctrl or ⌘ alone, or null; where the keyboard writes other letters than
// Latin ones, the one that its key has on a Latin keyboard.
export function shortcutLetter(event) {
  if (event.ctrlKey === event.metaKey || event.altKey || event.shiftKey || isComposing(event)) return null;
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return event.code?.match(/^Key([A-Z])$/)?.[1].toLowerCase() ?? null;
}

// Replaces a part of the text as if it had been typed, so that the browser's own undo takes it back.
export function type(field, { from, to, text, start, end }) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(from, to);
  const command = text === '' ? ['delete'] : ['insertText', false, text];
  if (from !== to || text !== '') {
    if (!document.execCommand(...command)) {
      field.setRangeText(text, from, to, 'end');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }
  field.setSelectionRange(start, end);
}

// Safari ends the composition before it sends the key that ended it; 229 says whose key it was.
function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}
