// The types of `postroom.js`: what may be asked, how it is answered and what is heard, in every namespace.
// A test compares this page with the Python side, name by name and field by field; keep one field on a line.

/** Ids are strings on the wire; a request may bring them as numbers, too. */
export type Id = string | number;
/** ISO 8601 with the site's offset. */
export type Time = string;

// --- What both ways are made of -------------------------------------------------------------------

export interface AuthorPayload {
  name: string;
  /** The number of a colour, 0 to 11. */
  avatar: number;
  initials: string;
  badge: 'author' | 'moderator' | null;
  username?: string;
  picture?: string;
  isDeleted?: boolean;
}

export interface CommentPayload {
  _id: string;
  postId: string;
  userId: string;
  author: AuthorPayload;
  content: string;
  /** Sanitised by the server. */
  html: string;
  parentId: string | null;
  /** Null with a `parentId`: the comment it answers is gone. */
  parentName: string | null;
  parentIsDeleted?: boolean;
  createdAt: Time;
  editedAt: Time | null;
  status: string;
  version: number;
  reactions: Record<string, number>;
  /** To its author only. */
  clientId?: string;
  /** The address of the chat's room that it is in. */
  room?: string;
}

export interface RemovedPayload {
  _id: string;
  postId: string;
  version: number;
  by: string;
  status?: string;
}

export interface ReactedPayload {
  postId: string;
  commentId: string;
  reactions: Record<string, number>;
  version: number;
}

export interface SanctionPayload {
  sanctionId: string;
  kind: string;
  reason: string;
  explanation: string;
  concerns: string;
  until: Time | null;
}

export interface StatePayload {
  room: string;
  canWrite: boolean;
  reason: string;
  slowMode: number;
  holdFirst: boolean;
  holds: string[];
  holdNewcomers: boolean;
  retryAfter?: number;
  sanction?: SanctionPayload;
  sanctions?: SanctionPayload[];
}

export interface DecidedPayload {
  commentId: string;
  postId: string;
  status: string;
  reason: string;
  explanation: string;
  decisionId: string;
  canAppeal: boolean;
}

export interface AppealPayload {
  appealId: string;
  accepted: boolean | null;
  explanation: string;
}

export interface OwnDecisionPayload extends DecidedPayload {
  parentId: string | null;
  appeal: AppealPayload | null;
}

export interface AnsweredPayload {
  appealId: string;
  decisionId: string;
  commentId: string;
  accepted: boolean;
  explanation: string;
}

export interface MutedPayload {
  userId: string;
  name: string;
  on: boolean;
}

export interface PersonPayload {
  name: string;
  avatar: number;
  initials: string;
  picture?: string;
}

export interface EntryPayload {
  id: string;
  group: string;
  kind: string;
  message: string;
  path: string;
  count: number;
  people: PersonPayload[];
  createdAt: Time;
  isRead: boolean;
  postId?: string;
  commentId?: string;
}

export interface ChoicePayload {
  browser: boolean;
  sound: boolean;
}

export interface StatusPayload {
  userId: string;
  status: string;
  lastSeen: Time | null;
}

export interface OwnStatusPayload {
  status: string;
  isShown: boolean;
}

export interface FollowedPayload {
  userId: string;
  name: string;
  on: boolean;
}

export interface DeskAuthorPayload {
  id: string;
  name: string;
  username: string;
  joinedAt: Time;
  isNew: boolean;
  isStaff: boolean;
  comments: number;
  published: number;
  hidden: number;
  sanction: string;
  sanctionUntil: Time | null;
}

export interface DeskFlagPayload {
  reason: string;
  note: string;
  by: string;
  at: Time;
}

export interface DeskDecisionPayload {
  id: string;
  verdict: string;
  reason: string;
  explanation: string;
  note: string;
  by: string;
  rule: string;
  at: Time;
}

export interface DeskAppealPayload {
  id: string;
  text: string;
  at: Time;
}

export interface DeskParentPayload {
  id: string;
  name: string;
  content: string;
}

export interface ItemPayload {
  id: string;
  seen: string;
  queues: string[];
  postId: string;
  postTitle: string;
  postUrl: string;
  status: string;
  content: string;
  createdAt: Time;
  editedAt: Time | null;
  heldFor: string;
  reason: string;
  priority: number;
  flagCount: number;
  author: DeskAuthorPayload;
  parent: DeskParentPayload | null;
  flags: DeskFlagPayload[];
  decision: DeskDecisionPayload | null;
  appeal: DeskAppealPayload | null;
}

