import { fillAnswers, fillComment, readComment } from './comment.js';
import { fillRemoved } from './decision.js';
import { fillPending } from './pending_comment.js';

// As long as the wash of a new arrival takes in the stylesheet.
const NEW_FOR = 2500;

// The threads on the page. `render` brings them to what `arrange` says, moving and changing only what
// differs, so that focus, selection and half-written edits survive.
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

  render(threads, { fresh = new Set(), connection = 'online' } = {}) {
    const keys = new Set();
    const frames = threads.map(({ head, replies }) => {
      for (const item of [head, ...replies]) {
        keys.add(item.key);
        this.#show(item, fresh, connection);
      }
      const frame = this.#frame(head.key);
      const list = frame.querySelector('[data-replies]');
      list.hidden = replies.length === 0;
      place(frame, [this.element(head.key), list]);
      place(list, replies.map((item) => this.element(item.key)));
      return frame;
    });
    for (const key of this.#shown.keys()) if (!keys.has(key)) this.#forget(key);
    const heads = new Set(threads.map(({ head }) => head.key));
    for (const key of this.#frames.keys()) if (!heads.has(key)) this.#frames.delete(key);
    place(this.#root, frames);
    this.#empty.hidden = threads.length > 0;
  }

  #show(item, fresh, connection) {
    const { key, comment, entry, answers } = item;
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
      else fillComment(shown.element, comment, this.#options(comment));
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

  #options(comment) {
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
