import {
  CLIENT_EVENTS, NoAnswer, RETRY_FROM, Room, RoomKeeper, SERVER_EVENTS, Store, compareIds, newClientId,
} from './core.js';

const NOBODY = Object.freeze({ count: 0, names: [] });

// The comments of a post; the same for all who ask this client.
export function commentsOf(client, postId) {
  const id = String(postId);
  return client.store(`comments of ${id}`, (given) => new Comments({ postId: id, ...given }));
}

// The comments of one post, kept true while somebody has subscribed: the newest page of them, live, and as many
// earlier ones as `loadEarlier` has brought.
export class Comments extends Store {
  #postId;
  #open;
  #connection = null;
  #room;
  #keeper = null;
  #ends = [];
  #status = 'connecting';
  #problem = null;
  #state = null;
  #here = NOBODY;
  #typing = NOBODY;
  #reacted = new Map();
  // Own comments that wait for a moderator; nobody else is shown them.
  #held = new Map();

  constructor({ postId, open, linger }) {
    super({ linger });
    this.#postId = postId;
    this.#open = open;
    this.#empty();
  }

  // Oldest first. `status` is `connecting`, `catching-up`, `live` or `gone`, with the `problem`'s sentence.
  describe() {
    const published = [...this.#room.comments].filter(({ removed }) => !removed);
    const comments = [...published, ...this.#held.values()].sort((a, b) => compareIds(a._id, b._id));
    return {
      status: this.#status,
      problem: this.#problem,
      comments,
      count: this.#room.count,
      hasEarlier: this.#room.hasEarlier,
      state: this.#state,
      here: this.#here,
      typing: this.#typing,
      reacted: Object.fromEntries(this.#reacted),
    };
  }

  begin() {
    const connection = this.#open('/');
    this.#connection = connection;
    const listen = (event, handle) => connection.on(event, (payload) => {
      if (payload.postId !== this.#postId) return;
      handle(payload);
      this.changed();
    });
    this.#keeper = new RoomKeeper({
      connection,
      postId: this.#postId,
      room: this.#room,
      on: {
        joining: () => this.#enter('catching-up'),
        joined: () => this.#enter('live'),
        page: (comments, reacted) => this.#react(comments, reacted),
        loaded: ({ state }) => { this.#state = state; },
        state: (state) => this.#stateIs(state),
        gone: (message) => this.#enter('gone', message),
      },
    });
    this.#ends = [
      listen(SERVER_EVENTS.PRESENCE, ({ count, names }) => { this.#here = { count, names }; }),
      listen(SERVER_EVENTS.USER_TYPING, ({ count, names }) => { this.#typing = { count, names }; }),
      listen(SERVER_EVENTS.OWN_REACTIONS, ({ commentId, emojis }) => this.#reacted.set(commentId, emojis)),
      listen(SERVER_EVENTS.COMMENT_DECIDED, ({ commentId }) => this.#held.delete(commentId)),
      connection.onState((state) => state !== 'online' && this.#lost()),
    ];
    this.#keeper.start();
  }

  end() {
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#keeper.stop();
    this.#keeper = null;
    this.#empty();
  }

  // Resolves to the comment once the server has it; published, or pending until a moderator has seen it. However often
  // the connection is lost on the way, it is sent once. Throws the `Refusal`.
  async send(content, { parentId = null, clientId = newClientId() } = {}) {
    const payload = { postId: this.#postId, content, parentId, clientId };
    const { comment } = await this.#surely(CLIENT_EVENTS.NEW_COMMENT, payload);
    this.#know(comment);
    return comment;
  }

  async edit(commentId, content) {
    const { comment } = await this.#ask(CLIENT_EVENTS.EDIT_COMMENT, { commentId, content });
    this.#know(comment);
    return comment;
  }

  async remove(commentId) {
    await this.#ask(CLIENT_EVENTS.DELETE_COMMENT, { commentId });
    if (this.#held.delete(commentId)) this.changed();
  }

  async react(commentId, emoji, on = true) {
    const answer = await this.#ask(CLIENT_EVENTS.REACT, { commentId, emoji, on });
    this.#reacted.set(commentId, answer.own);
    this.#room.reacted(answer);
  }

  async loadEarlier() {
    const before = this.#room.first;
    if (before === null) return;
    this.#room.expectPage();
    try {
      const answer = await this.#ask(CLIENT_EVENTS.LOAD_MORE, { postId: this.#postId, before });
      this.#react(answer.comments, answer.reacted);
      this.#room.addEarlier(answer.comments, answer.hasMore);
    } catch (problem) {
      this.#room.giveUpPage();
      throw problem;
    }
  }

  // Nobody waits for an answer, and nothing is lost without one.
  type(on) {
    this.#ask(CLIENT_EVENTS.TYPING, { postId: this.#postId, on }).catch(() => {});
  }

  #ask(event, payload) {
    return (this.#connection ?? this.#open('/')).request(event, payload);
  }

  // Until there is an answer, as often as there is a connection.
  async #surely(event, payload) {
    for (;;) {
      try {
        return await this.#ask(event, payload);
      } catch (problem) {
        if (!(problem instanceof NoAnswer)) throw problem;
        await new Promise((resolve) => { setTimeout(resolve, RETRY_FROM); });
        await online(this.#connection ?? this.#open('/'), problem);
      }
    }
  }

  #know(comment) {
    if (comment.status !== 'published') {
      this.#held.set(comment._id, comment);
      this.changed();
      return;
    }
    this.#held.delete(comment._id);
    this.#room.know(comment);
  }

  #react(comments, reacted = {}) {
    for (const { _id } of comments) this.#reacted.set(_id, reacted[_id] ?? []);
  }

  // What all readers hear has nothing of what holds for this one.
  #stateIs(state) {
    this.#state = { ...this.#state, ...state };
    if (state.room !== 'gone') this.#keeper.joinSoon();
    this.changed();
  }

  #lost() {
    this.#here = this.#typing = NOBODY;
    this.#enter('connecting');
  }

  #enter(status, problem = null) {
    this.#status = status;
    this.#problem = problem;
    this.changed();
  }

  #roomChanged({ added }) {
    for (const id of added) this.#held.delete(id);
    this.changed();
  }

  #empty() {
    this.#room = new Room({
      version: 0,
      count: 0,
      onChange: (change) => this.#roomChanged(change),
      onGap: () => this.#keeper?.join(),
    });
    this.#status = 'connecting';
    this.#state = this.#problem = null;
    this.#here = this.#typing = NOBODY;
    this.#reacted.clear();
    this.#held.clear();
    this.changed();
  }
}

// Resolves when there is a connection again; throws `problem` if there will be none.
function online(connection, problem) {
  return new Promise((resolve, reject) => {
    let end = () => {};
    const look = (state) => {
      if (state !== 'online' && state !== 'ended') return;
      queueMicrotask(() => end());
      if (state === 'online') resolve();
      else reject(problem);
    };
    end = connection.onState(look);
  });
}
