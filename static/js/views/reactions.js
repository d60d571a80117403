import { format, gettext, number } from '../helpers/text.js';
import { isCancelKey } from './text_field.js';

// What people reacted to a comment with, and how often, as the server rendered it.
export function readReactions(element) {
  const reactions = {};
  const reacted = [];
  for (const button of element.querySelectorAll('[data-reaction]')) {
    reactions[button.value] = Number(button.querySelector('[data-reaction-count]').dataset.reactionCount);
    if (button.ariaPressed === 'true') reacted.push(button.value);
  }
  return { reactions, reacted };
}

// The reactions under each comment, and the small choice of them that "React" opens.
// `onToggle(id, emoji)`; unless `isServed()`, the buttons are those of a form.
export class ReactionsView {
  #root;
  #template;
  #offered;
  #addresses;
  #model;
  #onToggle;
  #isServed;
  #stamps = new WeakMap();
  #untidy = new WeakSet();
  #choice = null;

  constructor({ root, template, offered, addresses, model, onToggle, isServed }) {
    this.#root = root;
    this.#template = template;
    this.#offered = offered;
    this.#addresses = addresses;
    this.#model = model;
    this.#onToggle = onToggle;
    this.#isServed = isServed;
    root.addEventListener('click', (event) => this.#click(event));
    root.addEventListener('keydown', (event) => this.#key(event));
    root.addEventListener('focusout', (event) => this.#left(event));
    document.addEventListener('pointerdown', ({ target }) => {
      if (this.#choice && !this.#choice.box.contains(target) && target !== this.#choice.opener) this.close();
    });
  }

  // Brings a comment's reactions up to date; buttons stay who they are, and so does the focus.
  show(element, comment) {
    const entries = comment.status === 'published' ? this.#model.shown(comment) : [];
    const link = element.querySelector('[data-action="react"]');
    if (link) {
      link.hidden = comment.status !== 'published';
      link.href = this.#addresses.react(comment._id);
    }
    const stamp = JSON.stringify(entries);
    if (this.#stamps.get(element) === stamp) return;
    this.#stamps.set(element, stamp);
    const group = element.querySelector('[data-reactions]');
    const known = new Map([...group.querySelectorAll('[data-reaction]')].map((button) => [button.value, button]));
    for (const { emoji, count, isOwn } of entries) {
      const button = known.get(emoji) ?? this.#create(emoji);
      known.delete(emoji);
      this.#fill(button, comment._id, { emoji, count, isOwn });
      if (!button.isConnected) insertInOrder(group, button, entries);
    }
    const isUsed = isInUse(group);
    for (const [emoji, button] of known) {
      if (isUsed) this.#fill(button, comment._id, { emoji, count: 0, isOwn: false });
      else button.remove();
    }
    group.hidden = group.childElementCount === 0;
    if (isUsed && known.size) this.#tidyLater(group);
  }

  open(element, opener) {
    const isOpen = this.#choice?.opener === opener;
    this.close();
    if (isOpen) return;
    const { id } = element.dataset;
    const box = document.createElement('span');
    box.className = 'reaction-choice-box';
    box.dataset.reactionChoice = '';
    box.role = 'group';
    box.ariaLabel = gettext('Choose a reaction');
    for (const emoji of this.#offered) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'reaction-choice';
      button.textContent = emoji;
      button.value = emoji;
      button.ariaPressed = String(this.#model.isOwn(id, emoji));
      button.dataset.choose = '';
      box.append(button);
    }
    this.#choice = { box, opener, id };
    opener.after(box);
    opener.ariaExpanded = 'true';
    box.firstElementChild?.focus({ preventScroll: true });
  }

  close({ focus = false } = {}) {
    if (!this.#choice) return;
    const { box, opener } = this.#choice;
    this.#choice = null;
    opener.ariaExpanded = 'false';
    if (focus) opener.focus({ preventScroll: true });
    box.remove();
  }

  #click(event) {
    const chosen = event.target.closest('[data-choose]');
    if (chosen && this.#choice) {
      const { id } = this.#choice;
      this.close({ focus: true });
      this.#onToggle(id, chosen.value);
      return;
    }
    const button = event.target.closest('[data-reaction]');
    if (!button || !this.#isServed()) return;
    event.preventDefault();
    this.#onToggle(button.closest('[data-comment]').dataset.id, button.value);
  }

  #key(event) {
    if (!this.#choice?.box.contains(event.target)) return;
    const buttons = [...this.#choice.box.children];
    const here = buttons.indexOf(event.target);
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (isCancelKey(event)) this.close({ focus: true });
    else if (event.key === 'Home') buttons[0].focus();
    else if (event.key === 'End') buttons.at(-1).focus();
    else if (event.key in steps) buttons.at((here + steps[event.key]) % buttons.length).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #left({ relatedTarget }) {
    const { box, opener } = this.#choice ?? {};
    if (box && relatedTarget && !box.contains(relatedTarget) && relatedTarget !== opener) this.close();
  }

  // What nobody reacts with any more stays until pointer and focus have left: else the second click would hit
  // the neighbour that has moved up, and a key would find no button under it.
  #tidyLater(group) {
    if (this.#untidy.has(group)) return;
    this.#untidy.add(group);
    const left = new AbortController();
    const tidy = () => {
      if (isInUse(group)) return;
      left.abort();
      this.#untidy.delete(group);
      for (const shown of group.querySelectorAll('[data-reaction-count="0"]')) {
        shown.closest('[data-reaction]').remove();
      }
      group.hidden = group.childElementCount === 0;
    };
    group.addEventListener('pointerleave', tidy, { signal: left.signal });
    // The focus is on its way when it says that it leaves.
    group.addEventListener('focusout', () => setTimeout(tidy), { signal: left.signal });
  }

  #create(emoji) {
    const button = this.#template.content.cloneNode(true).querySelector('[data-reaction]');
    button.value = emoji;
    button.firstChild.data = `${emoji} `;
    return button;
  }

  #fill(button, id, { emoji, count, isOwn }) {
    button.formAction = this.#addresses.react(id);
    button.name = isOwn ? 'remove' : 'add';
    button.ariaPressed = String(isOwn);
    const shown = button.querySelector('[data-reaction-count]');
    shown.dataset.reactionCount = count;
    shown.textContent = number(count);
    const sentence = isOwn ? gettext('%(emoji)s %(count)s, yours among them') : '%(emoji)s %(count)s';
    button.ariaLabel = format(sentence, { emoji, count: number(count) });
  }
}

// A finger has left when it has touched, whatever still counts as under it; a mouse that has clicked and gone
// leaves the focus behind, but not so that anybody sees it.
function isInUse(group) {
  const isPointedAt = matchMedia('(hover: hover)').matches && group.matches(':hover');
  return isPointedAt || group.querySelector(':focus-visible') !== null;
}

function insertInOrder(group, button, entries) {
  const order = entries.map(({ emoji }) => emoji);
  const place = order.indexOf(button.value);
  const next = [...group.querySelectorAll('[data-reaction]')].find(({ value }) => order.indexOf(value) > place);
  group.insertBefore(button, next ?? null);
}
