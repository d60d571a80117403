// The server has cleaned this HTML twice. The third time is here, so that a mistake there still puts
// nothing into the page but these tags and these attributes.

const TAGS = new Set([
  'A', 'BLOCKQUOTE', 'BR', 'CODE', 'DEL', 'EM', 'HR', 'LI', 'OL', 'P', 'PRE', 'S', 'SPAN', 'STRONG', 'UL',
]);
const SILENT = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'NOSCRIPT', 'SVG', 'MATH']);
// Somebody called by name: the page of a person on this site, or only a mark.
const PERSON = /^\/people\/[^/?#]+\/$/;
const ADDRESS = /^(https?:|mailto:)/i;

export function safeFragment(html, target = document) {
  const source = new DOMParser().parseFromString(html, 'text/html');
  const fragment = target.createDocumentFragment();
  copyChildren(source.body, fragment, target);
  return fragment;
}

function copyChildren(from, to, target) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      to.append(node.data);
    } else if (node.nodeType === Node.ELEMENT_NODE && TAGS.has(node.tagName)) {
      const copy = target.createElement(node.tagName);
      copyAttributes(node, copy);
      copyChildren(node, copy, target);
      to.append(copy);
    } else if (node.nodeType === Node.ELEMENT_NODE && !SILENT.has(node.tagName.toUpperCase())) {
      copyChildren(node, to, target);
    }
  }
}

function copyAttributes(from, to) {
  if (from.className === 'mention') to.className = 'mention';
  if (from.tagName === 'A' && from.className === 'mention' && PERSON.test(from.getAttribute('href') ?? '')) {
    to.href = from.getAttribute('href');
  }
  if (from.tagName === 'A' && ADDRESS.test(from.getAttribute('href') ?? '')) {
    to.href = from.getAttribute('href');
    to.rel = 'nofollow ugc noopener';
    if (from.title) to.title = from.title;
  }
  if (from.tagName === 'OL' && /^\d{1,9}$/.test(from.getAttribute('start') ?? '')) {
    to.setAttribute('start', from.getAttribute('start'));
  }
}
