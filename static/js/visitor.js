import { Draft, VISITOR } from './models/draft.js';
import { addresses, browserStorage } from './page.js';
import { VisitorComposer } from './views/visitor_composer.js';

// The page of a post for somebody who is not logged in: they may begin to write.
export function welcome(section) {
  if (!section.querySelector('[data-visitor]')) return;
  const { postId, postUrl } = section.dataset;
  const places = addresses(section.dataset);
  new VisitorComposer({
    section,
    draft: new Draft({ storage: browserStorage(), userId: VISITOR, postId }),
    replyAddress: (id) => (id ? places.reply(id) : `${postUrl}#composer`),
  });
}
