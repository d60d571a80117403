// What a program in JavaScript does with this server, by the client library as npm delivers it.
// Usage: node client.mjs '<JSON>'; the caller of test_javascript_client.py. Exits with 0 when all holds.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const { library, url, transports, owner, stranger, postId, otherPostId } = JSON.parse(process.argv[2]);
const { io } = createRequire(library)("socket.io-client");
const opened = [];

function open(session) {
  const socket = io(url, {
    transports,
    extraHeaders: session ? { Cookie: `sessionid=${session}` } : {},
    reconnectionDelay: 10,
    reconnectionDelayMax: 50,
    forceNew: true,
  });
  socket.heard = [];
  socket.onAny((event, ...args) => socket.heard.push([event, args]));
  opened.push(socket);
  return socket;
}

function next(socket, event, where = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event}: ${JSON.stringify(socket.heard)}`)), 5000);
    socket.on(event, function listener(...args) {
      if (!where(...args)) return;
      clearTimeout(timer);
      socket.off(event, listener);
      resolve(args);
    });
  });
}

const ask = (socket, event, ...args) => socket.timeout(5000).emitWithAck(event, ...args);
const all = (socket, event) => socket.heard.filter(([name]) => name === event).map(([, args]) => args[0]);

async function refused() {
  const socket = open(null);
  const [error] = await next(socket, "connect_error");
  assert.equal(error.data.code, "sign_in");
  assert.equal(error.message, "Please log in first.");
  assert.equal(socket.connected, false);
  socket.close();
}

async function talks() {
  const writer = open(owner);
  const reader = open(stranger);
  const elsewhere = open(stranger);
  await Promise.all([writer, reader, elsewhere].map((socket) => next(socket, "connect")));
  if (transports[0] === "polling" && transports.length > 1) await moved(writer);
  assert.equal(writer.io.engine.transport.name, transports.at(-1) === "polling" ? transports[0] : "websocket");

  const loaded = next(reader, "load_comments");
  const joined = await ask(reader, "join_post", postId);
  assert.deepEqual(joined, { ok: true, postId: String(postId), version: 0, kind: "snapshot" });
  const [comments, meta] = await loaded;
  assert.deepEqual(comments, []);
  assert.equal(meta.version, 0);
  await ask(writer, "join_post", { postId });
  await ask(elsewhere, "join_post", JSON.stringify({ postId: otherPostId }));

  const heard = [next(writer, "comment_added"), next(reader, "comment_added")];
  const content = "한국어 👍🏽\n<b>markup</b>";
  const answer = await ask(writer, "new_comment", { postId, content });
  assert.equal(answer.ok, true);
  assert.equal(answer.comment.content, content);
  for (const [comment] of await Promise.all(heard)) {
    assert.equal(comment._id, answer.comment._id);
    assert.equal(comment.content, content);
  }
  await ask(elsewhere, "leave_post", otherPostId);
  assert.deepEqual(all(elsewhere, "comment_added"), []);
  assert.equal(all(reader, "comment_added").length, 1);

  const told = next(writer, "comment_error");
  const refusal = await ask(writer, "new_comment", { postId, content: " " });
  assert.equal(refusal.ok, false);
  assert.equal(refusal.code, "invalid");
  assert.equal((await told)[0].event, "new_comment");
  const binary = await ask(writer, "new_comment", { postId, content: Buffer.from("bytes") });
  assert.equal(binary.code, "invalid");

  await comesBack(writer, reader, answer.comment.version);
}

// The reader's connection breaks; what was written meanwhile arrives when it has come back.
async function comesBack(writer, reader, since) {
  const rejoined = new Promise((resolve) =>
    reader.once("connect", () => {
      next(reader, "load_comments").then(resolve);
      reader.emit("join_post", { postId, since });
    }),
  );
  reader.io.engine.close();
  await ask(writer, "new_comment", { postId, content: "while you were away" });
  const [changes, meta] = await rejoined;
  assert.equal(meta.kind, "changes");
  assert.deepEqual(changes.map((comment) => comment.content), ["while you were away"]);

  const live = next(reader, "comment_added");
  await ask(writer, "new_comment", { postId, content: "welcome back" });
  assert.equal((await live)[0].content, "welcome back");
}

async function moved(socket) {
  if (socket.io.engine.transport.name === "websocket") return;
  await new Promise((resolve) => socket.io.engine.once("upgrade", resolve));
}

try {
  await refused();
  await talks();
} finally {
  for (const socket of opened) socket.close();
}
