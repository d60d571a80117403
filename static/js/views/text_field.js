// A <textarea> that grows with its text, where the browser does not do it by itself, and sends on
// Ctrl+Enter. While an input method composes (Korean, for example) Enter belongs to it.

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
  return event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !isComposing(event);
}

export function isCancelKey(event) {
  return event.key === 'Escape' && !isComposing(event);
}

// Safari ends the composition before it sends the key that ended it; 229 says whose key it was.
function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}
