import { worded } from '../helpers/place.js';
import { reasonSentence } from '../helpers/reasons.js';
import { format, gettext, ngettext, number } from '../helpers/text.js';
import { endTime, timeLeft } from '../helpers/time.js';

// Says before a reader writes what awaits them, as `Prospects.at` has it: in place of the composer what
// keeps them from writing, above its field that comments are held or slow.

const ROOMS = {
  closed: () => worded(gettext('Comments are closed.'), gettext('This room is closed.')),
  read_only: () => worded(
    gettext('Comments can be read, but not added to.'),
    gettext('This room can be read, but not written in.'),
  ),
  paused: () => worded(
    gettext('All comments are paused for the moment.'),
    gettext('Nobody can write anywhere for the moment.'),
  ),
};
const LEADS = {
  ban: () => worded(gettext('You may no longer comment here.'), gettext('You may no longer write here.')),
  suspension: () => worded(
    gettext('You are suspended from commenting for now.'),
    gettext('You are suspended from writing for now.'),
  ),
  warning: () => gettext('A moderator has warned you. Please read this before you write again.'),
  over: () => gettext('The ban has ended. Load this page again to write.'),
};
const HOLDS = {
  sanction: () => worded(
    gettext('Your comments wait for a moderator before others see them.'),
    gettext('Your messages wait for a moderator before others see them.'),
  ),
  room: () => worded(
    gettext('A moderator looks at each comment here before others see it.'),
    gettext('A moderator looks at each message here before others see it.'),
  ),
  newcomer: () => worded(
    gettext('A moderator looks at the first comments of new readers before others see them.'),
    gettext('A moderator looks at the first messages of new readers before others see them.'),
  ),
};

export class Standing {
  #panel;
  #notice;
  #acknowledgeAddress;

  // `acknowledge(sanctionId)` returns a promise; when it fails, `explain(problem)` is shown.
  constructor({ section, acknowledgeAddress, acknowledge, explain }) {
    this.#panel = section.querySelector('[data-closed]');
    this.#notice = section.querySelector('[data-notice]');
    this.#acknowledgeAddress = acknowledgeAddress;
    this.#panel.querySelector('[data-acknowledge]').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send(event.target, acknowledge, explain);
    });
  }

  get hasFocus() {
    return this.#panel.contains(document.activeElement);
  }

  focus() {
    this.#panel.focus({ preventScroll: true });
    this.#panel.scrollIntoView({ block: 'nearest' });
  }

  // `hasText`: something stands in the composer. Returns what keeps the reader from writing, in words.
  show({ barrier, hold, wait, slowMode }, { hasText, now = Date.now() }) {
    this.#showNotice(hold, wait, slowMode, now);
    this.#panel.hidden = !barrier;
    return barrier ? this.#showBarrier(barrier, hasText, now) : '';
  }

  #showBarrier({ kind, room, message, sanction = {} }, hasText, now) {
    const find = (name) => this.#panel.querySelector(`[data-standing-${name}]`);
    const lead = message ?? LEADS[kind]?.() ?? ROOMS[room]?.() ?? ROOMS.closed();
    const { until, explanation, concerns } = sanction;
    this.#panel.dataset.kind = kind;
    say(find('lead'), lead);
    sayIfAny(find('reason'), reasonSentence(sanction.reason));
    sayIfAny(find('explanation'), explanation);
    find('end').hidden = !until;
    say(find('until'), until ? untilSentence(until) : '');
    say(find('left'), until ? timeLeft(Date.parse(until) - now) : '');
    find('concerns').hidden = !isPath(concerns);
    if (isPath(concerns)) find('concerns').querySelector('a').setAttribute('href', concerns);
    find('kept').hidden = !hasText;
    const form = this.#panel.querySelector('[data-acknowledge]');
    form.hidden = kind !== 'warning';
    form.dataset.sanctionId = sanction.sanctionId ?? '';
    if (kind === 'warning') form.action = this.#acknowledgeAddress(sanction.sanctionId);
    return [lead, reasonSentence(sanction.reason), explanation].filter(Boolean).join(' ');
  }

  #showNotice(hold, wait, slowMode, now) {
    const find = (name) => this.#notice.querySelector(`[data-notice-${name}]`);
    this.#notice.hidden = !hold && !slowMode;
    sayIfAny(find('hold'), hold ? holdSentence(hold, now) : '');
    sayIfAny(find('explanation'), hold?.sanction?.explanation);
    const slow = find('slow');
    const text = slowMode ? slowSentence(slowMode) : '';
    slow.hidden = !slowMode;
    // The sentence is a text node of its own beside what counts.
    if (slow.firstChild.data !== text) slow.firstChild.data = text;
    sayIfAny(find('wait'), wait ? waitSentence(wait) : '');
  }

  async #send(form, acknowledge, explain) {
    const button = form.querySelector('button');
    const problem = form.querySelector('[data-acknowledge-problem]');
    if (button.ariaDisabled) return;
    problem.hidden = true;
    button.ariaDisabled = 'true';
    try {
      await acknowledge(form.dataset.sanctionId);
    } catch (error) {
      problem.textContent = explain(error);
      problem.hidden = false;
    } finally {
      button.ariaDisabled = null;
    }
  }
}

export function waitSentence(seconds) {
  const sentence = ngettext(
    'You can write again in %(count)s second.', 'You can write again in %(count)s seconds.', seconds,
  );
  return format(sentence, { count: number(seconds) });
}

function slowSentence(seconds) {
  const sentence = worded(
    ngettext('Slow mode: one comment every %(count)s second.', 'Slow mode: one comment every %(count)s seconds.', seconds),
    ngettext('Slow mode: one message every %(count)s second.', 'Slow mode: one message every %(count)s seconds.', seconds),
  );
  return `${format(sentence, { count: number(seconds) })} `;
}

function holdSentence({ by, sanction }, now) {
  const parts = [HOLDS[by]()];
  if (sanction) parts.push(reasonSentence(sanction.reason));
  if (sanction?.until) parts.push(`· ${untilSentence(sanction.until)}, ${timeLeft(Date.parse(sanction.until) - now)}`);
  return parts.join(' ');
}

// On this site.
function isPath(text) {
  return /^\/(?!\/)/.test(text ?? '');
}

function untilSentence(until) {
  return format(gettext('Until %(moment)s'), { moment: endTime(new Date(until)) });
}

function sayIfAny(element, text) {
  element.hidden = !text;
  say(element, text ?? '');
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
