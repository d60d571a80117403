// What of this reader's own comments nobody else is shown: those that wait for a moderator, and what was
// decided against others, without their text. A decision is as in `comment_decided`, with
// `appeal`: null, or { accepted, explanation } where `accepted` is null until a moderator has answered.

export class OwnComments {
  #held = new Map();
  #decided = new Map();
  // What a rule rejected while this reader wrote it: the outbox has the text, this what was decided.
  #rejected = new Map();
  #onChange;

  constructor({ held = [], decided = [], onChange = () => {} } = {}) {
    this.#onChange = onChange;
    this.#set(held, decided);
  }

  get heldIds() {
    return [...this.#held.keys()];
  }

  // Whether there is anything that may have changed without our hearing of it.
  get isWaiting() {
    const decisions = [...this.#decided.values(), ...this.#rejected.values()];
    const appeals = decisions.some(({ appeal }) => appeal?.accepted === null);
    return this.#held.size > 0 || appeals;
  }

  held(id) {
    return this.#held.get(id) ?? null;
  }

  decision(id) {
    return this.#decided.get(id) ?? this.#rejected.get(id) ?? null;
  }

  // The server's whole answer.
  load({ held, decided }) {
    this.#set(held, decided);
    this.#onChange();
  }

  // A comment of theirs waits from now on, or waits with another text.
  hold(comment) {
    this.#held.set(comment._id, comment);
    this.#decided.delete(comment._id);
    this.#onChange();
  }

  // They took it back themselves, or it is published.
  release(id) {
    const isKnown = this.#held.delete(id);
    if (this.#decided.delete(id) || isKnown) this.#onChange();
  }

  // A decision about a comment. Returns what the page has to do: `published` and `rejected` are shown by
  // this and the room; of what is `held` again the text has to be asked for.
  decide(decision) {
    const { commentId: id, status } = decision;
    if (status === 'published') {
      this.release(id);
      return 'published';
    }
    if (status === 'pending') {
      this.release(id);
      return 'held';
    }
    const parentId = decision.parentId ?? this.#held.get(id)?.parentId ?? null;
    this.#held.delete(id);
    this.#decided.set(id, { appeal: null, ...decision, parentId });
    this.#onChange();
    return 'rejected';
  }

  // A rule has rejected what they wrote just now, or the last time they were here.
  rejected(decision) {
    this.#rejected.set(decision.commentId, { status: 'rejected', appeal: null, ...decision });
    this.#onChange();
  }

  // They have appealed.
  appealed(decisionId) {
    this.#answer(decisionId, { accepted: null, explanation: '' });
  }

  // A moderator has answered; an appeal that was accepted brings the comment back by itself.
  answered({ decisionId, accepted, explanation }) {
    this.#answer(decisionId, { accepted, explanation });
  }

  // The room's comments with these among them. Of those in `elsewhere` (ids) the page shows an entry of the
  // outbox, with the text.
  among(comments, elsewhere = new Set()) {
    const all = new Map();
    for (const comment of comments) all.set(comment._id, comment);
    const isThere = (id) => all.has(id) && !all.get(id).removed;
    for (const [id, comment] of this.#held) {
      if (!isThere(id) && !elsewhere.has(id)) all.set(id, { ...comment, isHeld: true });
    }
    for (const [id, decision] of this.#decided) {
      if (isThere(id) || elsewhere.has(id)) continue;
      const place = { _id: id, parentId: decision.parentId, parentName: null, version: 0, removed: true };
      all.set(id, { ...place, ...all.get(id), decision });
    }
    return [...all.values()];
  }

  #set(held, decided) {
    this.#held = new Map(held.map((comment) => [comment._id, comment]));
    this.#decided = new Map(decided.map((decision) => [decision.commentId, { appeal: null, ...decision }]));
  }

  #answer(decisionId, appeal) {
    for (const decisions of [this.#decided, this.#rejected]) {
      for (const [id, decision] of decisions) {
        if (decision.decisionId !== decisionId) continue;
        decisions.set(id, { ...decision, canAppeal: false, appeal });
        this.#onChange();
      }
    }
  }
}
