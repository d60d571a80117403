// What a key means at the desk, as a command; null for what means nothing here.

const COMMANDS = {
  j: 'next', k: 'previous', f: 'approve', d: 'reject', b: 'sanction', z: 'open', u: 'undo',
  '?': 'help', '/': 'search', Escape: 'close',
};
const QUEUES = 7;
const MODIFIERS = ['ctrlKey', 'metaKey', 'altKey'];

// `isTyping`: the key belongs to a field. Only `close` leaves one.
export function commandFor(event, { isTyping = false } = {}) {
  if (event.isComposing || MODIFIERS.some((name) => event[name])) return null;
  if (event.key === 'Escape') return { name: 'close' };
  if (isTyping) return null;
  const key = letterOf(event);
  const queue = Number(key);
  if (queue >= 1 && queue <= QUEUES) return { name: 'queue', queue };
  const name = COMMANDS[key];
  // A key that is held down walks on, but decides only once.
  if (!name || (event.repeat && name !== 'next' && name !== 'previous')) return null;
  return { name };
}

// Somebody who writes Korean has other letters on the same keys, and should not have to switch for this.
function letterOf({ key, code = '' }) {
  if (/^[\x21-\x7e]$/.test(key)) return key.length === 1 ? key.toLowerCase() : key;
  if (code.startsWith('Key')) return code.slice(3).toLowerCase();
  return code.startsWith('Digit') ? code.slice(5) : key;
}
