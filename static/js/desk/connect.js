import { connect as toSite } from '../postroom/core.js';

// The moderators' namespace, on the connection that readers' pages use, too.
export function connect({ onState }) {
  const connection = toSite().namespace('/moderation');
  connection.onState(onState);
  return connection;
}
