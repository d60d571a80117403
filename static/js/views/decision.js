import { worded } from '../helpers/place.js';
import { reasonSentence } from '../helpers/reasons.js';
import { gettext } from '../helpers/text.js';

// What a reader is told of a decision about their own comment: in its place, or with its text that the
// outbox keeps. And the place of a comment that is gone.

const LEADS = {
  spam: () => worded(gettext('Your comment was rejected as spam.'), gettext('Your message was rejected as spam.')),
  removed: () => worded(gettext('A moderator removed your comment.'), gettext('A moderator removed your message.')),
};

export function fillRemoved(element, comment, { addresses, template }) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const { _id: id, decision, isKept = false } = comment;
  element.id = `comment-${id}`;
  element.dataset.by = comment.by ?? '';
  find('removed-note').hidden = Boolean(decision);
  const words = isKept
    ? worded(gettext('A comment is hidden here.'), gettext('A message is hidden here.'))
    : worded(gettext('This comment was removed.'), gettext('This message was removed.'));
  find('removed-text').textContent = words;
  find('removed-note').querySelector('[data-actions]').hidden = !isKept;
  element.querySelector('[data-action="restore"]').href = addresses.restore(id);
  if (decision) fillDecision(element, decision, { addresses, template });
  else find('decision')?.remove();
}

// `before`: the element that it comes before, where it is not there yet; or else it comes last.
export function fillDecision(element, decision, { before = null, withLead = true, addresses, template }) {
  let block = element.querySelector('[data-decision]');
  if (!block) {
    block = template.content.cloneNode(true).querySelector('[data-decision]');
    if (before) before.before(block);
    else element.append(block);
  }
  const find = (name) => block.querySelector(`[data-${name}]`);
  const { appeal } = decision;
  // A form that is open in it has been answered.
  block.querySelector('[data-form]')?.remove();
  block.dataset.decision = JSON.stringify(decision);
  find('decision-lead').hidden = !withLead;
  say(find('decision-lead'), LEADS[decision.status]?.() ?? worded(
    gettext('Your comment was rejected.'),
    gettext('Your message was rejected.'),
  ));
  sayIfAny(find('decision-reason'), reasonSentence(decision.reason));
  sayIfAny(find('decision-explanation'), decision.explanation);
  sayIfAny(find('decision-appeal'), appealSentence(appeal));
  sayIfAny(find('decision-answer'), appeal?.explanation);
  find('actions').hidden = !decision.canAppeal;
  block.querySelector('[data-action="appeal"]').href = addresses.appeal(decision.decisionId);
}

export function decisionIn(element) {
  return JSON.parse(element.querySelector('[data-decision]').dataset.decision);
}

function appealSentence(appeal) {
  if (!appeal || appeal.accepted) return '';
  return appeal.accepted === null
    ? gettext('You have appealed. A moderator will answer.')
    : gettext('Your appeal was turned down.');
}

function sayIfAny(element, text) {
  element.hidden = !text;
  say(element, text ?? '');
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
