// Every name that crosses the wire, and nothing else. The Python side has the same lists; a test
// compares them.

export const CLIENT_EVENTS = Object.freeze({
  JOIN_POST: 'join_post',
  LEAVE_POST: 'leave_post',
  NEW_COMMENT: 'new_comment',
  EDIT_COMMENT: 'edit_comment',
  PREVIEW_COMMENT: 'preview_comment',
  DELETE_COMMENT: 'delete_comment',
  LOAD_MORE: 'load_more',
  TYPING: 'typing',
  REPORT_COMMENT: 'report_comment',
  APPEAL_DECISION: 'appeal_decision',
  ACKNOWLEDGE_WARNING: 'acknowledge_warning',
  OWN_COMMENTS: 'own_comments',
  HIDE_COMMENT: 'hide_comment',
  RESTORE_COMMENT: 'restore_comment',
  REACT: 'react',
  PEOPLE_OF_POST: 'people_of_post',
  FOLLOW_POST: 'follow_post',
  MUTE_PERSON: 'mute_person',
  OWN_CHOICES: 'own_choices',
});

export const SERVER_EVENTS = Object.freeze({
  LOAD_COMMENTS: 'load_comments',
  COMMENT_ADDED: 'comment_added',
  COMMENT_UPDATED: 'comment_updated',
  COMMENT_REMOVED: 'comment_removed',
  COMMENT_REACTED: 'comment_reacted',
  COMMENT_CONFIRMED: 'comment_confirmed',
  COMMENT_ERROR: 'comment_error',
  PRESENCE: 'presence',
  USER_TYPING: 'user_typing',
  POST_STATE: 'post_state',
  POST_VERSION: 'post_version',
  COMMENT_DECIDED: 'comment_decided',
  COMMENTS_DECIDED: 'comments_decided',
  APPEAL_ANSWERED: 'appeal_answered',
  OWN_REACTIONS: 'own_reactions',
  POST_FOLLOWED: 'post_followed',
  PERSON_MUTED: 'person_muted',
  SANCTION_CHANGED: 'sanction_changed',
});

// What the server may say in every namespace.
export const SHARED_EVENTS = Object.freeze({
  CONNECTION_ERROR: 'connection_error',
  SESSION_ENDED: 'session_ended',
});

export const ERROR_CODES = Object.freeze({
  SIGN_IN: 'sign_in',
  INVALID: 'invalid',
  TOO_LONG: 'too_long',
  TOO_LATE: 'too_late',
  NOT_FOUND: 'not_found',
  FORBIDDEN: 'forbidden',
  CLOSED: 'closed',
  READ_ONLY: 'read_only',
  SLOW_MODE: 'slow_mode',
  RATE_LIMITED: 'rate_limited',
  PAUSED: 'paused',
  SUSPENDED: 'suspended',
  BANNED: 'banned',
  WARNED: 'warned',
  REPEATED: 'repeated',
  REJECTED: 'rejected',
  CONFLICT: 'conflict',
  INTERNAL: 'internal',
});

// What every page asks and hears in the namespace `/notifications`.
export const NOTIFICATION_REQUESTS = Object.freeze({
  GET_NOTIFICATIONS: 'get_notifications',
  MARK_READ: 'mark_read',
  MARK_ALL_READ: 'mark_all_read',
});

export const NOTIFICATION_EVENTS = Object.freeze({
  NOTIFICATIONS_LIST: 'notifications_list',
  NOTIFICATION: 'notification',
  NOTIFICATION_MARKED_READ: 'notification_marked_read',
  ALL_NOTIFICATIONS_READ: 'all_notifications_read',
  NOTIFICATION_ERROR: 'notification_error',
  UNREAD_COUNT: 'unread_count',
});

// What somebody asks about statuses and hears of them, in the namespace `/notifications`.
export const STATUS_REQUESTS = Object.freeze({
  UPDATE_STATUS: 'update_status',
  GET_STATUSES: 'get_statuses',
  FOLLOW_PERSON: 'follow_person',
});

