// A client for Postroom: the pages of the site use it, and so may a front end of your own. See docs/client.md, and
// `postroom.d.ts` for every event with its types. It imports nothing from outside its folder but Socket.IO's client.

export { connect } from './client.js';
export { NoAnswer, Refusal } from './connection.js';
export {
  CLIENT_EVENTS, DESK_EVENTS, DESK_REQUESTS, ERROR_CODES, NOTIFICATION_EVENTS, NOTIFICATION_REQUESTS, SERVER_EVENTS,
  STATUS_EVENTS, STATUS_REQUESTS,
} from './events.js';
export { compareIds, newClientId } from './ids.js';
export { Room } from './room.js';
export { PASSING, RoomKeeper } from './room_keeper.js';
