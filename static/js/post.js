import { browserStorage } from './page.js';
import { ReactionsChoice } from './views/reactions_choice.js';
import { keepTimesFresh } from './views/relative_time.js';

keepTimesFresh(document);

// A comment's own address marks it, wherever on the page it stands.
if (!location.hash) document.querySelector('.is-highlighted')?.scrollIntoView({ block: 'center' });

// Only readers who are logged in have a socket; for all others the page is what the server sent.
const section = document.getElementById('comments');
if (section) new ReactionsChoice({ section, storage: browserStorage() });
if (section?.dataset.userId) {
  const { goLive } = await import('./live.js');
  goLive(section);
}
