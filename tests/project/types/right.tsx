// What the types let through; and, after each `@ts-expect-error`, what they do not.
import {
  CHAT_EVENTS, CHAT_REQUESTS, NoAnswer, Refusal, SERVER_EVENTS, commentsOf, connect, newClientId,
} from '../../../static/js/postroom/postroom.js';
import {
  PostroomProvider, useComments, useConnectionState, useNotifications, useSocket,
} from '../../../static/js/postroom/react.js';

const client = connect('https://blog.example.org', { readerId: '7' });
const end: () => void = client.on('comment_added', ({ author, reactions }) => {
  const name: string = author.name;
  const count: number = reactions['👍'];
});
end();
client.on(SERVER_EVENTS.PRESENCE, () => {});
client.on('load_comments', (comments, meta) => [comments.length, meta.state.canWrite]);
client.namespace('/notifications').on('friend_status_changed', ({ lastSeen }) => lastSeen?.length);
client.namespace('/moderation').on('session_ended', ({ reason }) => reason.length);
const chat = client.namespace('/chat');
let version: number | null = null;
chat.on('load_messages', (messages, about) => {
  version = about.version;
  return [messages.length, about.room, about.names.join(), about.state.slowMode];
});
chat.on(CHAT_EVENTS.CHAT_MESSAGE, ({ author, content, room }) => [author.name, content, room?.trim()]);
chat.on('message_removed', ({ by }) => by.trim());
chat.on('user_joined', ({ name, count }) => name.padEnd(count));
chat.on('private_message', ({ from, to, html }) => [from.name, to.username?.trim(), html]);
chat.on('private_message_removed', ({ _id, userId }) => _id + userId);
chat.on('conversation_read', ({ unread }) => unread.toFixed());
chat.on('chat_error', ({ code, retryAfter }) => [code, retryAfter?.toFixed()]);
// @ts-expect-error: a room says who came, and not what they are to whom
chat.on('user_left', ({ status }) => status);
// @ts-expect-error: this client knows one name for it, and not the older ones
chat.on('chat message', () => {});
// @ts-expect-error: an event of another namespace
chat.on('comment_added', () => {});
// @ts-expect-error: no such event
client.on('comment_aded', () => {});
// @ts-expect-error: an event of another namespace
client.on('notification', () => {});
// @ts-expect-error: it has no such field
client.on('comment_removed', ({ content }) => content);

async function ask(): Promise<void> {
  const { comment } = await client.request('new_comment', { postId: 1, content: 'Hello' });
  const id: string = comment._id;
  const { unread } = await client.namespace('/notifications').request('mark_read', { id });
  const left: number = unread;
  const { rooms } = await chat.request('get_rooms', {});
  const entered = await chat.request('join_room', { room: rooms[0].room, since: version });
  const kind: 'snapshot' | 'changes' | 'presence' = entered.kind;
  const { message } = await chat.request(CHAT_REQUESTS.CHAT_MESSAGE, { content: 'Hello', clientId: newClientId() });
  const earlier = await chat.request('load_more', { room: entered.room, before: message._id });
  const texts: string[] = earlier.messages.map(({ content }) => content);
  const { messages, isBlocked } = await chat.request('get_conversation', { with: 'maya' });
  const ours: string[] = messages.map(({ from, content }) => `${from.name}: ${content}`);
  await chat.request('private_message', { to: message.userId, content: kind + texts + ours });
  await chat.request('block_person', { userId: message.userId, on: !isBlocked });
  // @ts-expect-error: to whom?
  await chat.request('private_message', { content: 'Hello' });
  // @ts-expect-error: a post's request
  await chat.request('join_post', { postId: 1 });
  // @ts-expect-error: rooms have messages
  earlier.comments;
  // @ts-expect-error: it needs a content
  await client.request('new_comment', { postId: 1 });
  // @ts-expect-error: no such request
  await client.request('post_comment', {});
  // @ts-expect-error: it answers something else
  (await client.request('leave_post', { postId: 1 })).version;
}

try {
  await ask();
} catch (problem) {
  if (problem instanceof Refusal && problem.code === 'slow_mode') problem.retryAfter?.toFixed();
  if (problem instanceof NoAnswer) problem.message.trim();
  // @ts-expect-error: no such code
  if (problem instanceof Refusal && problem.code === 'slow') throw problem;
}

const comments = commentsOf(client, 1);
comments.subscribe(() => comments.snapshot.comments.map(({ html }) => html));
// @ts-expect-error: what one gets is not for changing
comments.snapshot.count = 3;
const { status, attempt } = client.state;
const attempts: number = status === 'reconnecting' ? attempt : 0;

export function Page() {
  const live = useComments(1);
  const { unread, markAllRead } = useNotifications({ onNew: ({ message }) => message.trim() });
  const socket = useSocket({ presence: ({ names }) => names.join() });
  useSocket({ notification: ({ kind }) => kind.trim() }, '/notifications');
  useSocket({ chat_message: ({ content }) => content.trim(), user_left: ({ name }) => name.trim() }, '/chat');
  // @ts-expect-error: an event of another namespace
  useSocket({ notification: () => {} });
  return [useConnectionState().status, live.comments.length, unread + attempts, socket?.state.attempt, markAllRead.name];
}
export const root = PostroomProvider({ address: 'https://blog.example.org', children: null });
