import { Connection } from '../connection.js';
import { CHAT_EVENTS, CHAT_REQUESTS, SERVER_EVENTS } from '../events.js';

const NAMESPACE = '/chat';
const { CONNECTION_ERROR, SESSION_ENDED } = SERVER_EVENTS;
// The chat hears what is said under older names, too, until it enters a room.
const OLD_SPELLINGS = { CHAT_MESSAGE_OF_OLD: 'chat message', MESSAGE: 'message' };

// The chat's namespace, beside the readers' one on the same connection.
export function connect(options) {
  const connection = new Connection({
    ...options,
    namespace: NAMESPACE,
    requests: CHAT_REQUESTS,
    events: { ...CHAT_EVENTS, ...OLD_SPELLINGS, CONNECTION_ERROR, SESSION_ENDED },
  });
  addEventListener('online', () => connection.wake());
  addEventListener('pageshow', (event) => event.persisted && connection.wake());
  document.addEventListener('visibilitychange', () => document.hidden || connection.wake());
  return connection;
}
