import { fillAnswers, fillComment, readComment } from './comment.js';
import { fillRemoved } from './decision.js';
import { fillPending } from './pending_comment.js';
import { isInView } from '../helpers/stillness.js';
import { ListWindow } from '../models/window.js';

// What a reader is in the middle of stays on the page, wherever they scroll.
const UNDER_WAY = '[data-editor], [data-form], [data-confirm], [data-thanks]';
const IN_USE = '[data-editor], [data-form], [data-confirm], [data-reaction-choice]';
// As long as the wash of a new arrival takes in the stylesheet.
const NEW_FOR = 2500;
// Shorter lists are never far from being whole.
const MEASURE_FROM = 100;

// The threads on the page. `render` brings them to what `arrange` says, moving and changing only what
// differs, so that focus, selection and half-written edits survive. Of a long list it keeps on the page what is
// near the reader's view (`ListWindow`), and empty room in place of the rest.
export class CommentList {
  #root;
  #empty;
  #templates;
  #reader;
  #addresses;
  #mayHide;
  #decisionOf;
  #mayEdit;
  #adorn;
  // Ids of comments that this reader has reported.
  #reported = new Set();
  // key -> { element, version, answers }
  #shown = new Map();
  #frames = new Map();
  // What was rendered last: its threads, the place of each item in the list, the options.
  #threads = [];
  #places = new Map();
  #options = {};
  #window = new ListWindow();
  #gaps = [];
  // What came while the reader was away, { ids, first, label }; and the comment they asked for.
  #since = { ids: new Set(), first: null, label: '' };
  #highlighted = null;

  // `mayHide`: this reader moderates here. `decisionOf(id)` is what was decided about a comment of theirs,
  // `mayEdit(comment)` whether they may still change it. `adorn(element, comment)` is called for each comment
  // that is shown, whenever anything may have changed.
  constructor({
    root, empty, templates, reader, addresses, mayHide = false, decisionOf = () => null, mayEdit = () => true,
    adorn = () => {},
  }) {
    this.#root = root;
    this.#empty = empty;
    this.#templates = templates;
    this.#reader = reader;
    this.#addresses = addresses;
    this.#mayHide = mayHide;
    this.#decisionOf = decisionOf;
    this.#mayEdit = mayEdit;
    this.#adorn = adorn;
  }

  // Takes over what the server rendered; returns the comments as the room wants them.
  hydrate() {
    const comments = [];
    for (const frame of this.#root.querySelectorAll('[data-thread]')) {
      const elements = frame.querySelectorAll('[data-comment]');
      this.#frames.set(elements[0].dataset.id, frame);
      for (const element of elements) {
        const comment = readComment(element);
        if ('reported' in element.dataset) this.#reported.add(comment._id);
        const answers = comment.parentName && { id: comment.parentId, name: comment.parentName };
        this.#shown.set(comment._id, { element, version: this.#stamp(comment), answers: stampAnswers(answers) });
        comments.push(comment);
        if (element.classList.contains('is-highlighted')) this.#highlighted = comment._id;
      }
    }
    return comments;
  }

  element(key) {
    return this.#shown.get(key)?.element ?? null;
  }

  // This reader has reported it.
  reported(id) {
    this.#reported.add(id);
    const element = this.element(id);
    if (!element) return;
    element.querySelector('[data-action="report"]').hidden = true;
    element.querySelector('[data-reported-note]').hidden = false;
  }

  // `around`: the key of an item that must be on the page.
  render(threads, { fresh = new Set(), connection = 'online', around = null } = {}) {
    this.#measure();
    const view = this.#view;
    const items = threads.flatMap(({ head, replies }) => [head, ...replies]);
    this.#threads = threads;
    this.#options = { connection };
    this.#places = new Map(items.map(({ key }, index) => [key, index]));
    this.#window.keys = items.map(({ key }) => key);
    this.#lay(fresh, { ...view, around: this.#places.has(around) ? around : null });
    this.#empty.hidden = threads.length > 0;
  }

  // The reader has scrolled: whether what is on the page should be what is around them now. Then `relay`.
  get isLeft() {
    return this.#window.isLeaving(this.#view);
  }

  relay({ around = null, whole = false } = {}) {
    this.#measure();
    this.#lay(new Set(), { ...this.#view, around, whole });
  }

  // Whether it belongs to the list, on the page or not.
  has(key) {
    return this.#places.has(key);
  }