export interface GonePayload {
  id: string;
  by: string;
  byId: string;
  verdict: string;
  decisionId?: string;
}

export interface CorrespondentPayload {
  /** `0` of a deleted account. */
  userId: string;
  name: string;
  avatar: number;
  initials: string;
  username?: string;
  picture?: string;
}

export interface PrivatePayload {
  _id: string;
  from: CorrespondentPayload;
  to: CorrespondentPayload;
  content: string;
  /** Sanitised by the server. */
  html: string;
  createdAt: Time;
  /** To its sender only. */
  clientId?: string;
}

export interface TakenBackPayload {
  _id: string;
  createdAt: string;
}

export interface PrivateRemovedPayload {
  _id: string;
  userId: string;
  takenBack?: TakenBackPayload;
  wasUnread?: boolean;
}

export interface PresentPayload {
  postId: string;
  room: string;
  userId: string;
  name: string;
  count: number;
}

export type ErrorCode =
  | 'sign_in' | 'invalid' | 'too_long' | 'too_late' | 'not_found' | 'forbidden' | 'closed' | 'read_only' | 'slow_mode'
  | 'rate_limited' | 'paused' | 'suspended' | 'banned' | 'warned' | 'repeated' | 'rejected' | 'conflict' | 'internal';

export interface ErrorPayload {
  code: ErrorCode;
  message: string;
  error: string;
  event: string;
  retryAfter?: number;
}

export interface JoinedMeta {
  postId: string;
  kind: 'snapshot' | 'changes';
  version: number;
  hasMore: boolean;
  count: number;
  state: StatePayload;
  heartbeat: number;
  reacted: Record<string, string[]>;
}

export interface PagePayload {
  comments: CommentPayload[];
  hasMore: boolean;
  hasLater: boolean;
  before: string | null;
  reacted: Record<string, string[]>;
}

export interface RoomPayload {
  room: string;
  postId: string;
  name: string;
  count: number;
  names: string[];
}

export interface EnteredPayload extends RoomPayload {
  version: number;
  kind: 'snapshot' | 'changes' | 'presence';
}

export interface EnteredMeta extends EnteredPayload {
  hasMore: boolean;
  state: StatePayload;
  heartbeat: number;
  reacted: Record<string, string[]>;
}

export interface MessagesPage {
  room: string;
  messages: CommentPayload[];
  hasMore: boolean;
  hasLater: boolean;
  before: string | null;
}

export interface ConversationPage {
  userId: string;
  messages: PrivatePayload[];
  hasMore: boolean;
  isBlocked: boolean;
  takenBack?: TakenBackPayload[];
}

export interface NotificationsPage {
  items: EntryPayload[];
  cursor: string | null;
  unread: number;
  choices: Record<string, ChoicePayload>;
}

export interface PeoplePayload {
  postId: string;
  count: number;
  names: string[];
}

export interface QueueCounts {
  reported: number;
  pending: number;
  unreviewed: number;
  approved: number;
  rejected: number;
  spam: number;
  appeals: number;
  private: number;
}

export interface Looker {
  id: string;
  name: string;
}

export interface NamedPerson {
  username: string;
  name: string;
  avatar: number;
  initials: string;
}

export interface DeskFilters {
  postId?: Id | null;
  authorId?: Id | null;
  reason?: string;
  rule?: string;
  since?: Time | null;
  until?: Time | null;
  search?: string;
}

// --- What a client asks, with what its ack brings besides `ok` -------------------------------------

export interface Request<Asks, Answers> {
  asks: Asks;
  answers: Answers;
}

