import { gettext } from '../helpers/text.js';

// "Follow this post": a form, whose button asks the server by `onFollow(on)` while there is a connection.
export class FollowButton {
  #form;
  #onFollow;
  #isFollowing = false;

  constructor({ form, isFollowing, onFollow, isServed }) {
    this.#form = form;
    this.#onFollow = onFollow;
    this.show(isFollowing);
    form.addEventListener('submit', (event) => {
      if (!isServed()) return;
      event.preventDefault();
      this.#onFollow(!this.#isFollowing);
    });
  }

  show(isFollowing) {
    this.#isFollowing = isFollowing;
    this.#form.elements.on.value = isFollowing ? '0' : '1';
    this.#form.querySelector('button').textContent = isFollowing
      ? gettext('Stop following')
      : gettext('Follow this post');
  }
}
