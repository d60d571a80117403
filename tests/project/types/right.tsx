// What the types let through; and, after each `@ts-expect-error`, what they do not.
import { NoAnswer, Refusal, SERVER_EVENTS, commentsOf, connect } from '../../../static/js/postroom/postroom.js';
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
  // @ts-expect-error: an event of another namespace
  useSocket({ notification: () => {} });
  return [useConnectionState().status, live.comments.length, unread + attempts, socket?.state.attempt, markAllRead.name];
}
export const root = PostroomProvider({ address: 'https://blog.example.org', children: null });
