import { DESK_EVENTS, DESK_REQUESTS, NoAnswer, Refusal } from '../postroom/core.js';
import { connect } from './connect.js';
import { showCounts } from './views/counters.js';

// The queues on the admin's first page: counters and nothing else.
if (document.querySelector('[data-desk-counters]')) {
  const watch = async () => {
    try {
      showCounts(document, (await connection.request(DESK_REQUESTS.WATCH_QUEUE, {})).counts);
    } catch (problem) {
      if (!(problem instanceof NoAnswer || problem instanceof Refusal)) throw problem;
    }
  };
  const connection = connect({ onState: (state) => state === 'online' && watch() });
  connection.on(DESK_EVENTS.QUEUE_COUNTS, (counts) => showCounts(document, counts));
  connection.start();
}
