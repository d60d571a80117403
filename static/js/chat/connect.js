import { connect as toSite } from '../postroom/core.js';

// The chat's namespace, on the connection that readers' pages use, too.
export function connect({ readerId, onState }) {
  const connection = toSite(undefined, { readerId }).namespace('/chat');
  connection.onState(onState);
  return connection;
}
