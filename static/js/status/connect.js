import { Connection } from '../connection.js';
import { SERVER_EVENTS, STATUS_EVENTS, STATUS_REQUESTS } from '../events.js';

const NAMESPACE = '/notifications';
const { CONNECTION_ERROR, SESSION_ENDED } = SERVER_EVENTS;

// What concerns one reader wherever they are, beside the posts' namespace on the same connection.
export function connect(options) {
  const connection = new Connection({
    ...options,
    namespace: NAMESPACE,
    requests: STATUS_REQUESTS,
    events: { ...STATUS_EVENTS, CONNECTION_ERROR, SESSION_ENDED },
  });
  addEventListener('online', () => connection.wake());
  addEventListener('pageshow', (event) => event.persisted && connection.wake());
  document.addEventListener('visibilitychange', () => document.hidden || connection.wake());
  return connection;
}
