import { showTime } from './relative_time.js';

// One entry of the inbox, made of the template that the server's page is made of.
export function makeNotice(template, entry) {
  const element = template.content.cloneNode(true).querySelector('[data-notice]');
  showNotice(element, entry);
  return element;
}

export function showNotice(element, entry) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  element.dataset.id = entry.id;
  element.dataset.group = entry.group;
  element.classList.toggle('is-unread', !entry.isRead);
  const link = find('link');
  const path = `/notifications/${entry.id}/`;
  if (link.getAttribute('href') !== path) {
    link.setAttribute('href', path);
    find('mark').setAttribute('action', path);
  }
  const text = find('text');
  if (text.textContent !== entry.message) text.textContent = entry.message;
  showTime(find('time'), entry.createdAt);
  find('unread').hidden = entry.isRead;
  find('mark').hidden = entry.isRead;
  showFace(find('face'), entry.people[0]);
}

function showFace(face, person) {
  face.className = `notice-face avatar ${person ? `avatar-${person.avatar}` : 'notice-site'}`;
  if (person?.picture) {
    const picture = document.createElement('img');
    Object.assign(picture, { src: person.picture, alt: '', width: 192, height: 192, decoding: 'async' });
    face.replaceChildren(picture);
  } else {
    face.textContent = person?.initials ?? '';
  }
}