  // Where an item stands, seen from what is in view between these two heights: `above`, `in` or `below`; null
  // for one that is not in the list.
  side(key, { top, bottom }) {
    const element = this.element(key);
    if (element) {
      const box = element.getBoundingClientRect();
      if (box.bottom <= top) return 'above';
      return box.top >= bottom ? 'below' : 'in';
    }
    if (!this.#places.has(key)) return null;
    const seen = [...this.#root.querySelectorAll('[data-comment]')].find(
      (each) => each.getBoundingClientRect().bottom > top,
    );
    return seen && this.#places.get(key) < this.#places.get(keyOf(seen)) ? 'above' : 'below';
  }

  // Of these keys the one that stands first, or last; null if none is in the list.
  firstOf(keys) {
    return this.#inOrder(keys).at(0) ?? null;
  }

  lastOf(keys) {
    return this.#inOrder(keys).at(-1) ?? null;
  }

  // The first comment that the reader sees, or has just passed.
  get idInView() {
    const elements = [...this.#root.querySelectorAll('[data-comment][data-id]')];
    return (elements.find((each) => each.getBoundingClientRect().bottom > 0) ?? elements.at(-1))?.dataset.id ?? null;
  }

  get lastElement() {
    return [...this.#root.querySelectorAll('[data-comment]')].at(-1) ?? null;
  }

  // Whether the reader is in the middle of something that is in view: a form, a choice, a selected text.
  get isInUse() {
    const selection = document.getSelection();
    if (!selection.isCollapsed && this.#root.contains(selection.anchorNode)) return true;
    return [...this.#root.querySelectorAll(IN_USE)].some(isInView);
  }

  // Marks these as new since the reader left; the first of them says so.
  markSince(ids, label) {
    this.#since = { ids, first: this.firstOf(ids), label };
    for (const [key, { element }] of this.#shown) this.#mark(key, element);
  }

  highlight(id) {
    this.#highlighted = id;
    for (const [key, { element }] of this.#shown) this.#mark(key, element);
  }

  // --- What is on the page ---

  #inOrder(keys) {
    const there = [...keys].filter((key) => this.#places.has(key));
    return there.sort((a, b) => this.#places.get(a) - this.#places.get(b));
  }

  // What the reader sees of the list.
  get #view() {
    const top = -this.#root.getBoundingClientRect().top;
    const screen = window.innerHeight;
    if (this.#places.size < MEASURE_FROM) return { top, screen };
    const at = [];
    for (const element of this.#root.querySelectorAll('[data-comment]')) {
      const box = element.getBoundingClientRect();
      if (box.top > screen) break;
      if (box.bottom > 0) at.push([keyOf(element), box.top]);
    }
    return { top, screen, at };
  }

  #lay(fresh, { whole = false, ...view }) {
    const { from, to } = whole ? { from: 0, to: this.#places.size } : this.#window.choose(view);
    const isHere = ({ key }) => {
      const place = this.#places.get(key);
      return (place >= from && place < to) || this.#isUnderWay(key);
    };
    const gaps = new Gaps(this.#gaps, (key) => this.#window.height(key));
    const kept = new Set();
    const frames = new Set();
    const here = (item) => {
      kept.add(item.key);
      this.#show(item, fresh);
      return this.element(item.key);
    };
    const children = gaps.among(this.#threads, ({ head, replies }) => {
      if (![head, ...replies].some(isHere)) return [null, head, ...replies];
      const frame = this.#frame(head.key);
      frames.add(head.key);
      const list = frame.querySelector('[data-replies]');
      list.hidden = replies.length === 0;
      const top = gaps.among([head], (item) => (isHere(item) ? [here(item)] : [null, item]));
      place(list, gaps.among(replies, (item) => (isHere(item) ? [here(item)] : [null, item])));
      place(frame, [...top, list]);
      return [frame];
    });
    for (const key of this.#shown.keys()) if (!kept.has(key)) this.#forget(key);
    for (const key of this.#frames.keys()) if (!frames.has(key)) this.#frames.delete(key);
    place(this.#root, children);
    this.#gaps = gaps.all;
  }

  #isUnderWay(key) {
    const element = this.element(key);
    return Boolean(element) && (element.contains(document.activeElement) || Boolean(element.querySelector(UNDER_WAY)));
  }

  // How much room each item takes: as far as to the next one.
  #measure() {
    if (this.#window.isWhole && this.#places.size < MEASURE_FROM) return;
    const elements = [...this.#root.querySelectorAll('[data-comment]')];
    const tops = elements.map((element) => element.getBoundingClientRect().top);
    for (let index = 0; index + 1 < elements.length; index += 1) {
      const [key, next] = [keyOf(elements[index]), keyOf(elements[index + 1])];
      const follows = this.#places.get(next) === this.#places.get(key) + 1;
      if (follows && tops[index + 1] > tops[index]) this.#window.measured(key, tops[index + 1] - tops[index]);
    }
  }

  #show(item, fresh) {
    const { key, comment, entry, answers } = item;
    const { connection } = this.#options;
    const decision = entry?.commentId ? this.#decisionOf(entry.commentId) : null;
    const version = entry ? JSON.stringify([entry.state, entry.error, connection, decision]) : this.#stamp(comment);
    let shown = this.#shown.get(key) ?? this.#create(key, comment);
    if (shown.version !== version) {
      // A placeholder has another shape: the element is replaced.
      if (comment && Boolean(comment.removed) !== 'removed' in shown.element.dataset) {
        this.#forget(key);
        shown = this.#create(key, comment);
      }
      if (entry) fillPending(shown.element, entry, this.#pendingOptions(connection, decision));
      else if (comment.removed) fillRemoved(shown.element, comment, this.#removedOptions());
      else fillComment(shown.element, comment, this.#commentOptions(comment));
      shown.version = version;
    }
    if (shown.answers !== stampAnswers(answers)) {
      fillAnswers(shown.element, answers, this.#addresses);
      shown.answers = stampAnswers(answers);
    }
    if (comment && !comment.removed) this.#adorn(shown.element, comment);
    if (fresh.has(key)) this.#welcome(shown.element);
  }

  #create(key, comment) {
    const template = comment?.removed ? this.#templates.removed : this.#templates.comment;
    const element = template.content.cloneNode(true).querySelector('[data-comment]');
    element.dataset.id = key;
    const shown = { element, version: null, answers: stampAnswers(null) };
    this.#shown.set(key, shown);
    this.#mark(key, element);
    return shown;
  }

  #frame(key) {
    if (!this.#frames.has(key)) {
      const frame = this.#templates.thread.content.cloneNode(true).querySelector('[data-thread]');
      this.#frames.set(key, frame);
    }
    return this.#frames.get(key);
  }

  #forget(key) {
    this.#shown.get(key).element.remove();
    this.#shown.delete(key);
  }

  #welcome(element) {
    element.classList.add('is-new');
    setTimeout(() => element.classList.remove('is-new'), NEW_FOR);
  }

  #mark(key, element) {
    const { ids, first, label } = this.#since;
    element.classList.toggle('is-since', ids.has(key));
    element.classList.toggle('is-highlighted', key === this.#highlighted);
    element.querySelector('[data-since-begin]')?.remove();
    if (key !== first) return;
    const line = document.createElement('p');
    line.className = 'since-begin';
    line.dataset.sinceBegin = '';
    line.textContent = label;
    element.prepend(line);
  }

  #commentOptions(comment) {
    const isOwn = comment.userId === this.#reader.id;
    return {
      isOwn,
      mayEdit: isOwn && this.#mayEdit(comment),
      isReported: this.#reported.has(comment._id),
      mayHide: this.#mayHide,
      addresses: this.#addresses,
    };
  }

  #pendingOptions(connection, decision) {
    return { reader: this.#reader, connection, decision, addresses: this.#addresses, templates: this.#templates };
  }

  #removedOptions() {
    return { addresses: this.#addresses, template: this.#templates.decision };
  }

  // What of a comment shows: when it differs, the element is filled anew.
  #stamp(comment) {
    const { version, status, content, decision, isKept } = comment;
    if (status === 'pending') return `held ${content}`;
    if (!comment.removed) return `shown ${comment.textVersion ?? version}`;
    const canRestore = isKept ?? (this.#mayHide && comment.by === 'moderator' && !decision);
    return decision ? `decided ${JSON.stringify([decision.decisionId, decision.appeal])}` : `removed ${canRestore}`;
  }
}

function stampAnswers(answers) {
  return answers ? `${answers.id} ${answers.name}` : '';
}

// The key of what an element shows: a comment, or one that is not sent yet.
function keyOf({ dataset }) {
  return dataset.id ?? `pending-${dataset.clientId}`;
}

// Empty room in place of what is not on the page. Elements that were there before are used again.
class Gaps {
  #former;
  #height;

  constructor(former, height) {
    this.#former = [...former];
    this.#height = height;
    this.all = [];
  }

  // The children for these things: `childrenOf` returns [element], or null and the items that are not there.
  // Several of the latter in a row share one element.
  among(things, childrenOf) {
    const children = [];
    let missing = 0;
    const close = () => {
      if (missing) children.push(this.#gap(missing));
      missing = 0;
    };
    for (const thing of things) {
      const [element, ...items] = childrenOf(thing);
      if (element === null) {
        for (const { key } of items) missing += this.#height(key);
      } else {
        close();
        children.push(element);
      }
    }
    close();
    return children;
  }

  #gap(height) {
    const gap = this.#former.shift() ?? document.createElement('div');
    gap.className = 'gap';
    gap.style.height = `${height}px`;
    this.all.push(gap);
    return gap;
  }
}

// Makes `children` the children of `parent` in this order, touching only those out of place.
function place(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}
