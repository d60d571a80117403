// Keeps the page telling what awaits the reader if they write: when the server says something about it,
// and as it changes by itself while time passes.
export class Ahead {
  #section;
  #prospects;
  #composer;
  #standing;
  #announcer;
  #clock = null;
  // What kept the reader from writing when it was last shown; undefined before.
  #barrier = undefined;

  constructor({ section, prospects, composer, standing, announcer }) {
    this.#section = section;
    this.#prospects = prospects;
    this.#composer = composer;
    this.#standing = standing;
    this.#announcer = announcer;
  }

  // Tells the prospects something and shows what comes of it; returns what `tell` returns.
  change(tell) {
    const answer = tell(this.#prospects);
    this.show();
    return answer;
  }

  show() {
    clearTimeout(this.#clock);
    const ahead = this.#prospects.at();
    const hadFocus = this.#composer.hasFocus || this.#standing.hasFocus;
    this.#section.dataset.canWrite = ahead.canWrite;
    this.#composer.setProspects(ahead);
    const sentence = this.#standing.show(ahead, { hasText: this.#composer.hasText });
    const barrier = nameOf(ahead.barrier);
    if (this.#barrier !== undefined && barrier !== this.#barrier) {
      if (hadFocus) (ahead.canWrite ? this.#composer : this.#standing).focus();
      this.#announcer.say(sentence);
    }
    this.#barrier = barrier;
    if (ahead.next !== null) this.#clock = setTimeout(() => this.show(), ahead.next);
  }
}

function nameOf(barrier) {
  return barrier && [barrier.kind, barrier.room, barrier.sanction?.sanctionId].join(' ');
}
