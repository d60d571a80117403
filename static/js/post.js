import { keepTimesFresh } from './views/relative_time.js';

keepTimesFresh(document);

// A comment's own address marks it, wherever on the page it stands.
if (!location.hash) document.querySelector('.is-highlighted')?.scrollIntoView({ block: 'center' });

// Only readers who are logged in have a socket; for all others the page is what the server sent.
const section = document.getElementById('comments');
if (section?.dataset.userId) {
  const { goLive } = await import('./live.js');
  goLive(section);
} else if (section) {
  const { welcome } = await import('./visitor.js');
  welcome(section);
}
