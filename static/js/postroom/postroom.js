// A client for Postroom: the pages of the site use it, and so may a front end of your own. See docs/client.md, and
// `postroom.d.ts` for every event with its types. It imports nothing from outside its folder but Socket.IO's client.

export { Comments, commentsOf } from './comments.js';
export {
  CHAT_EVENTS, CHAT_REQUESTS, CLIENT_EVENTS, DESK_EVENTS, DESK_REQUESTS, ERROR_CODES, NOTIFICATION_EVENTS,
  NOTIFICATION_REQUESTS, NoAnswer, Refusal, SERVER_EVENTS, STATUS_EVENTS, STATUS_REQUESTS, compareIds, connect, newClientId,
} from './core.js';
