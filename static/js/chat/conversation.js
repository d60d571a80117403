import { liftAboveKeyboard } from '../helpers/keyboard.js';
import { characters, format, gettext, ngettext, number } from '../helpers/text.js';
import { CHAT_EVENTS, CHAT_REQUESTS, NoAnswer, PASSING, Refusal, newClientId } from '../postroom/core.js';
import { Announcer } from '../views/announcer.js';
import { keepTimesFresh } from '../views/relative_time.js';
import { growWithText, isEnterKey, isSendKey } from '../views/text_field.js';
import { connect } from './connect.js';
import { Conversation } from './models/conversation.js';
import { PrivateCount } from './views/private_count.js';
import { PrivateList } from './views/private_list.js';
import { TakenBackList } from './views/taken_back.js';

const AGAIN_AFTER = 3000;
const NEAR_LIMIT = 100;

// The page of what two people write to each other.
class Page {
  #section;
  #data;
  #find;
  #form;
  #field;
  #grow = () => {};
  #again = null;
  #isLost = false;
  // Counts the connection's states: what was asked in an earlier one says nothing of this.
  #turn = 0;
  // What was sent last and not answered keeps its id: sent again, it is the same message.
  #unanswered = null;

  constructor(section) {
    this.#section = section;
    const data = section.dataset;
    this.#data = data;
    this.#find = (name) => section.querySelector(`[data-${name}]`);
    const address = (pattern) => (id) => pattern.replace('/0/', `/${id}/`);
    this.list = new PrivateList({
      root: this.#find('privates'),
      empty: this.#find('empty'),
      template: document.getElementById('private-template'),
      userId: data.userId,
      name: data.name,
      addresses: { delete: address(data.deleteUrl), report: address(data.reportUrl) },
    });
    const takenBack = this.#find('taken-back');
    this.takenBack = takenBack && new TakenBackList({
      root: takenBack,
      template: document.getElementById('taken-back-template'),
      address: address(data.reportUrl),
    });
    this.announcer = new Announcer(this.#find('announcer'));
    this.conversation = new Conversation({
      withId: data.with,
      messages: this.list.hydrate(),
      onChange: () => this.list.render(this.conversation.entries),
    });
    this.#form = this.#find('private-composer');
    if (this.#form) this.#listenToForm();
    this.connection = connect({ readerId: data.userId, onState: (state) => this.#connectionIs(state) });
    this.#listen();
    new PrivateCount({
      root: document.querySelector('[data-private-unread]'),
      connection: this.connection,
      userId: data.userId,
      open: data.newest === 'true' ? data.with : null, // an older page reads nothing
    });
    liftAboveKeyboard(section);
    if (!location.hash || location.hash === '#composer') this.list.toEnd();
    this.connection.start();
  }

  #listen() {
    const { connection, conversation } = this;
    connection.on(CHAT_EVENTS.PRIVATE_MESSAGE, (message) => {
      // On an older page what is new has its place at the end, which is elsewhere.
      if (this.#data.newest !== 'true' || !conversation.hear(message)) return;
      if (message.from.userId === this.#data.userId) return;
      this.announcer.say(format(gettext('%(name)s: %(text)s'), { name: message.from.name, text: message.content }));
      this.#read();
    });
    connection.on(CHAT_EVENTS.PRIVATE_MESSAGE_REMOVED, ({ _id, userId, takenBack }) => {
      conversation.remove(_id);
      if (takenBack && userId === this.#data.with) this.takenBack?.add(takenBack);
    });
    document.addEventListener('visibilitychange', () => this.#read());
  }

  async #connectionIs(state) {
    this.conversation.breakOff();
    this.#turn += 1;
    const turn = this.#turn;
    clearTimeout(this.#again);
    this.#isLost = state === 'offline' || state === 'ended' || (this.#isLost && state !== 'online');
    this.#showHint();
    if (state !== 'online') return;
    if (this.#data.newest !== 'true') return;
    try {
      const start = await this.conversation.catchUp((before) => this.#fetch(before));
      if (start !== null) this.#beginsWith(start);
      this.#read();
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
      const isPassing = problem instanceof NoAnswer || PASSING.has(problem.code);
      if (turn !== this.#turn || this.connection.state !== 'online' || !isPassing) return;
      this.#again = setTimeout(() => this.#connectionIs('online'), (problem.retryAfter ?? 0) * 1000 + AGAIN_AFTER);
    }
  }

  async #fetch(before) {
    const wanted = { with: this.#data.username, ...(before && { before }) };
    const page = await this.connection.request(CHAT_REQUESTS.GET_CONVERSATION, wanted);
    for (const each of page.takenBack ?? []) this.takenBack?.add(each);
    return page;
  }

  // What was before it is a page of its own.
  #beginsWith(id) {
    const earlier = this.#find('earlier');
    earlier.querySelector('a').href = `?before=${id}`;
    earlier.hidden = false;
  }

  // What stands under one's eyes is read, and nothing that came since.
  async #read() {
    const upTo = this.conversation.newest;
    if (document.hidden || !this.conversation.isWhole || this.connection.state !== 'online' || upTo === undefined) return;
    try {
      await this.connection.request(CHAT_REQUESTS.MARK_CONVERSATION_READ, { userId: this.#data.with, upTo });
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    }
  }

  #listenToForm() {
    this.#field = this.#form.querySelector('textarea');
    this.#grow = growWithText(this.#field);
    this.#field.addEventListener('input', () => this.#showHint());
    this.#field.addEventListener('keydown', (event) => {
      if (!isSendKey(event) && !isEnterKey(event)) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#form.addEventListener('submit', (event) => {
      if (this.#data.newest !== 'true') return; // the form leads to the newest page
      event.preventDefault();
      this.#send();
    });
  }

  async #send() {
    const content = this.#field.value.trim();
    if (!content || this.#left < 0) return;
    this.#problem('');
    const clientId = this.#unanswered?.content === content ? this.#unanswered.clientId : newClientId();
    this.#unanswered = { clientId, content };
    this.#field.value = '';
    this.#grow();
    this.#showHint();
    this.conversation.begin({ clientId, content, createdAt: new Date().toISOString() });
    this.list.toEnd();
    try {
      const { message } = await this.connection.request(CHAT_REQUESTS.PRIVATE_MESSAGE, {
        to: this.#data.username, content, clientId,
      });
      if (this.#unanswered?.clientId === clientId) this.#unanswered = null;
      this.conversation.hear(message);
      this.conversation.giveUp(clientId);
    } catch (problem) {
      this.conversation.giveUp(clientId);
      // What was written meanwhile stands behind it.
      this.#field.value = [content, this.#field.value].filter(Boolean).join('\n');
      this.#grow();
      if (problem instanceof Refusal) this.#problem(problem.message);
      else if (problem instanceof NoAnswer) this.#problem(gettext('There was no answer. Please try again.'));
      else throw problem;
    }
  }

  get #left() {
    return Number(this.#data.maxLength) - characters(this.#field.value.trim());
  }

  // What stands in the field may be older than the script, and than the connection.
  #showHint() {
    const hint = this.#find('hint');
    if (!hint) return;
    const lost = this.#isLost ? gettext('There is no connection. Try again when it is back.') : '';
    const text = this.#lengthHint ?? lost;
    if (hint.textContent !== text) hint.textContent = text;
  }

  get #lengthHint() {
    const left = this.#left;
    if (left >= NEAR_LIMIT) return null;
    const sentence = left < 0
      ? ngettext('%(count)s character too many', '%(count)s characters too many', -left)
      : ngettext('%(count)s character left', '%(count)s characters left', left);
    return format(sentence, { count: number(Math.abs(left)) });
  }

  #problem(text) {
    const error = this.#find('error');
    error.hidden = text === '';
    error.textContent = text;
    if (text) this.#field.setAttribute('aria-invalid', 'true');
    else this.#field.removeAttribute('aria-invalid');
  }
}

keepTimesFresh(document);
new Page(document.querySelector('[data-conversation]'));
