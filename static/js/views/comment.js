import { worded } from '../helpers/place.js';
import { safeFragment } from '../helpers/safe_html.js';
import { format, gettext } from '../helpers/text.js';
import { readReactions } from './reactions.js';
import { showTime } from './relative_time.js';

// One comment on the page, from <template id="comment-template"> or as the server rendered it.

export function readComment(element) {
  const { id, version, parentId, userId, content, by } = element.dataset;
  if ('removed' in element.dataset) {
    const place = { _id: id, version: Number(version), parentId: parentId || null, removed: true };
    const decision = element.querySelector('[data-decision]')?.dataset.decision;
    return { ...place, userId: null, by: by || null, decision: decision ? JSON.parse(decision) : null };
  }
  const find = (name) => element.querySelector(`[data-${name}]`);
  const link = find('answers-link');
  return {
    _id: id,
    version: Number(version),
    userId,
    parentId: parentId || null,
    parentName: find('answers').hidden || link.hidden ? null : link.textContent,
    author: {
      name: find('name').textContent,
      avatar: find('avatar').dataset.avatar,
      initials: find('avatar').textContent,
      picture: find('avatar').querySelector('img')?.getAttribute('src'),
      username: readUsername(find('name').parentElement),
      badge: find('badge').dataset.badge || null,
    },
    content,
    ...readReactions(element),
    // It may leave the page for a while, and come back from this.
    html: textOf(find('text')),
    createdAt: find('permalink').querySelector('time').dateTime,
    editedAt: find('edited').hidden ? null : find('edited-time').dateTime,
    status: 'held' in element.dataset ? 'pending' : 'published',
  };
}

function textOf(element) {
  const serializer = new XMLSerializer();
  return [...element.childNodes].map((node) => serializer.serializeToString(node)).join('');
}

// The others are about this reader: whether they wrote it and may still change it, have reported it, may hide it.
export function fillComment(
  element, comment, { isOwn, mayEdit = isOwn, isReported = false, mayHide = false, addresses },
) {
  const isHeld = comment.status === 'pending';
  const find = (name) => element.querySelector(`[data-${name}]`);
  element.id = `comment-${comment._id}`;
  element.dataset.id = comment._id;
  element.dataset.version = comment.version;
  element.dataset.parentId = comment.parentId ?? '';
  element.dataset.userId = comment.userId;
  element.classList.toggle('is-own', isOwn);
  element.classList.toggle('is-held', isHeld);
  if (isOwn) element.dataset.content = comment.content;
  const label = worded(gettext('Comment by %(name)s'), gettext('Message from %(name)s'));
  element.setAttribute('aria-label', format(label, { name: comment.author.name }));
  fillAvatar(find('avatar'), comment.author);
  fillName(find('name'), comment.author, addresses);
  fillBadge(find('badge'), comment.author.badge);
  find('permalink').href = addresses.permalink(comment._id);
  showTime(find('permalink').querySelector('time'), comment.createdAt);
  find('edited').hidden = !comment.editedAt;
  if (comment.editedAt) showTime(find('edited-time'), comment.editedAt);
  find('state').hidden = !isHeld;
  find('state').textContent = isHeld ? gettext('waiting for review, only you see it') : '';
  find('text').replaceChildren(safeFragment(comment.html));
  const offered = {
    reply: !isHeld,
    edit: mayEdit,
    delete: isOwn,
    report: !isOwn && !isReported,
    hide: !isOwn && mayHide,
  };
  for (const [action, isOffered] of Object.entries(offered)) {
    const link = element.querySelector(`[data-action="${action}"]`);
    link.href = addresses[action](comment._id);
    link.hidden = !isOffered;
  }
  find('reported-note').hidden = !isReported;
}

export function fillAnswers(element, answers, addresses) {
  const line = element.querySelector('[data-answers]');
  if (!line) return;
  line.hidden = !answers;
  if (!answers) return;
  const link = line.querySelector('[data-answers-link]');
  const isThere = answers.name !== null;
  line.querySelector('[data-answers-text]').textContent = isThere
    ? gettext('in reply to')
    : worded(gettext('in reply to a comment that was removed'), gettext('in reply to a message that was removed'));
  link.hidden = !isThere;
  link.textContent = answers.name ?? '';
  link.href = addresses.permalink(answers.id);
}

export function fillAvatar(element, { avatar, initials, picture }) {
  element.classList.remove(`avatar-${element.dataset.avatar}`);
  element.classList.add(`avatar-${avatar}`);
  element.dataset.avatar = avatar;
  if (!picture) {
    element.textContent = initials;
    return;
  }
  const image = element.querySelector('img') ?? document.createElement('img');
  if (image.getAttribute('src') !== picture) {
    Object.assign(image, { alt: '', width: 192, height: 192, decoding: 'async', loading: 'lazy' });
    image.src = picture;
  }
  element.replaceChildren(image);
}

// A name leads to its person's page; a deleted account has none.
export function fillName(element, { name, username }, addresses) {
  element.textContent = name;
  const link = element.parentElement;
  if (username) link.href = addresses.person(username);
  else link.removeAttribute('href');
}

function readUsername(link) {
  return link.pathname ? decodeURIComponent(link.pathname.split('/').at(-2)) : undefined;
}

function fillBadge(element, badge) {
  element.hidden = !badge;
  element.dataset.badge = badge ?? '';
  if (badge === 'author') element.textContent = gettext('Author');
  else if (badge === 'moderator') element.textContent = gettext('Moderator');
  else element.textContent = '';
}
