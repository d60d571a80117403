import { Reactions } from './models/reactions.js';
import { CLIENT_EVENTS, SERVER_EVENTS } from './postroom/core.js';
import { ReactionsView } from './views/reactions.js';

// Reactions on a post's page: what this reader wishes goes to the server, what all wish comes by the room.
export class Reacting {
  #request;
  #room;
  #list;
  #explain;
  #model;
  #view;

  // `own` are this reader's as the server rendered them: { id: [emoji] }.
  constructor({ root, template, offered, addresses, own, request, room, list, explain, isServed, onChange }) {
    this.#request = request;
    this.#room = room;
    this.#list = list;
    this.#explain = explain;
    this.#model = new Reactions({ offered, onChange });
    for (const [id, emojis] of Object.entries(own)) this.#model.set(id, emojis);
    const onToggle = (id, emoji) => this.#toggle(id, emoji);
    this.#view = new ReactionsView({ root, template, offered, addresses, model: this.#model, onToggle, isServed });
  }

  listen(connection, here) {
    connection.on(SERVER_EVENTS.OWN_REACTIONS, here(({ commentId, emojis }) => this.#model.set(commentId, emojis)));
  }

  // Comments came from the server, with what of their reactions is this reader's own.
  load(comments, reacted) {
    this.#model.load(comments, reacted);
  }

  show(element, comment) {
    this.#view.show(element, comment);
  }

  open(element, opener) {
    this.#view.open(element, opener);
  }

  async #toggle(id, emoji) {
    const comment = this.#room.comment(id);
    if (!comment) return;
    const isUnderWay = this.#model.wanted(id, emoji) !== null;
    this.#say(id, '');
    this.#model.toggle(comment, emoji);
    // Whoever asks already goes on until the wish is granted.
    if (isUnderWay) return;
    try {
      for (let on = this.#model.wanted(id, emoji); on !== null; on = this.#model.wanted(id, emoji)) {
        const answer = await this.#request(CLIENT_EVENTS.REACT, { commentId: id, emoji, on });
        this.#room.reacted(answer);
        this.#model.settle(id, emoji, on, answer.own, answer.version);
      }
    } catch (problem) {
      this.#model.fail(id, emoji);
      this.#say(id, this.#explain(problem));
    }
  }

  #say(id, text) {
    const line = this.#list().element(id)?.querySelector('[data-problem]');
    if (!line) return;
    line.textContent = text;
    line.hidden = !text;
  }
}