export interface PostRequests {
  join_post: Request<{ postId: Id; since?: number | null }, { postId: string; version: number; kind: string }>;
  leave_post: Request<{ postId: Id }, { postId: string }>;
  new_comment: Request<{ postId: Id; content: string; parentId?: Id | null; clientId?: string | null }, { comment: CommentPayload }>;
  edit_comment: Request<{ commentId: Id; content: string }, { comment: CommentPayload }>;
  preview_comment: Request<{ postId: Id; content: string }, { html: string }>;
  delete_comment: Request<{ commentId: Id }, { commentId: string }>;
  load_more: Request<{ postId: Id; before?: Id | null; after?: Id | null; around?: Id | null }, PagePayload>;
  typing: Request<{ postId: Id; on: boolean }, {}>;
  report_comment: Request<{ commentId: Id; reason: string; note?: string }, { commentId: string; message: string }>;
  appeal_decision: Request<{ decisionId: Id; text: string }, { decisionId: string; appealId: string; message: string }>;
  acknowledge_warning: Request<{ sanctionId: Id }, { sanctionId: string }>;
  own_comments: Request<{ postId: Id }, { held: CommentPayload[]; decided: OwnDecisionPayload[] }>;
  hide_comment: Request<{ commentId: Id; reason?: string; explanation?: string }, { commentId: string }>;
  restore_comment: Request<{ commentId: Id }, { commentId: string }>;
  react: Request<{ commentId: Id; emoji: string; on?: boolean }, { commentId: string; reactions: Record<string, number>; version: number; own: string[] }>;
  people_of_post: Request<{ postId: Id; prefix?: string }, { postId: string; people: NamedPerson[] }>;
  follow_post: Request<{ postId: Id; on?: boolean }, { postId: string; on: boolean }>;
  mute_person: Request<{ userId: Id; on?: boolean }, { userId: string; on: boolean }>;
  own_choices: Request<{ postId: Id }, { postId: string; following: boolean; muted: string[] }>;
}

export interface NotificationRequests {
  get_notifications: Request<{ cursor?: string | null }, NotificationsPage>;
  mark_read: Request<{ id: Id }, { id: string; group: string; unread: number }>;
  mark_all_read: Request<{ upTo?: Id | null }, { marked: number; unread: number }>;
}

export interface StatusRequests {
  update_status: Request<{ status?: string | null; idle?: boolean | null }, { status?: string; isShown?: boolean; idle?: boolean }>;
  get_statuses: Request<{}, OwnStatusPayload>;
  follow_person: Request<{ userId?: Id | null; username?: string | null; on?: boolean }, { userId: string; on: boolean }>;
}

export interface DeskRequests {
  watch_queue: Request<{ queue?: string; filters?: DeskFilters; order?: string; cursor?: string }, { counts: QueueCounts; lookers: Record<string, Looker[]>; queue?: string; items?: ItemPayload[]; cursor?: string | null }>;
  look_at: Request<{ commentId?: Id | null }, { commentId: string | null }>;
  decide: Request<{ commentId: Id; verdict: string; seen: string; reason?: string; explanation?: string; note?: string }, { commentId: string; status: string; decisionId: string | null }>;
  undo: Request<{ decisionId: Id }, { decisionId: string; commentId: string; status: string }>;
  answer_appeal: Request<{ appealId: Id; accepted: boolean; explanation?: string; note?: string }, { appealId: string; accepted: boolean }>;
  sanction_author: Request<{ commentId: Id; kind: string; reason: string; seconds?: number | null; until?: Time | null; explanation?: string; note?: string; purge?: boolean }, { sanctionId: string; kind: string; message: string }>;
}

/** A room is named by its address, its name or its id; without one it is the only one that the socket is in, or the lobby. */
export interface ChatRequests {
  get_rooms: Request<{}, { rooms: RoomPayload[] }>;
  get_unread: Request<{}, { unread: number }>;
  /** `only: 'presence'`: who comes and who goes, without any messages; one is not counted by it. */
  join_room: Request<{ room?: Id; since?: number | null; only?: 'presence' | null }, EnteredPayload>;
  leave_room: Request<{ room?: Id }, { room: string; postId: string }>;
  chat_message: Request<{ content: string; room?: Id; parentId?: Id | null; clientId?: string | null }, { message: CommentPayload }>;
  edit_message: Request<{ messageId: Id; content: string }, { message: CommentPayload }>;
  delete_message: Request<{ messageId: Id }, { messageId: string }>;
  report_message: Request<{ messageId: Id; reason: string; note?: string }, { messageId: string; message: string }>;
  load_more: Request<{ room?: Id; before?: Id | null; after?: Id | null }, MessagesPage>;
  typing: Request<{ room?: Id; on: boolean }, {}>;
  private_message: Request<{ to: Id; content: string; clientId?: string | null }, { message: PrivatePayload }>;
  get_conversation: Request<{ with: Id; before?: Id | null }, ConversationPage>;
  mark_conversation_read: Request<{ userId: Id; upTo?: Id | null }, { userId: string; marked: number }>;
  delete_private_message: Request<{ messageId: Id }, { messageId: string }>;
  report_private_message: Request<{ messageId: Id; reason: string; note?: string }, { messageId: string; message: string }>;
  block_person: Request<{ userId: Id; on?: boolean }, { userId: string; on: boolean }>;
}

