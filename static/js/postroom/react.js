// Postroom for React, in one file. `react` is whatever the import map or the bundler of the page says it is.

import {
  createContext, createElement, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore,
} from 'react';
import { commentsOf, connect } from './postroom.js';

const Context = createContext(null);

// Everything below it shares one connection to the site at `address`, which is closed when the last provider is gone.
export function PostroomProvider({ address, readerId = null, children }) {
  const [client, setClient] = useState(null);
  useEffect(() => {
    const opened = connect(address, { readerId });
    setClient(opened);
    return () => {
      setClient(null);
      opened.close();
    };
  }, [address, readerId]);
  return createElement(Context.Provider, { value: client }, children);
}

// The client itself, or null until there is one: `on`, `off`, `request`, `namespace`. With `handlers`, { event:
// handler }, these are called while the component is mounted, each as it was rendered last.
export function useSocket(handlers = null, path = '/') {
  const client = useContext(Context);
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  const names = handlers === null ? '' : Object.keys(handlers).sort().join(' ');
  useEffect(() => {
    if (client === null || !names) return undefined;
    const connection = client.namespace(path);
    const ends = names.split(' ').map((event) => (
      connection.on(event, (...payload) => latest.current?.[event]?.(...payload))
    ));
    connection.start();
    return () => ends.forEach((end) => end());
  }, [client, names, path]);
  return client;
}

const IDLE = Object.freeze({ status: 'idle', attempt: 0, reason: null });

// { status, attempt, reason }: `idle`, `connecting`, `connected`, `reconnecting` for the `attempt`th time, or `failed`.
export function useConnectionState() {
  const client = useContext(Context);
  const subscribe = useMemo(() => (handler) => client?.onState(handler) ?? nothing, [client]);
  const state = () => client?.state ?? IDLE;
  return useSyncExternalStore(subscribe, state, () => IDLE);
}

// The comments of a post, live: { status, problem, comments, count, hasEarlier, state, here, typing, reacted }, and what
// can be done: send, edit, remove, react, loadEarlier, type.
export function useComments(postId) {
  const client = useContext(Context);
  const store = useMemo(() => client && commentsOf(client, postId), [client, postId]);
  const snapshot = useStore(store, NO_COMMENTS);
  const verbs = useMemo(() => bound(store, ['send', 'edit', 'remove', 'react', 'loadEarlier', 'type']), [store]);
  return { ...snapshot, ...verbs };
}

// One's notifications, live: { items, unread, hasMore, isLoaded, choices }, and markRead, markAllRead, loadMore.
// `onNew(item)` is called for what comes.
export function useNotifications({ onNew = null } = {}) {
  const client = useContext(Context);
  const store = useMemo(() => client && client.notifications(), [client]);
  const snapshot = useStore(store, NO_NOTIFICATIONS);
  const verbs = useMemo(() => bound(store, ['markRead', 'markAllRead', 'loadMore']), [store]);
  const latest = useRef(onNew);
  useEffect(() => {
    latest.current = onNew;
  });
  useEffect(() => store?.onNew((item) => latest.current?.(item)), [store]);
  return { ...snapshot, ...verbs };
}

const NOBODY = Object.freeze({ count: 0, names: Object.freeze([]) });
const NO_COMMENTS = Object.freeze({
  status: 'connecting', problem: null, comments: Object.freeze([]), count: 0, hasEarlier: false, state: null,
  here: NOBODY, typing: NOBODY, reacted: Object.freeze({}),
});
const NO_NOTIFICATIONS = Object.freeze({
  items: Object.freeze([]), unread: 0, hasMore: false, isLoaded: false, choices: Object.freeze({}),
});
const nothing = () => {};

function useStore(store, empty) {
  const subscribe = useMemo(() => (handler) => store?.subscribe(handler) ?? nothing, [store]);
  return useSyncExternalStore(subscribe, () => store?.snapshot ?? empty, () => empty);
}

// The same functions as long as the store is the same; before there is one, whoever calls them is told so.
function bound(store, names) {
  const early = async () => { throw new Error('there is no connection yet'); };
  return Object.fromEntries(names.map((name) => [name, store ? (...args) => store[name](...args) : early]));
}
