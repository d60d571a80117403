import { connect as toSite } from '../postroom/postroom.js';

// What concerns one reader wherever they are: the bell shares it.
export function connect({ onState }) {
  const connection = toSite().namespace('/notifications');
  connection.onState(onState);
  return connection;
}