// --- What the server says, as the arguments of the handler -----------------------------------------

export interface SharedEvents {
  connection_error: [error: { code: ErrorCode; message: string }];
  session_ended: [end: { reason: string }];
}

export interface PostEvents {
  load_comments: [comments: (CommentPayload | RemovedPayload)[], meta: JoinedMeta];
  comment_added: [comment: CommentPayload];
  comment_updated: [comment: CommentPayload];
  comment_removed: [removed: RemovedPayload];
  comment_reacted: [reacted: ReactedPayload];
  comment_confirmed: [confirmed: { message: string; comment: CommentPayload }];
  comment_error: [error: ErrorPayload];
  presence: [here: PeoplePayload];
  user_typing: [typing: PeoplePayload];
  post_state: [changed: { postId: string; state: StatePayload }];
  post_version: [beat: { postId: string; version: number; room: string }];
  comment_decided: [decision: DecidedPayload];
  comments_decided: [decided: { decisions: DecidedPayload[] }];
  appeal_answered: [answer: AnsweredPayload];
  own_reactions: [own: { postId: string; commentId: string; emojis: string[] }];
  post_followed: [followed: { postId: string; on: boolean }];
  person_muted: [muted: MutedPayload];
  sanction_changed: [sanction: SanctionPayload & { state: 'imposed' | 'lifted' | 'acknowledged' }];
}

export interface NotificationEvents {
  notifications_list: [page: NotificationsPage];
  notification: [item: EntryPayload];
  notification_marked_read: [marked: { id: string; group: string }];
  all_notifications_read: [marked: { upTo: string | null }];
  unread_count: [unread: { count?: number; newest?: string; stale?: boolean }];
  notification_error: [error: ErrorPayload];
}

export interface StatusEvents {
  friend_status_changed: [status: StatusPayload];
  friend_statuses: [many: { statuses: StatusPayload[] }];
  own_status: [own: OwnStatusPayload];
  person_followed: [followed: FollowedPayload];
  status_error: [error: ErrorPayload];
}

export interface DeskEvents {
  queue_counts: [counts: QueueCounts];
  queue_stale: [stale: { queue: string }];
  item_changed: [changed: { item: ItemPayload }];
  item_gone: [gone: GonePayload];
  looking: [looking: { id: string; people: Looker[] }];
  desk_error: [error: ErrorPayload & { changed?: unknown }];
}

export interface ChatEvents {
  load_messages: [messages: (CommentPayload | RemovedPayload)[], meta: EnteredMeta];
  chat_message: [message: CommentPayload];
  message_updated: [message: CommentPayload];
  message_removed: [removed: RemovedPayload];
  message_reacted: [reacted: ReactedPayload];
  room_state: [changed: { postId: string; state: StatePayload }];
  room_version: [beat: { postId: string; version: number; room: string }];
  room_count: [here: PeoplePayload];
  user_joined: [came: PresentPayload];
  user_left: [went: PresentPayload];
  user_typing: [typing: PeoplePayload];
  private_message: [message: PrivatePayload];
  private_message_removed: [removed: PrivateRemovedPayload];
  conversation_read: [read: { userId: string; unread: number }];
  person_blocked: [blocked: { userId: string; on: boolean }];
  chat_error: [error: ErrorPayload];
}

export interface Namespaces {
  '/': { requests: PostRequests; events: PostEvents & SharedEvents };
  '/notifications': { requests: NotificationRequests & StatusRequests; events: NotificationEvents & StatusEvents & SharedEvents };
  '/chat': { requests: ChatRequests; events: ChatEvents & SharedEvents };
  '/moderation': { requests: DeskRequests; events: DeskEvents & SharedEvents };
}

// --- The client ------------------------------------------------------------------------------------

type Arguments<Map, Name extends keyof Map> = Map[Name] extends unknown[] ? Map[Name] : never;
type Asks<Map, Name extends keyof Map> = Map[Name] extends Request<infer Asked, unknown> ? Asked : never;
type Answers<Map, Name extends keyof Map> = Map[Name] extends Request<any, infer Answered> ? Answered : never;
export type End = () => void;

