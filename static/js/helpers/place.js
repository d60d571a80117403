// Whether this page is a room of the chat, where what people write is called a message.
export function isInRoom() {
  return globalThis.document?.getElementById('comments')?.dataset.room !== undefined;
}

// One of two sentences: about a comment under a post, or about a message in a room.
export function worded(ofComment, ofMessage) {
  return isInRoom() ? ofMessage : ofComment;
}
