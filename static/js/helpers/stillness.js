// Changes the page without moving what the reader looks at: the first of `candidates` that is really in
// view, and outlives the change, stays where it is. Focus stays as well; if what had it is gone, it goes
// to what stood around or next to that, or else to `refuge`. With `follow` the view moves as that says instead.

export function keepStill(candidates, change, refuge, follow = null) {
  const anchors = visible(candidates);
  const focused = document.activeElement;
  const heirs = heirsOf(focused, [...candidates]);
  change();
  if (focused && focused !== document.activeElement && focused.isConnected) {
    focused.focus({ preventScroll: true });
  } else if (heirs.length && !focused.isConnected) {
    giveFocus(heirs.find((element) => element.isConnected) ?? refuge);
  }
  if (follow) {
    follow();
    return;
  }
  const anchor = anchors.find(({ element }) => element.isConnected);
  if (!anchor) return;
  const moved = anchor.element.getBoundingClientRect().top - anchor.top;
  if (Math.abs(moved) >= 1) window.scrollBy({ top: moved, behavior: 'instant' });
}

export function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

function heirsOf(focused, candidates) {
  const place = candidates.findIndex((element) => element.contains(focused));
  return place < 0 ? [] : [...candidates.slice(place), ...candidates.slice(0, place).reverse()];
}

function giveFocus(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

// Those in view, in their order; but what is mostly out of it comes last: if its text grows, it may grow upwards.
function visible(candidates) {
  const found = [];
  for (const element of candidates) {
    const { top, bottom, height } = element.getBoundingClientRect();
    if (top > window.innerHeight) break;
    if (bottom <= 0) continue;
    const seen = Math.min(bottom, window.innerHeight) - Math.max(top, 0);
    found.push({ element, top, isMostlyOut: seen < Math.min(height, window.innerHeight) / 2 });
  }
  return [...found.filter(({ isMostlyOut }) => !isMostlyOut), ...found.filter(({ isMostlyOut }) => isMostlyOut)];
}
