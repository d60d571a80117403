// A comment of somebody whom this reader has muted folds to one line; "show" opens it, and closes it again.

export class MutedView {
  #template;
  #addresses;
  #readerId;

  constructor({ template, addresses, readerId }) {
    this.#template = template;
    this.#addresses = addresses;
    this.#readerId = readerId;
  }

  show(element, comment, isMuted) {
    const fold = element.querySelector(':scope > [data-muted-fold]');
    const link = element.querySelector('[data-action="mute"]');
    // A deleted account has no number.
    const isOthers = comment.userId !== this.#readerId && comment.userId !== '0';
    link.hidden = !isOthers || isMuted;
    if (isOthers) link.href = this.#addresses.mute(comment.userId, comment._id);
    if (Boolean(fold) === isMuted) return;
    element.classList.toggle('is-muted', isMuted);
    if (isMuted) element.prepend(this.#template.content.cloneNode(true).querySelector('[data-muted-fold]'));
    else fold.remove();
  }

  // The line that is left of a comment, or the comment's own link when it is shown again.
  focus(element) {
    const summary = element.querySelector(':scope > [data-muted-fold] > summary');
    (summary ?? element.querySelector('[data-permalink]')).focus({ preventScroll: true });
  }
}
