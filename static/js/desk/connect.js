import { Connection } from '../connection.js';
import { DESK_EVENTS, DESK_REQUESTS, SERVER_EVENTS } from '../events.js';

const NAMESPACE = '/moderation';
const { CONNECTION_ERROR, SESSION_ENDED } = SERVER_EVENTS;

// The moderators' namespace, on the connection that readers' pages use, too.
export function connect(options) {
  const connection = new Connection({
    ...options,
    namespace: NAMESPACE,
    requests: DESK_REQUESTS,
    events: { ...DESK_EVENTS, CONNECTION_ERROR, SESSION_ENDED },
  });
  addEventListener('online', () => connection.wake());
  addEventListener('pageshow', (event) => event.persisted && connection.wake());
  document.addEventListener('visibilitychange', () => document.hidden || connection.wake());
  return connection;
}
