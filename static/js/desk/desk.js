import { gettext } from '../helpers/text.js';
import { DESK_EVENTS, DESK_REQUESTS, ERROR_CODES, NoAnswer, Refusal } from '../postroom/core.js';
import { keepTimesFresh } from '../views/relative_time.js';
import { connect } from './connect.js';
import { commandFor } from './models/keys.js';
import { Queue } from './models/queue.js';
import { UndoStack } from './models/undo.js';
import { showCounts } from './views/counters.js';
import { ItemView, decidedBy } from './views/item.js';
import { ListView } from './views/list.js';
import { Panel, readReject, readSanction } from './views/panel.js';
import { StatusView, doneSentence } from './views/status.js';

// Whoever walks through a queue looks at what they stop at (milliseconds).
const LOOKS_AFTER = 200;
const AGAIN_AFTER = 3000;
// So many items before the end the next page is fetched.
const NEAR_END = 8;
const EXCERPT = 40;

// Ties together what knows the page (views), what knows the queue (models) and the connection.
class Desk {
  #root;
  #look = null;
  #lookedAt = null;
  #again = null;
  #isFetching = false;

  constructor(root) {
    const data = root.dataset;
    this.#root = root;
    this.find = (name) => root.querySelector(`[data-${name}]`);
    this.template = (name) => root.querySelector(`template[data-template=${name}]`);
    this.isAppeals = data.queue === 'appeals';
    this.maySanction = 'maySanction' in data;
    this.labels = JSON.parse(document.getElementById('desk-labels').textContent);
    const items = JSON.parse(document.getElementById('desk-items').textContent);
    this.queue = new Queue({
      name: data.queue,
      order: data.order,
      filters: {
        postId: data.postId, authorId: data.authorId, reason: data.reason,
        since: data.since, until: data.until, search: data.search,
      },
      isFirstPage: data.isFirst === 'true',
      me: data.userId,
      items,
      cursor: data.cursor || null,
      onChange: (change) => this.#changed(change),
    });
    this.undos = new UndoStack({ storage: sessionStorageOrNone(), userId: data.userId });
    this.list = new ListView({
      root: this.find('list'),
      empty: this.find('empty'),
      view: new ItemView({
        template: this.template('item'),
        labels: this.labels,
        addresses: { item: data.itemUrl, queue: data.queueUrl },
        queue: data.queue,
      }),
    });
    this.list.hydrate(items);
    this.panel = new Panel({
      templates: { reject: this.template('reject'), sanction: this.template('sanction') },
      onClose: () => this.queue.hold(null),
    });
    this.status = new StatusView(root);
    this.connection = connect({ onState: (state) => this.#connectionIs(state) });
  }

  start() {
    const { connection, queue } = this;
    connection.on(DESK_EVENTS.QUEUE_COUNTS, (counts) => showCounts(document, counts));
    connection.on(DESK_EVENTS.QUEUE_STALE, () => this.#watchSoon(Math.random() * 1000));
    connection.on(DESK_EVENTS.ITEM_CHANGED, ({ item }) => queue.changed(item));
    connection.on(DESK_EVENTS.ITEM_GONE, (gone) => queue.gone(gone));
    connection.on(DESK_EVENTS.LOOKING, ({ id, people }) => queue.looking(id, people));
    document.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('visibilitychange', () => this.#lookSoon());
    this.#root.addEventListener('click', (event) => this.#clicked(event));
    this.#root.addEventListener('submit', (event) => this.#submitted(event));
    // Not with the pointer's button still down: what is selected shows more, and would slip from under it.
    this.find('list').addEventListener('focusin', ({ target }) => {
      if (target.matches(':focus-visible')) this.#selectAround(target);
    });
    this.find('help-button').hidden = false;
    this.#fold();
    document.querySelector('[data-queue-key][aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
    keepTimesFresh(this.#root);
    connection.start();
  }

  // --- The wire ---

  #connectionIs(state) {
    const { reason } = this.connection;
    this.status.state(state, reason?.message ?? null);
    if (state === 'online') {
      this.#lookedAt = null;
      this.#watch();
    } else {
      clearTimeout(this.#again);
    }
  }

  // Enters the queue's room and compares its first page.
  async #watch() {
    clearTimeout(this.#again);
    this.#again = null;
    try {
      const { items, cursor, counts, lookers } = await this.#page('');
      showCounts(document, counts);
      this.queue.load(items, cursor);
      this.queue.lookingAll(lookers);
      this.#lookSoon();
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      this.#watchSoon((problem.retryAfter ?? 0) * 1000 + AGAIN_AFTER);
    }
  }

  #watchSoon(pause) {
    this.#again ??= setTimeout(() => this.connection.state === 'online' && this.#watch(), pause);
  }

  #page(cursor) {
    const { postId, authorId, ...rest } = this.queue.filters;
    const filters = Object.fromEntries(Object.entries({ ...rest, postId, authorId }).filter(([, value]) => value));
    return this.connection.request(DESK_REQUESTS.WATCH_QUEUE, {
      queue: this.queue.name, order: this.queue.order, filters, cursor,
    });
  }

  async #more() {
    const { queue } = this;
    if (this.#isFetching || queue.cursor === null || this.connection.state !== 'online') return;
    this.#isFetching = true;
    try {
      const { items, cursor } = await this.#page(queue.cursor);
      queue.append(items, cursor);
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    } finally {
      this.#isFetching = false;
    }
  }

  #lookSoon() {
    clearTimeout(this.#look);
    this.#look = setTimeout(() => {
      const commentId = document.hidden ? null : this.queue.selectedId;
      if (commentId === this.#lookedAt || this.connection.state !== 'online') return;
      this.#lookedAt = commentId;
      // Nobody waits for the answer; the next step will say it anew.
      this.connection.request(DESK_REQUESTS.LOOK_AT, { commentId }).catch(() => {});
    }, LOOKS_AFTER);
  }

  // --- Deciding ---

  async #decide(id, verdict, said = {}) {
    const { queue, isAppeals } = this;
    const hadFocus = this.list.hasFocus;
    const item = queue.item(id);
    if (!item) return;
    // On its way before anything is drawn here: readers wait for it.
    const asked = this.#ask(item, verdict, said);
    queue.decide(id);
    if (hadFocus) this.list.focus(queue.selectedId);
    const kind = isAppeals ? { approve: 'accept', reject: 'turn_down' }[verdict] : verdict;
    const text = doneSentence(kind, `${item.author.name}, “${excerpt(item.content)}”`);
    this.status.done(text, { canUndo: false });
    try {
      const { decisionId = null } = await asked;
      if (decisionId) {
        this.undos.push({ decisionId, commentId: id, text });
        this.status.done(text, { canUndo: true });
      }
      queue.settled(id);
    } catch (problem) {
      this.#failed(id, problem);
    }
  }

  #ask(item, verdict, { reason = '', explanation = '', note = '' }) {
    const { connection } = this;
    if (this.isAppeals) {
      const answer = { appealId: item.appeal.id, accepted: verdict === 'approve', explanation, note };
      return connection.request(DESK_REQUESTS.ANSWER_APPEAL, answer);
    }
    const { id: commentId, seen } = item;
    return connection.request(DESK_REQUESTS.DECIDE, { commentId, seen, verdict, reason, explanation, note });
  }

  #failed(id, problem) {
    if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    const text = this.#sentence(problem);
    this.queue.refused(id, text);
    this.status.alert(text);
    if (this.list.hasFocus) this.list.focus(this.queue.selectedId);
    // What changed is on its way; where it got lost, this finds it.
    if (problem.code === ERROR_CODES.CONFLICT || problem.code === ERROR_CODES.NOT_FOUND) this.#watchSoon(0);
  }

