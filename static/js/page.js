// What the server puts into the page of a post for the scripts.

export function templates(names) {
  return Object.fromEntries(names.map((name) => [name, document.getElementById(`${name}-template`)]));
}

export function addresses({ commentUrl, postUrl, appealUrl, acknowledgeUrl, muteUrl, personUrl }) {
  const comment = (id) => commentUrl.replace('/0/', `/${id}/`);
  return {
    permalink: comment,
    reply: (id) => `${postUrl}?reply=${id}#composer`,
    edit: (id) => `${comment(id)}edit/`,
    delete: (id) => `${comment(id)}delete/`,
    report: (id) => `${comment(id)}report/`,
    hide: (id) => `${comment(id)}hide/`,
    restore: (id) => `${comment(id)}restore/`,
    react: (id) => `${comment(id)}react/`,
    mute: (userId, id) => `${muteUrl.replace('/0/', `/${userId}/`)}?next=${comment(id)}`,
    appeal: (decisionId) => appealUrl.replace('/0/', `/${decisionId}/`),
    person: (username) => personUrl.replace('/0/', `/${encodeURIComponent(username)}/`),
    acknowledge: (sanctionId) => acknowledgeUrl.replace('/0/', `/${sanctionId}/`),
  };
}

// Comments as they stand on the page, sorted into the room's and what only this reader sees. A decision
// holds its place in the room, too, for there may be replies to it.
export function sorted(comments) {
  return {
    shown: comments
      .filter(({ status }) => status !== 'pending')
      .map(({ decision, reacted, ...comment }) => comment),
    held: comments.filter(({ status }) => status === 'pending'),
    decided: comments.map(({ decision }) => decision).filter(Boolean),
    // Which reactions are this reader's own, by comment.
    reacted: Object.fromEntries(comments.map(({ _id, reacted = [] }) => [_id, reacted])),
  };
}

// Storage may be forbidden altogether; then the models get by without.
export function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
