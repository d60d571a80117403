// Changes the page without moving what the reader looks at: the first of `candidates` that is in
// view, and outlives the change, stays where it is. Focus stays as well.

export function keepStill(candidates, change) {
  const anchors = visible(candidates);
  const focused = document.activeElement;
  change();
  if (focused && focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
  const anchor = anchors.find(({ element }) => element.isConnected);
  if (!anchor) return;
  const moved = anchor.element.getBoundingClientRect().top - anchor.top;
  if (Math.abs(moved) >= 1) window.scrollBy({ top: moved, behavior: 'instant' });
}

function visible(candidates) {
  const found = [];
  for (const element of candidates) {
    const { top, bottom } = element.getBoundingClientRect();
    if (top > window.innerHeight) break;
    if (bottom > 0) found.push({ element, top });
  }
  return found;
}
