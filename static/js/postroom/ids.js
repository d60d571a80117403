// Ids are decimal strings, as long as they like: compared without becoming numbers.
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

// A UUID of version 4. `randomUUID` exists on secure origins only, and a trial on one's own network
// is none.
export function newClientId(source = globalThis.crypto) {
  if (source.randomUUID) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
