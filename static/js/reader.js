import { NotificationsBell, showBrowserState } from './notifications.js';
import { connect } from './postroom/core.js';
import { Presence } from './presence.js';
import { keepTimesFresh } from './views/relative_time.js';

// On every page of whoever is logged in: what concerns them wherever they are, on the one connection of the page.
const link = document.querySelector('[data-bell]');
const client = connect(undefined, { readerId: link.dataset.userId });
const connection = client.namespace('/notifications');
const bell = new NotificationsBell({ link, connection, notifications: client.notifications() });
const presence = new Presence({ connection, after: Number(link.dataset.awayMinutes) * 60_000 });
presence.listen();
connection.onState((state) => presence.connectionIs(state));
// Only few pages show what people are.
const root = document.querySelector('[data-statuses]');
if (root) {
  const { People } = await import('./status/people.js');
  const people = new People({ root, connection });
  people.listen();
  connection.onState((state) => people.connectionIs(state));
}

const page = document.querySelector('[data-inbox-page]');
if (page) keepTimesFresh(page);
showBrowserState(document.querySelector('[data-browser-state]'));

// What the page is about comes first.
if (document.readyState === 'complete') bell.start();
else addEventListener('load', () => bell.start());
