import { format, gettext, ngettext, number } from '../../helpers/text.js';
import { showTime } from '../../views/relative_time.js';

const HISTORY = 50;

// Fills a clone of the item's template, which the server renders from the same partial as the page.
export class ItemView {
  #template;
  #labels;
  #addresses;
  #queue;

  // `addresses`: { item, queue }, with 0 in place of an id.
  constructor({ template, labels, addresses, queue }) {
    this.#template = template;
    this.#labels = labels;
    this.#addresses = addresses;
    this.#queue = queue;
  }

  create(item) {
    const element = this.#template.content.firstElementChild.cloneNode(true);
    this.fill(element, item);
    return element;
  }

  fill(element, item) {
    const find = (name) => element.querySelector(`[data-${name}]`);
    const say = (name, text) => {
      const found = find(name);
      if (found.textContent !== text) found.textContent = text;
    };
    const show = (name, isShown) => { find(name).hidden = !isShown; };
    const { author, parent, decision, appeal } = item;
    element.dataset.id = item.id;
    element.id = `item-${item.id}`;
    find('head').id = `item-${item.id}-head`;
    element.setAttribute('aria-labelledby', find('head').id);

    say('name', author.name);
    say('post', item.postTitle);
    find('post').href = `${this.#addresses.queue}?${new URLSearchParams({ post: item.postId })}`;
    for (const link of element.querySelectorAll('[data-open]')) link.href = this.#address(item);
    showTime(find('time'), item.createdAt);
    show('edited', item.editedAt !== null);
    show('parent', parent !== null);
    say('parent-name', parent?.name ?? '');
    say('parent-text', parent?.content ?? '');
    say('text', item.content);
    show('appeal', appeal !== null);
    say('appeal-text', appeal?.text ?? '');
    this.#flags(find('flags'), item);
    this.#actions(element, item);
    this.#side({ find, say, show }, item, author, decision);
  }

  // What is beside the item itself: who else looks at it, and why something did not work.
  mark(element, { isSelected, lookers, problem }) {
    element.classList.toggle('is-selected', isSelected);
    if (isSelected) element.setAttribute('aria-current', 'true');
    else element.removeAttribute('aria-current');
    const names = lookers.map(({ name }) => name).join(', ');
    const line = element.querySelector('[data-lookers]');
    line.hidden = !names;
    const text = names ? format(ngettext('%(names)s is looking', '%(names)s are looking', lookers.length), { names }) : '';
    if (line.textContent !== text) line.textContent = text;
    const trouble = element.querySelector('[data-problem]');
    if (trouble.textContent !== (problem ?? '')) trouble.textContent = problem ?? '';
    trouble.hidden = !problem;
  }

  #address({ id }) {
    return this.#addresses.item.replace('/0/', `/${id}/`);
  }

  #flags(list, { flags, flagCount }) {
    list.hidden = !flags.length;
    list.replaceChildren(...flags.map(({ reason, note, by }) => {
      const line = document.createElement('li');
      line.append(strong(capitalised(this.#labels.reasons[reason] ?? reason)));
      if (note) line.append(' ', quoted(note));
      line.append(' ', quiet(by));
      return line;
    }));
    const more = flagCount - flags.length;
    if (flags.length && more > 0) {
      const line = document.createElement('li');
      const sentence = ngettext('and %(count)s more flag', 'and %(count)s more flags', more);
      line.append(quiet(format(sentence, { count: number(more) })));
      list.append(line);
    }
  }

  #actions(element, item) {
    const form = element.querySelector('[data-actions]');
    const address = this.#address(item);
    if (this.#queue !== 'appeals') form.action = `${address}decide/`;
    else if (item.appeal) form.action = `${address.replace(/item\/\d+\/$/, '')}appeal/${item.appeal.id}/answer/`;
    form.querySelector('[data-seen]').value = item.seen;
    for (const name of ['reject', 'sanction']) {
      const link = form.querySelector(`[data-action=${name}]`);
      const next = encodeURIComponent(location.pathname + location.search);
      if (link) link.href = `${address}?next=${next}#${name}`;
    }
  }

  #side({ find, say, show }, item, author, decision) {
    const { reasons, rules, verdicts, sanctions } = this.#labels;
    say('author', `@${author.username}`);
    find('author').href = `${this.#addresses.queue}?${new URLSearchParams({ author: author.username })}`;
    show('new', author.isNew);
    show('staff', author.isStaff);
    const comments = ngettext('%(count)s comment', '%(count)s comments', author.comments);
    say('comments', format(comments, { count: number(author.comments) }) + (author.comments >= HISTORY ? '+' : ''));
    show('hidden', author.hidden > 0);
    say('hidden', format(ngettext('%(count)s hidden', '%(count)s hidden', author.hidden), { count: number(author.hidden) }));
    show('sanction', author.sanction !== '');
    say('sanction', sanctions[author.sanction] ?? author.sanction);
    show('held', item.heldFor !== '');
    say('held-text', capitalised(rules[item.heldFor] ?? item.heldFor));
    show('decision', decision !== null);
    say('decision-verdict', capitalised(verdicts[decision?.verdict] ?? ''));
    show('decision-reason', Boolean(decision?.reason));
    say('decision-reason', decision?.reason ? `: ${reasons[decision.reason]}` : '');
    say('decision-by', decision ? decision.by || rules[decision.rule] || '' : '');
    const note = decision ? decision.explanation || decision.note : '';
    show('decision-note', note !== '');
    say('decision-note', note);
    show('priority', item.priority > 0);
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    say('priority-text', item.priority.toLocaleString(document.documentElement.lang || 'en', digits));
  }
}

// What a moderator reads of somebody else's decision.
export function decidedBy({ by, verdict }, labels) {
  if (!verdict) return gettext('This has changed in the meantime.');
  const name = by || gettext('A rule');
  return format(gettext('%(name)s has decided: %(verdict)s.'), { name, verdict: labels.verdicts[verdict] ?? verdict });
}

function capitalised(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

function strong(text) {
  return withText('b', text);
}

function quoted(text) {
  return withText('q', text);
}

function quiet(text) {
  const element = withText('span', text);
  element.className = 'desk-quiet';
  return element;
}

function withText(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
