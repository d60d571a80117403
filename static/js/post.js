import { browserStorage } from './page.js';
import { ReactionsChoice } from './views/reactions_choice.js';
import { keepTimesFresh } from './views/relative_time.js';
import { Shortcuts } from './views/shortcuts.js';

keepTimesFresh(document);

// A comment's own address marks it, wherever on the page it stands.
if (!location.hash) document.querySelector('.is-highlighted')?.scrollIntoView({ block: 'center' });

// Only readers who are logged in have a socket; for all others the page is what the server sent.
const section = document.getElementById('comments');
let live = null;
if (section) {
  new ReactionsChoice({ section, storage: browserStorage() });
  const more = section.dataset.userId
    ? { n: () => live?.arrivals.toFirst(), p: () => live?.arrivals.pause() }
    : {};
  new Shortcuts({
    root: section.querySelector('[data-threads]'),
    sheet: document.querySelector('[data-shortcuts-sheet]'),
    button: section.querySelector('[data-shortcuts]'),
    storage: browserStorage(),
    more,
  });
}
if (section?.dataset.userId) {
  const { goLive } = await import('./live.js');
  live = goLive(section);
} else if (section) {
  section.querySelector('.reading-tools').classList.remove('is-waiting');
  const { welcome } = await import('./visitor.js');
  welcome(section);
}
