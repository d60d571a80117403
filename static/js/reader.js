import { Connection } from './connection.js';
import {
  NOTIFICATION_EVENTS, NOTIFICATION_REQUESTS, SERVER_EVENTS, STATUS_EVENTS, STATUS_REQUESTS,
} from './events.js';
import { Notifications, showBrowserState } from './notifications.js';
import { Presence } from './presence.js';
import { keepTimesFresh } from './views/relative_time.js';

// On every page of whoever is logged in: what concerns them wherever they are. The namespace has one socket, on
// the connection that a post's page uses, too; a second one of the same namespace would be a second connection.
const NAMESPACE = '/notifications';
const { CONNECTION_ERROR, SESSION_ENDED } = SERVER_EVENTS;

const link = document.querySelector('[data-bell]');
const parts = [];
const connection = new Connection({
  namespace: NAMESPACE,
  readerId: link.dataset.userId,
  requests: { ...NOTIFICATION_REQUESTS, ...STATUS_REQUESTS },
  events: { ...NOTIFICATION_EVENTS, ...STATUS_EVENTS, CONNECTION_ERROR, SESSION_ENDED },
  onState: (state) => parts.forEach((part) => part.connectionIs(state)),
});
parts.push(
  new Notifications({ link, connection }),
  new Presence({ connection, after: Number(link.dataset.awayMinutes) * 60_000 }),
);
// Only few pages show what people are.
const root = document.querySelector('[data-statuses]');
if (root) {
  const { People } = await import('./status/people.js');
  parts.push(new People({ root, connection }));
}
for (const part of parts) part.listen();
addEventListener('online', () => connection.wake());
addEventListener('pageshow', (event) => event.persisted && connection.wake());
document.addEventListener('visibilitychange', () => document.hidden || connection.wake());

const page = document.querySelector('[data-inbox-page]');
if (page) keepTimesFresh(page);
showBrowserState(document.querySelector('[data-browser-state]'));

// What the page is about comes first.
if (document.readyState === 'complete') connection.start();
else addEventListener('load', () => connection.start());
