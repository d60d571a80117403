// Drawing attention beyond the page: the browser's own notifications and a sound. Of several tabs one does it;
// where one of them is looked at, none does, for there the bell shows it.

const CHANNEL = 'postroom-inbox';
// A tab that is looked at says so within this time, in milliseconds; what is read by then need not be told.
const WAIT = 1000;
const HELD = 3000;

export class Ringing {
  #channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
  #seen = new Set();
  #isUnread;
  #go;

  // `isUnread(entry)` says whether it still is; `go(entry)` leads there.
  constructor({ isUnread, go }) {
    this.#isUnread = isUnread;
    this.#go = go;
    this.#channel?.addEventListener('message', ({ data }) => this.#seen.add(data));
  }

  // Whether it makes sense to ask: nobody has answered yet. It is asked when somebody presses a button for it.
  get mayAsk() {
    return typeof Notification !== 'undefined' && Notification.permission === 'default';
  }

  async ask() {
    await Notification.requestPermission();
  }

  ring(entry, choice) {
    if (choice?.sound) this.#once(`sound ${entry.id}`, playSound);
    if (!document.hidden) {
      this.#channel?.postMessage(entry.id);
      return;
    }
    if (!choice?.browser || typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
    setTimeout(() => {
      if (this.#seen.has(entry.id) || !this.#isUnread(entry)) return;
      this.#once(`note ${entry.id}`, () => this.#note(entry));
    }, WAIT);
  }

  #note(entry) {
    // Those of one group replace each other, whichever tab they come from.
    const note = new Notification(document.querySelector('.wordmark')?.textContent ?? document.title, {
      body: entry.message,
      tag: `postroom-${entry.group}`,
      icon: entry.people[0]?.picture,
    });
    note.addEventListener('click', () => {
      note.close();
      window.focus();
      this.#go(entry);
    });
  }

  // In one tab of this browser: whoever gets the lock first does it, and holds it until the others have asked.
  #once(name, act) {
    if (!navigator.locks) {
      act();
      return;
    }
    navigator.locks.request(`postroom ${name}`, { ifAvailable: true }, (lock) => {
      if (!lock) return null;
      act();
      return new Promise((resolve) => { setTimeout(resolve, HELD); });
    });
  }
}

// Two soft notes. A page that nobody has touched yet may not make a sound; then there is none.
function playSound() {
  if (typeof AudioContext === 'undefined') return;
  const audio = new AudioContext();
  if (audio.state !== 'running') {
    audio.close();
    return;
  }
  [[659, 0], [880, 0.14]].forEach(([frequency, start]) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, audio.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.08, audio.currentTime + start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + start + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + 0.4);
  });
  setTimeout(() => audio.close(), 1000);
}
