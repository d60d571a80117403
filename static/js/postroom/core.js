// What every page of the site shares of the client library: one file, so one connection. `postroom.js` has the rest.

export { connect } from './client.js';
export { NoAnswer, RETRY_FROM, Refusal } from './connection.js';
export {
  CHAT_EVENTS, CHAT_REQUESTS, CLIENT_EVENTS, DESK_EVENTS, DESK_REQUESTS, ERROR_CODES, NOTIFICATION_EVENTS,
  NOTIFICATION_REQUESTS, SERVER_EVENTS, STATUS_EVENTS, STATUS_REQUESTS,
} from './events.js';
export { compareIds, newClientId } from './ids.js';
export { Room } from './room.js';
export { PASSING, RoomKeeper } from './room_keeper.js';
export { Store } from './store.js';