  #sentence(problem) {
    if (problem instanceof NoAnswer) return gettext('There was no answer. Please try again.');
    const { changed } = problem.details ?? {};
    if (!changed) return problem.message;
    const said = [problem.message];
    if (changed.what.includes('text')) said.push(gettext('Its author has changed the text.'));
    if (changed.verdict && changed.what.some((what) => what !== 'text')) said.push(decidedBy(changed, this.labels));
    return said.join(' ');
  }

  async #undo() {
    const { last } = this.undos;
    // What a form did on the page before, an item's own for example, is said on this one with a button.
    const form = last ? null : this.#root.querySelector('[data-done]');
    if (form) {
      form.requestSubmit();
      return;
    }
    if (!last) {
      this.status.say(gettext('There is nothing to undo.'));
      return;
    }
    this.undos.drop(last.decisionId);
    this.queue.undone(last.commentId);
    try {
      await this.connection.request(DESK_REQUESTS.UNDO, { decisionId: last.decisionId });
      this.status.say(gettext('The decision was undone.'));
      this.returning = last.commentId;
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      if (problem instanceof NoAnswer) this.undos.push(last);
      this.status.alert(this.#sentence(problem));
    }
  }

  async #sanction(id, form) {
    const said = readSanction(form);
    const submit = form.querySelector('[type=submit]');
    submit.disabled = true;
    try {
      await this.connection.request(DESK_REQUESTS.SANCTION_AUTHOR, { commentId: id, ...said });
      this.panel.close();
      this.status.say(gettext('The sanction was imposed.'));
      this.list.focus(this.queue.selectedId);
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      submit.disabled = false;
      this.status.alert(this.#sentence(problem));
    }
  }

  // --- The page ---

  #changed({ added = [], removed = [] }) {
    const { queue, list, panel } = this;
    if (panel.isOpen && !queue.item(panel.itemId)) panel.close();
    const hadFocus = list.hasFocus && document.activeElement !== document.body;
    list.render(queue, (id) => this.#problem(id));
    if (added.includes(this.returning)) {
      queue.select(this.returning);
      this.returning = null;
      list.focus(queue.selectedId);
    } else if (removed.length && hadFocus && queue.selectedId && !panel.isOpen) {
      list.focus(queue.selectedId);
    }
    const others = removed.filter(({ byId }) => byId && byId !== queue.me);
    if (others.length) this.status.say(decidedBy(others.at(-1), this.labels));
    const more = this.find('next');
    if (more) more.hidden = queue.cursor === null;
    const { items } = queue;
    const place = items.findIndex(({ id }) => id === queue.selectedId);
    if (queue.cursor !== null && (place >= items.length - NEAR_END || !items.length)) this.#more();
    this.#lookSoon();
  }

  #problem(id) {
    const gone = this.queue.goneBy(id);
    return gone ? decidedBy(gone, this.labels) : this.queue.problem(id);
  }

  #key(event) {
    const isTyping = Boolean(event.target.closest?.('input, select, textarea, [contenteditable]'));
    if (this.find('help').open && event.key !== '?') return;
    const command = commandFor(event, { isTyping });
    if (!command) return;
    // A button or link that has the focus keeps Escape for nothing, and no other key.
    if (command.name === 'close' && !this.panel.isOpen) return;
    event.preventDefault();
    this.#do(command);
  }

  #do({ name, queue: number }) {
    const { queue, list } = this;
    const id = queue.selectedId;
    if (name === 'next' || name === 'previous') {
      this.panel.close();
      queue.step(name === 'next' ? 1 : -1);
      list.focus(queue.selectedId);
    } else if (name === 'undo') {
      this.#undo();
    } else if (name === 'help') {
      this.#help();
    } else if (name === 'search') {
      this.#root.querySelector('input[type=search]')?.focus();
    } else if (name === 'close') {
      this.panel.close();
      list.focus(queue.selectedId);
    } else if (name === 'queue') {
      document.querySelector(`[data-queue-key="${number}"]`)?.click();
    } else if (id === null) {
      this.status.say(gettext('Choose an item first, with j or k.'));
    } else {
      this.#act(name, id);
    }
  }

  #act(name, id) {
    const element = this.list.element(id);
    const button = element?.querySelector(`[data-action=${name}]`);
    if (name === 'sanction' && !this.maySanction) this.status.alert(gettext('You may not do this.'));
    else if (!button) this.status.say(gettext('There is nothing to change.'));
    else if (name === 'reject' || name === 'sanction') this.#open(name, id, element);
    else if (name === 'open') button.click();
    else this.#decide(id, name);
  }

  #open(kind, id, element) {
    const item = this.queue.item(id);
    this.panel.close();
    this.queue.select(id);
    this.queue.hold(id);
    const form = element.querySelector('[data-actions]');
    const base = element.querySelector('[data-open]').href;
    const address = kind === 'sanction' ? `${base}sanction/` : form.action;
    this.panel.open(kind, element, { reason: mainReason(item), address });
  }

  // On a phone the filters would be all that one sees.
  #fold() {
    const filters = this.find('filters');
    const narrow = matchMedia('(max-width: 767px)');
    const isUsed = new URLSearchParams(location.search).size > 0;
    const fold = () => { filters.open = !narrow.matches || isUsed; };
    narrow.addEventListener('change', fold);
    fold();
  }

  #help() {
    const dialog = this.find('help');
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  #selectAround(element) {
    const item = element.closest('[data-item]');
    if (item) this.queue.select(item.dataset.id);
  }

  #clicked(event) {
    const { target } = event;
    this.#selectAround(target);
    if (target.closest('[data-help-button]')) this.#help();
    if (target.closest('[data-undo]')) this.#undo();
    if (target.closest('[data-cancel]')) this.#do({ name: 'close' });
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (!isPlain || this.connection.state !== 'online') return;
    if (target.closest('[data-next] a')) {
      event.preventDefault();
      this.#more();
    }
    const opener = target.closest('[data-action=reject], [data-action=sanction]');
    if (!opener) return;
    event.preventDefault();
    const element = opener.closest('[data-item]');
    this.#open(opener.dataset.action, element.dataset.id, element);
  }

  // Without a connection the forms go their own way.
  #submitted(event) {
    if (this.connection.state !== 'online') return;
    const form = event.target;
    const id = form.closest('[data-item]')?.dataset.id;
    if (!id) return;
    if (form.matches('[data-actions]')) {
      event.preventDefault();
      this.#decide(id, event.submitter.dataset.action);
    } else if (form.matches('[data-reject]')) {
      event.preventDefault();
      const said = readReject(form);
      if (!this.isAppeals && !said.reason) {
        this.status.alert(gettext('Please choose a reason.'));
        return;
      }
      this.panel.close();
      this.#decide(id, 'reject', said);
    } else if (form.matches('[data-sanction-form]')) {
      event.preventDefault();
      this.#sanction(id, form);
    }
  }
}

// The reason to offer first: what most of those say who reported it, or what put it here.
function mainReason({ flags, reason }) {
  const counts = new Map();
  for (const flag of flags) counts.set(flag.reason, (counts.get(flag.reason) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? reason;
}

function excerpt(text) {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const letters = [...line];
  return letters.length > EXCERPT ? `${letters.slice(0, EXCERPT).join('')}…` : line;
}

function sessionStorageOrNone() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null; // switched off
  }
}

const root = document.querySelector('[data-desk]');
if (root) new Desk(root).start();
