// The types of `react.js`.
import type { ReactNode } from 'react';
import type {
  Client, CommentsSnapshot, CommentsVerbs, ConnectionState, EntryPayload, Id, Namespaces, NotificationsSnapshot,
  NotificationsVerbs,
} from './postroom.js';

type Handlers<Path extends keyof Namespaces> = {
  [Name in keyof Namespaces[Path]['events']]?: Namespaces[Path]['events'][Name] extends infer Payload extends unknown[]
    ? (...payload: Payload) => void
    : never;
};

export function PostroomProvider(props: { address?: string; readerId?: string | null; children?: ReactNode }): ReactNode;
export function useSocket(): Client | null;
export function useSocket<Path extends keyof Namespaces = '/'>(handlers: Handlers<Path> | null, path?: Path): Client | null;
export function useConnectionState(): ConnectionState;
export function useComments(postId: Id): CommentsSnapshot & CommentsVerbs;
export function useNotifications(options?: { onNew?: ((item: EntryPayload) => void) | null }): NotificationsSnapshot & NotificationsVerbs;
