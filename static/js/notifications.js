import { NoAnswer, Refusal } from './connection.js';
import { NOTIFICATION_EVENTS, NOTIFICATION_REQUESTS } from './events.js';
import { isInView } from './helpers/stillness.js';
import { Inbox } from './models/inbox.js';
import { Ringing } from './ringing.js';
import { Bell } from './views/bell.js';

const AGAIN_AFTER = 3000;
// Announcements are gathered for so long, in milliseconds: who listens is not to be interrupted at each.
const GATHER = 1500;
const SPREAD = 5000;
// How often it is seen whether what came is in view by now, while somebody scrolls.
const LOOK = 400;

// The bell of every page for readers who are logged in: `link`. `connectionIs` has to be told its state.
export class Notifications {
  #again = null;
  #isLoading = false;
  #isStale = false;
  #news = [];
  #announcing = null;
  #looking = null;
  #marking = new Set();

  constructor({ link, connection }) {
    const template = (name) => document.getElementById(`${name}-template`);
    this.connection = connection;
    this.bell = new Bell(link);
    this.announcer = document.querySelector('[data-inbox-announcer]');
    this.inbox = new Inbox({ count: Number(link.dataset.count), onChange: () => this.#render() });
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
          more: () => this.#more(),
          mark: (id) => this.#mark(id),
          markAll: () => this.#markAll(),
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

  listen() {
    const { connection, inbox } = this;
    connection.on(NOTIFICATION_EVENTS.NOTIFICATION, (entry) => {
      if (inbox.hear(entry)) this.#isNew(entry);
    });
    connection.on(NOTIFICATION_EVENTS.UNREAD_COUNT, ({ count, newest, stale }) => {
      const isMissing = newest !== undefined && !inbox.agrees({ count, newest });
      if (count !== undefined) inbox.setCount(count);
      if (isMissing || (stale && count !== undefined)) this.#load();
      // Said to everybody: not all are to ask at once.
      else if (stale) setTimeout(() => this.#load(), Math.random() * SPREAD);
    });
    connection.on(NOTIFICATION_EVENTS.NOTIFICATION_MARKED_READ, (marked) => inbox.markRead(marked));
    connection.on(NOTIFICATION_EVENTS.ALL_NOTIFICATIONS_READ, () => this.#load());
    document.addEventListener('visibilitychange', () => document.hidden || this.#look());
    addEventListener('focus', () => this.#look());
    addEventListener('scroll', () => this.#lookSoon(), { passive: true });
  }

  connectionIs(state) {
    if (state === 'online') this.#load();
    this.#render();
  }

  // The newest page, whatever was missed: unread ones come first, so nothing of them is.
  async #load() {
    this.#isStale = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    clearTimeout(this.#again);
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const missed = this.inbox.load(await this.#ask(NOTIFICATION_REQUESTS.GET_NOTIFICATIONS, {}));
        for (const entry of missed) this.#isNew(entry);
      }
      this.#look();
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      if (this.connection.state === 'online') {
        this.#again = setTimeout(() => this.#load(), (problem.retryAfter ?? 0) * 1000 + AGAIN_AFTER);
      }
    } finally {
      this.#isLoading = false;
    }
  }

  async #more() {
    const { cursor } = this.inbox;
    if (!cursor || this.#isLoading) return;
    this.#isLoading = true;
    try {
      this.inbox.append(await this.#ask(NOTIFICATION_REQUESTS.GET_NOTIFICATIONS, { cursor }));
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    } finally {
      this.#isLoading = false;
    }
    if (this.#isStale) this.#load();
  }

  #ask(event, data) {
    return this.connection.request(event, data);
  }

  #isNew(entry) {
    if (this.#isLookedAt(entry)) {
      this.#mark(entry.id);
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
    for (const entry of this.inbox.about(this.postId)) if (this.#isLookedAt(entry)) this.#mark(entry.id);
  }

  async #mark(id) {
    if (this.#marking.has(id)) return;
    this.#marking.add(id);
    try {
      this.inbox.markRead(await this.#ask(NOTIFICATION_REQUESTS.MARK_READ, { id }));
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      if (problem.code === 'not_found') this.#load();
    } finally {
      this.#marking.delete(id);
    }
  }

  async #markAll() {
    const newest = this.inbox.newestUnread;
    if (!newest) return;
    try {
      await this.#ask(NOTIFICATION_REQUESTS.MARK_ALL_READ, { upTo: newest.id });
      await this.#load();
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    }
  }

  async #askBrowser() {
    await this.ringing.ask();
    this.#render();
  }

  #opened() {
    if (this.connection.state === 'online' && !this.inbox.isLoaded) this.#load();
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
