import { format, gettext } from '../helpers/text.js';
import { growWithText, isSendKey } from './text_field.js';

const SAVE_AFTER = 300;

// Where somebody writes who is not logged in. Nothing is sent: the text is kept in `draft`, and the ways to
// log in and to sign up lead back to what they were answering. `replyAddress(id)` is where that is.
export class VisitorComposer {
  #form;
  #field;
  #replying;
  #draft;
  #replyAddress;
  #parent = { parentId: null, parentName: null };
  // The text as it is kept, and what it answers: a page in which nobody wrote on saves nothing.
  #saved = { content: '', parentId: null };
  #saving = null;

  constructor({ section, draft, replyAddress }) {
    this.#form = section.querySelector('[data-visitor]');
    this.#field = this.#form.querySelector('textarea');
    this.#replying = this.#form.querySelector('[data-replying]');
    this.#draft = draft;
    this.#replyAddress = replyAddress;
    this.#restore();
    this.#listen(section, growWithText(this.#field));
  }

  #restore() {
    const { id, name } = this.#replying.dataset;
    if (id) this.#parent = { parentId: id, parentName: name };
    const kept = this.#draft.load();
    if (this.#field.value || !kept.content) return;
    this.#field.value = kept.content;
    if (!id && kept.parentId) this.#setParent(kept);
    this.#saved = { content: kept.content, parentId: kept.parentId };
  }

  // Whoever logged in has taken the text along; a page that they go back to, or another tab, must not bring it
  // up once more.
  #follow(grow) {
    const isAsSaved = this.#field.value === this.#saved.content && this.#parent.parentId === this.#saved.parentId;
    const kept = this.#draft.load();
    if (!isAsSaved || kept.content === this.#saved.content) return;
    this.#field.value = kept.content;
    if (kept.content) this.#setParent(kept);
    this.#saved = { content: kept.content, parentId: this.#parent.parentId };
    grow();
  }

  #listen(section, grow) {
    grow();
    this.#field.addEventListener('input', () => {
      clearTimeout(this.#saving);
      this.#saving = setTimeout(() => this.#save(), SAVE_AFTER);
    });
    this.#form.addEventListener('keydown', (event) => {
      if (!isSendKey(event)) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#form.addEventListener('submit', () => this.#save());
    addEventListener('pagehide', () => this.#save());
    addEventListener('pageshow', ({ persisted }) => persisted && this.#follow(grow));
    addEventListener('storage', ({ key }) => this.#draft.concerns(key) !== undefined && this.#follow(grow));
    section.addEventListener('click', (event) => {
      const link = event.target.closest('[data-action="reply"], [data-action="unreply"]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const comment = link.closest('[data-comment]');
      const parentName = comment?.querySelector('[data-name]').textContent ?? null;
      this.#setParent({ parentId: comment?.dataset.id ?? null, parentName });
      this.#save();
      this.#field.focus();
    });
  }

  #setParent({ parentId, parentName }) {
    this.#parent = { parentId, parentName };
    this.#replying.hidden = !parentId;
    const text = this.#replying.querySelector('[data-replying-text]');
    text.textContent = parentId ? format(gettext('Replying to %(name)s'), { name: parentName ?? '' }) : '';
    const back = this.#replyAddress(parentId);
    this.#form.querySelector('[data-visitor-next]').value = back;
    const signup = this.#form.querySelector('[data-visitor-signup]');
    signup.search = new URLSearchParams({ next: back });
  }

  #save() {
    clearTimeout(this.#saving);
    const content = this.#field.value;
    const { parentId } = this.#parent;
    if (content === this.#saved.content && parentId === this.#saved.parentId) return;
    this.#saved = { content, parentId };
    // There is one text, whatever it is to answer.
    for (const { parentId } of this.#draft.all()) this.#draft.clear(parentId);
    this.#draft.save({ content, ...this.#parent });
  }
}
