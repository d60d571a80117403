const OFFLINE = Object.freeze({ status: 'offline', lastSeen: null });

// What the people one follows are, by id, as far as this page has been told.
export class Statuses {
  #known;
  #onChange;

  // `onChange(userId, { status, lastSeen })`
  constructor({ known = {}, onChange = () => {} } = {}) {
    this.#known = new Map(Object.entries(known));
    this.#onChange = onChange;
  }

  hear(statuses) {
    for (const { userId, status, lastSeen } of statuses) {
      const before = this.#known.get(userId);
      if (before?.status === status && before.lastSeen === lastSeen) continue;
      this.#known.set(userId, { status, lastSeen });
      this.#onChange(userId, { status, lastSeen });
    }
  }

  of(userId) {
    return this.#known.get(userId) ?? OFFLINE;
  }

  // How many of these are here, at it or not.
  here(userIds) {
    return userIds.filter((userId) => this.of(userId).status !== OFFLINE.status).length;
  }
}