export const STATUS_EVENTS = Object.freeze({
  FRIEND_STATUS_CHANGED: 'friend_status_changed',
  FRIEND_STATUSES: 'friend_statuses',
  OWN_STATUS: 'own_status',
  PERSON_FOLLOWED: 'person_followed',
  STATUS_ERROR: 'status_error',
});

// What moderators' pages ask and hear, in the namespace `/moderation`.
export const DESK_REQUESTS = Object.freeze({
  WATCH_QUEUE: 'watch_queue',
  LOOK_AT: 'look_at',
  DECIDE: 'decide',
  UNDO: 'undo',
  ANSWER_APPEAL: 'answer_appeal',
  SANCTION_AUTHOR: 'sanction_author',
});

export const DESK_EVENTS = Object.freeze({
  QUEUE_COUNTS: 'queue_counts',
  QUEUE_STALE: 'queue_stale',
  ITEM_CHANGED: 'item_changed',
  ITEM_GONE: 'item_gone',
  LOOKING: 'looking',
  DESK_ERROR: 'desk_error',
});

// What somebody asks of the chat and hears of it, in the namespace `/chat`.
export const CHAT_REQUESTS = Object.freeze({
  GET_ROOMS: 'get_rooms',
  GET_UNREAD: 'get_unread',
  JOIN_ROOM: 'join_room',
  LEAVE_ROOM: 'leave_room',
  CHAT_MESSAGE: 'chat_message',
  EDIT_MESSAGE: 'edit_message',
  DELETE_MESSAGE: 'delete_message',
  REPORT_MESSAGE: 'report_message',
  LOAD_MORE: 'load_more',
  TYPING: 'typing',
  PRIVATE_MESSAGE: 'private_message',
  GET_CONVERSATION: 'get_conversation',
  MARK_CONVERSATION_READ: 'mark_conversation_read',
  DELETE_PRIVATE_MESSAGE: 'delete_private_message',
  REPORT_PRIVATE_MESSAGE: 'report_private_message',
  BLOCK_PERSON: 'block_person',
});

export const CHAT_EVENTS = Object.freeze({
  LOAD_MESSAGES: 'load_messages',
  CHAT_MESSAGE: 'chat_message',
  MESSAGE_UPDATED: 'message_updated',
  MESSAGE_REMOVED: 'message_removed',
  MESSAGE_REACTED: 'message_reacted',
  ROOM_STATE: 'room_state',
  ROOM_VERSION: 'room_version',
  ROOM_COUNT: 'room_count',
  USER_JOINED: 'user_joined',
  USER_LEFT: 'user_left',
  USER_TYPING: 'user_typing',
  PRIVATE_MESSAGE: 'private_message',
  PRIVATE_MESSAGE_REMOVED: 'private_message_removed',
  CONVERSATION_READ: 'conversation_read',
  PERSON_BLOCKED: 'person_blocked',
  CHAT_ERROR: 'chat_error',
});

// The chat hears what is said under older names, too, until it enters a room.
const OLD_SPELLINGS = Object.freeze({ CHAT_MESSAGE_OF_OLD: 'chat message', MESSAGE: 'message' });

export const POSTS = '/';

// What may be asked and heard in each namespace.
export const VOCABULARY = Object.freeze({
  [POSTS]: { requests: CLIENT_EVENTS, events: SERVER_EVENTS },
  '/notifications': {
    requests: { ...NOTIFICATION_REQUESTS, ...STATUS_REQUESTS },
    events: { ...NOTIFICATION_EVENTS, ...STATUS_EVENTS },
  },
  '/chat': { requests: CHAT_REQUESTS, events: { ...CHAT_EVENTS, ...OLD_SPELLINGS } },
  '/moderation': { requests: DESK_REQUESTS, events: DESK_EVENTS },
});
