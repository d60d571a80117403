import { keepTimesFresh } from './views/relative_time.js';

keepTimesFresh(document);
