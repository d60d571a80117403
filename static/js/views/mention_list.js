import { format, gettext, ngettext, number } from '../helpers/text.js';
import { completed, mentionAt } from '../models/mention.js';
import { fillAvatar } from './comment.js';

// So long nobody types on, in milliseconds, before the server is asked.
const ASK_AFTER = 120;
const FIELDS = '[data-composer] textarea, [data-editor] textarea';

// Names to choose from while one is typed with an "@" before it: a list above the field, which keeps the
// focus. `ask(prefix)` resolves to [{ username, name, avatar, initials }].
export class MentionList {
  #ask;
  #announcer;
  #known = new Map();
  #timer = null;
  // While it is open: { field, list, people, active, mention }.
  #open = null;

  constructor({ section, ask, announcer }) {
    this.#ask = ask;
    this.#announcer = announcer;
    section.addEventListener('input', ({ target }) => target.matches(FIELDS) && this.#typed(target));
    // Before anybody else: while it is open, Enter and Escape are the list's.
    section.addEventListener('keydown', (event) => event.target.matches(FIELDS) && this.#key(event), true);
    section.addEventListener('focusout', ({ target }) => target === this.#open?.field && this.close());
    section.addEventListener('click', ({ target }) => target === this.#open?.field && this.#typed(target));
  }

  close() {
    clearTimeout(this.#timer);
    if (!this.#open) return;
    const { field, list } = this.#open;
    this.#open = null;
    list.remove();
    for (const name of ['aria-controls', 'aria-activedescendant', 'aria-autocomplete']) field.removeAttribute(name);
  }

  #typed(field) {
    clearTimeout(this.#timer);
    const mention = mentionAt(field.value, field.selectionStart);
    if (!mention) {
      this.close();
      return;
    }
    const known = this.#known.get(mention.prefix);
    if (known) this.#offer(field, mention, known);
    else this.#timer = setTimeout(() => this.#find(field, mention), ASK_AFTER);
  }

  async #find(field, mention) {
    const people = await this.#ask(mention.prefix);
    if (!people) return;
    this.#known.set(mention.prefix, people);
    // They may have typed on meanwhile.
    const now = mentionAt(field.value, field.selectionStart);
    if (now?.start === mention.start && now.prefix === mention.prefix && field === document.activeElement) {
      this.#offer(field, mention, people);
    }
  }

  #offer(field, mention, people) {
    const isComplete = people.length === 1 && people[0].username === mention.prefix;
    if (!people.length || isComplete) {
      this.close();
      return;
    }
    const before = this.#open?.people.length;
    if (this.#open?.field !== field) this.close();
    const list = this.#open?.list ?? createList(field);
    list.replaceChildren(...people.map((person, index) => createOption(person, index, () => this.#pick(index))));
    field.setAttribute('aria-controls', list.id);
    field.setAttribute('aria-autocomplete', 'list');
    this.#open = { field, list, people, mention, active: 0 };
    this.#activate(0);
    if (before === people.length) return;
    const sentence = ngettext('%(count)s person, choose with the arrow keys', '%(count)s people, choose with the arrow keys', people.length);
    this.#announcer.say(format(sentence, { count: number(people.length) }));
  }

  #activate(index) {
    const { field, list } = this.#open;
    this.#open.active = index;
    [...list.children].forEach((option, place) => {
      option.ariaSelected = String(place === index);
      if (place === index) option.scrollIntoView({ block: 'nearest' });
    });
    field.setAttribute('aria-activedescendant', list.children[index].id);
  }

  #key(event) {
    if (!this.#open || this.#open.field !== event.target) return;
    // Enter that ends a composition (Korean, say) belongs to the input method.
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    const { people, active } = this.#open;
    if (event.key === 'ArrowDown') this.#activate((active + 1) % people.length);
    else if (event.key === 'ArrowUp') this.#activate((active + people.length - 1) % people.length);
    else if (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) this.#pick(active);
    else if (event.key === 'Escape') this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(index) {
    const { field, people, mention } = this.#open;
    this.close();
    const { text, caret } = completed(field.value, mention, field.selectionStart, people[index].username);
    field.value = text;
    field.setSelectionRange(caret, caret);
    field.focus();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

function createList(field) {
  const list = document.createElement('ul');
  list.id = 'mention-list';
  list.className = 'mention-list';
  list.role = 'listbox';
  list.ariaLabel = gettext('People in this conversation');
  // A press must not take the focus from the field.
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  field.parentElement.append(list);
  return list;
}

function createOption(person, index, pick) {
  const option = document.createElement('li');
  option.id = `mention-${index}`;
  option.role = 'option';
  const avatar = document.createElement('span');
  avatar.className = 'avatar';
  avatar.ariaHidden = 'true';
  fillAvatar(avatar, person);
  const name = document.createElement('span');
  name.className = 'mention-name';
  name.textContent = person.name;
  const username = document.createElement('span');
  username.className = 'mention-username';
  username.textContent = `@${person.username}`;
  option.append(avatar, name, username);
  option.addEventListener('click', pick);
  return option;
}
