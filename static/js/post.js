import { keepTimesFresh } from './views/relative_time.js';

keepTimesFresh(document);

// Only readers who are logged in have a socket; for all others the page is what the server sent.
const section = document.getElementById('comments');
if (section?.dataset.userId) {
  const { goLive } = await import('./live.js');
  goLive(section);
}