/** What one namespace offers. */
export interface Talks<Path extends keyof Namespaces> {
  on<Name extends keyof Namespaces[Path]['events']>(
    event: Name, handler: (...payload: Arguments<Namespaces[Path]['events'], Name>) => void,
  ): End;
  off<Name extends keyof Namespaces[Path]['events']>(
    event: Name, handler: (...payload: Arguments<Namespaces[Path]['events'], Name>) => void,
  ): void;
  /** Throws `Refusal` where the server says no, and `NoAnswer` where nobody knows. */
  request<Name extends keyof Namespaces[Path]['requests']>(
    event: Name, data: Asks<Namespaces[Path]['requests'], Name>,
  ): Promise<{ ok: true } & Answers<Namespaces[Path]['requests'], Name>>;
}

export interface Connection<Path extends keyof Namespaces> extends Talks<Path> {
  readonly state: 'connecting' | 'online' | 'offline' | 'ended';
  readonly reason: { code: ErrorCode; message?: string } | null;
  start(): void;
  onState(handler: (state: Connection<Path>['state']) => void): End;
  onPause(handler: (seconds: number) => void): End;
}

export interface ConnectionState {
  readonly status: 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'failed';
  /** Of reconnecting: 1, 2, 3 … */
  readonly attempt: number;
  readonly reason: { code: ErrorCode; message?: string } | null;
}

export interface Store<Snapshot> {
  /** The same object until something changes. */
  readonly snapshot: Snapshot;
  subscribe(handler: () => void): End;
}

export interface CommentsSnapshot {
  readonly status: 'connecting' | 'catching-up' | 'live' | 'gone';
  readonly problem: string | null;
  readonly comments: readonly CommentPayload[];
  readonly count: number;
  readonly hasEarlier: boolean;
  readonly state: StatePayload | null;
  readonly here: { readonly count: number; readonly names: readonly string[] };
  readonly typing: { readonly count: number; readonly names: readonly string[] };
  readonly reacted: Readonly<Record<string, readonly string[]>>;
}

export interface CommentsVerbs {
  send(content: string, options?: { parentId?: Id | null; clientId?: string }): Promise<CommentPayload>;
  edit(commentId: string, content: string): Promise<CommentPayload>;
  remove(commentId: string): Promise<void>;
  react(commentId: string, emoji: string, on?: boolean): Promise<void>;
  loadEarlier(): Promise<void>;
  type(on: boolean): void;
}

export interface NotificationsSnapshot {
  readonly items: readonly EntryPayload[];
  readonly unread: number;
  readonly hasMore: boolean;
  readonly isLoaded: boolean;
  readonly choices: Readonly<Record<string, ChoicePayload>>;
}

export interface NotificationsVerbs {
  markRead(id: string): Promise<void>;
  markAllRead(): Promise<void>;
  loadMore(): Promise<void>;
}

export interface Comments extends Store<CommentsSnapshot>, CommentsVerbs {}
export interface Notifications extends Store<NotificationsSnapshot>, NotificationsVerbs {
  onNew(handler: (item: EntryPayload) => void): End;
}

export interface Client extends Talks<'/'> {
  readonly state: ConnectionState;
  onState(handler: (state: ConnectionState) => void): End;
  namespace<Path extends keyof Namespaces = '/'>(path?: Path): Connection<Path>;
  notifications(): Notifications;
  wake(): void;
  retry(): void;
  close(): void;
}

/** The one client for a site; everybody who asks gets the same, and says `close` when done with it. */
export function connect(address?: string, options?: { readerId?: string | null }): Client;
export function commentsOf(client: Client, postId: Id): Comments;

export class Refusal extends Error {
  code: ErrorCode;
  retryAfter?: number;
  details: Record<string, unknown>;
}
export class NoAnswer extends Error {}

export function compareIds(a: string, b: string): number;
export function newClientId(): string;

type Vocabulary<Map> = { readonly [Name in keyof Map & string as Uppercase<Name>]: Name };
export const CLIENT_EVENTS: Vocabulary<PostRequests>;
export const SERVER_EVENTS: Vocabulary<PostEvents>;
export const NOTIFICATION_REQUESTS: Vocabulary<NotificationRequests>;
export const NOTIFICATION_EVENTS: Vocabulary<NotificationEvents>;
export const STATUS_REQUESTS: Vocabulary<StatusRequests>;
export const STATUS_EVENTS: Vocabulary<StatusEvents>;
export const CHAT_REQUESTS: Vocabulary<ChatRequests>;
export const CHAT_EVENTS: Vocabulary<ChatEvents>;
export const DESK_REQUESTS: Vocabulary<DeskRequests>;
export const DESK_EVENTS: Vocabulary<DeskEvents>;
export const ERROR_CODES: { readonly [Code in ErrorCode as Uppercase<Code>]: Code };
