// A form that opens under an item: to reject it, or to sanction its author. One at a time.
export class Panel {
  #templates;
  #place = null;
  #onClose;

  // `templates`: { reject, sanction }; `onClose(itemId)` when it is closed, however that comes.
  constructor({ templates, onClose }) {
    this.#templates = templates;
    this.#onClose = onClose;
  }

  get isOpen() {
    return this.#place !== null;
  }

  get itemId() {
    return this.#place?.closest('[data-item]').dataset.id ?? null;
  }

  // Opens under an item's element; `reason` is offered first, `address` is where the form would go by itself.
  open(kind, element, { reason = '', address = '' } = {}) {
    this.close();
    this.#place = element.querySelector('[data-panel]');
    const form = this.#templates[kind].content.firstElementChild.cloneNode(true);
    form.action = address;
    form.elements.seen?.setAttribute('value', element.querySelector('[data-seen]').value);
    form.querySelector('[data-cancel]').hidden = false;
    this.#place.replaceChildren(form);
    this.#place.hidden = false;
    if (kind === 'sanction') wantOnlyWhatFits(form);
    prefer(form, reason);
    const places = ['input[type=radio]:checked', 'input[type=radio], select', 'textarea'];
    places.map((which) => form.querySelector(which)).find(Boolean).focus({ preventScroll: true });
    form.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }

  close() {
    if (this.#place === null) return;
    const id = this.itemId;
    this.#place.replaceChildren();
    this.#place.hidden = true;
    this.#place = null;
    this.#onClose(id);
  }
}

// Shows the field for the end only where the sentence wants one, and the purge only for a ban.
export function wantOnlyWhatFits(form) {
  const { sentence, until, purge } = form.elements;
  const show = () => {
    const wantsEnd = sentence.value === 'until';
    form.querySelector('[data-until]').hidden = !wantsEnd;
    until.required = wantsEnd;
    purge.closest('p').hidden = sentence.value !== 'ban';
    if (sentence.value !== 'ban') purge.checked = false;
  };
  sentence.addEventListener('change', show);
  show();
}

// What a form of the panel says, as the server's requests want it.
export function readReject(form) {
  const data = new FormData(form);
  const text = (name) => String(data.get(name) ?? '');
  return { reason: text('reason'), explanation: text('explanation'), note: text('note') };
}

export function readSanction(form) {
  const data = new FormData(form);
  const text = (name) => String(data.get(name) ?? '');
  const sentence = text('sentence');
  const said = {
    reason: text('reason'), explanation: text('explanation'), note: text('note'), purge: data.has('purge'),
  };
  if (/^\d+$/.test(sentence)) return { ...said, kind: 'suspension', seconds: Number(sentence) };
  if (sentence === 'until') return { ...said, kind: 'suspension', until: new Date(text('until')).toISOString() };
  return { ...said, kind: sentence };
}

function prefer(form, reason) {
  const field = form.elements.reason;
  if (!field || !reason) return;
  for (const choice of field.length && !field.options ? field : [field]) {
    if (choice.options) choice.value = reason;
    else choice.checked = choice.value === reason;
  }
}
