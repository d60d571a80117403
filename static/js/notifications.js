import { isInView } from './helpers/stillness.js';
import { Ringing } from './ringing.js';
import { Bell } from './views/bell.js';

// Announcements are gathered for so long, in milliseconds: who listens is not to be interrupted at each.
const GATHER = 1500;
// How often it is seen whether what came is in view by now, while somebody scrolls.
const LOOK = 400;

// The bell of every page for readers who are logged in: `link` shows what is in the client's `notifications`.
export class NotificationsBell {
  #news = [];
  #announcing = null;
  #looking = null;

  constructor({ link, connection, notifications }) {
    const template = (name) => document.getElementById(`${name}-template`);
    this.bell = new Bell(link);
    this.announcer = document.querySelector('[data-inbox-announcer]');
    this.connection = connection;
    this.notifications = notifications;
    this.inbox = notifications.inbox;
    this.inbox.setCount(Number(link.dataset.count));
    this.ringing = new Ringing({
      isUnread: ({ group }) => this.inbox.unread.some((entry) => entry.group === group),
      go: ({ id }) => { location.href = `/notifications/${id}/`; },
    });
    this.panel = null;
    // In the admin the bell is a link and nothing opens under it.
    if (template('inbox-panel')) {
      this.panelFor = ({ InboxPanel }) => new InboxPanel({
        opener: link,
        template: template('inbox-panel'),
        noticeTemplate: template('notice'),
        on: {
          open: () => this.#opened(),
          more: () => this.notifications.loadMore(),
          mark: (id) => this.notifications.markRead(id),
          markAll: () => this.notifications.markAllRead(),
          askBrowser: () => this.#askBrowser(),
        },
      });
      this.#openWhenPressed(link);
    }
    // Under a post its own page shows what is told here; see `isLookedAt`.
    this.postId = document.getElementById('comments')?.dataset.postId ?? null;
  }

  // The panel comes when somebody is about to open it: most pages are left without. Where it cannot come, the
  // bell is the link to its page.
  #openWhenPressed(link) {
    link.setAttribute('aria-haspopup', 'dialog');
    link.setAttribute('aria-expanded', 'false');
    const get = () => import('./views/inbox_panel.js');
    for (const sign of ['pointerenter', 'focus']) link.addEventListener(sign, () => get().catch(() => {}), { once: true });
    link.addEventListener('click', async (event) => {
      // Whoever wants the page in a tab of its own gets it.
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      try {
        this.panel ??= this.panelFor(await get());
      } catch {
        location.href = link.href;
        return;
      }
      this.panel.toggle();
    });
  }

  start() {
    const { notifications } = this;
    notifications.onNew((entry) => this.#isNew(entry));
    notifications.onLoad(() => this.#look());
    notifications.subscribe(() => this.#render());
    document.addEventListener('visibilitychange', () => document.hidden || this.#look());
    addEventListener('focus', () => this.#look());
    addEventListener('scroll', () => this.#lookSoon(), { passive: true });
  }

  #isNew(entry) {
    if (this.#isLookedAt(entry)) {
      this.notifications.markRead(entry.id);
      return;
    }
    this.ringing.ring(entry, this.inbox.choices[entry.kind]);
    this.#news.push(entry.message);
    this.#announcing ??= setTimeout(() => this.#announce(), GATHER);
    this.#lookSoon();
  }

  #announce() {
    this.#announcing = null;
    const [first, ...others] = this.#news;
    this.#news = [];
    if (document.hidden) return;
    this.announcer.textContent = others.length ? `${first} (+${others.length})` : first;
  }

  // Whoever has before their eyes what it is about needs not be told.
  #isLookedAt({ postId, commentId }) {
    if (!postId || postId !== this.postId || document.hidden || !document.hasFocus()) return false;
    const element = document.getElementById(`comment-${commentId}`);
    return Boolean(element) && isInView(element);
  }

  #lookSoon() {
    if (!this.postId) return;
    this.#looking ??= setTimeout(() => {
      this.#looking = null;
      this.#look();
    }, LOOK);
  }

  #look() {
    if (!this.postId) return;
    const seen = this.inbox.about(this.postId).filter((entry) => this.#isLookedAt(entry));
    for (const { id } of seen) this.notifications.markRead(id);
  }

  async #askBrowser() {
    await this.ringing.ask();
    this.#render();
  }

  #opened() {
    if (this.connection.state === 'online' && !this.inbox.isLoaded) this.notifications.load();
    this.#render();
  }

  #render() {
    const { inbox, panel } = this;
    this.bell.show(inbox.count);
    panel?.show({
      entries: inbox.entries,
      isLoaded: inbox.isLoaded,
      mayAsk: this.ringing.mayAsk,
      isOnline: this.connection.state === 'online',
    });
  }
}

// The page of what one wants to be told says whether this browser may.
export function showBrowserState(element) {
  if (!element || typeof Notification === 'undefined') return;
  const { permission } = Notification;
  if (permission !== 'default') element.textContent = element.dataset[permission];
  element.hidden = false;
  element.querySelector('[data-ask-browser]')?.addEventListener('click', async () => {
    await Notification.requestPermission();
    showBrowserState(element);
  });
}
