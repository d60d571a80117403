// What Postroom is compared with: one process of Node.js with Socket.IO, PostgreSQL and Django's sessions,
// written as somebody would who knows all three. To a reader's page it behaves like Postroom: the same
// handshake, requests, answers, events and payloads. It does less: no Markdown, no rate limits, no slow mode,
// no versions that several processes agree on.
//
//   node --expose-gc server.js   with DATABASE_URL and SECRET_KEY; prints the port it listens on

import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { inflateSync } from "node:zlib"

// The packages are installed outside the tree, see `servers.py`.
const require = createRequire(`${process.env.PACKAGES}/`)
const { Server } = require("socket.io")
const pg = require("pg")

const PAGE = 50
const CHANGES_LIMIT = 300
const MAX_LENGTH = 5000
const HEARTBEAT = 15_000 // ms
const PRESENCE = 1_000 // ms between two presences of a room
const NAMES_SHOWN = 5

const { DATABASE_URL, SECRET_KEY } = process.env
const database = new pg.Pool({ connectionString: DATABASE_URL, max: 20 })

// Prepared once per connection under its name, as the fastest way pg has.
const ask = (name, text, values) => database.query({ name, text, values })

// --- Django's sessions: the signature, the expiry, the user, the hash of the password -----------------

const derived = (salt) => createHash("sha256").update(salt + SECRET_KEY).digest()
const SESSION_KEY = derived("django.contrib.sessions.SessionStoresigner")
const HASH_KEY = derived("django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash")

function same(a, b) {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function decodeSession(signed) {
  const end = signed.lastIndexOf(":")
  const value = signed.slice(0, end)
  const signature = createHmac("sha256", SESSION_KEY).update(value).digest("base64url")
  if (!same(signature, signed.slice(end + 1))) return null
  const text = value.slice(0, value.lastIndexOf(":"))
  const bytes = Buffer.from(text.replace(/^\./, ""), "base64url")
  return JSON.parse(text.startsWith(".") ? inflateSync(bytes) : bytes)
}

async function identify(cookies = "") {
  const key = /(?:^|; )sessionid=([^;]+)/.exec(cookies)?.[1]
  if (!key) return null
  const { rows } = await ask(
    "session",
    "SELECT session_data FROM django_session WHERE session_key = $1 AND expire_date > now()",
    [key],
  )
  const session = rows.length ? decodeSession(rows[0].session_data) : null
  if (!session) return null
  const found = await ask(
    "user",
    "SELECT id, username, name, password, is_active, is_staff FROM accounts_user WHERE id = $1",
    [session._auth_user_id],
  )
  const user = found.rows[0]
  if (!user?.is_active) return null
  const hash = createHmac("sha256", HASH_KEY).update(user.password).digest("hex")
  if (!same(hash, session._auth_user_hash ?? "")) return null
  const name = user.name || user.username
  return { id: String(user.id), name, username: user.username, initials: name.slice(0, 1).toUpperCase(), isStaff: user.is_staff }
}

// --- Payloads ---------------------------------------------------------------------------------------

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
const escape = (text) => text.replace(/[&<>"']/g, (character) => ENTITIES[character])

const payloadOf = (row, { post, clientId } = {}) => ({
  _id: String(row.id),
  postId: String(row.post_id),
  userId: String(row.author_id),
  author: {
    name: row.author_name,
    avatar: Number(row.author_id) % 12,
    initials: row.author_name.slice(0, 1).toUpperCase(),
    badge: post?.authorId === String(row.author_id) ? "author" : row.is_staff ? "moderator" : null,
    username: row.author_username,
  },
  content: row.content,
  html: row.html,
  parentId: row.parent_id === null ? null : String(row.parent_id),
  parentName: null,
  createdAt: row.created_at.toISOString(),
  editedAt: row.edited_at?.toISOString() ?? null,
  status: row.status,
  version: Number(row.version),
  reactions: {},
  ...(clientId ? { clientId } : {}),
})

class Refused extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

// --- Rooms ------------------------------------------------------------------------------------------

const app = createServer((_, response) => response.writeHead(404).end())
const io = new Server(app, {
  serveClient: false,
  allowRequest: (request, decide) => {
    const { origin, host } = request.headers
    decide(null, !origin || origin === `http://${host}`)
  },
})

// post id -> its version, its author, and who is in its room. One process, so a counter in memory will do.
const posts = new Map()

async function reachablePost(id) {
  const { rows } = await ask(
    "post",
    "SELECT id, version, author_id, comment_count, room_state FROM comments_post WHERE id = $1 AND published_at <= now()",
    [id],
  )
  if (!rows.length) throw new Refused("not_found", "There is no such post.")
  const [row] = rows
  let post = posts.get(id)
  if (!post) {
    const people = new Map()
    post = { id, version: Number(row.version), authorId: String(row.author_id), people, timer: null }
    posts.set(id, post)
  }
  post.count = row.comment_count
  post.roomState = row.room_state
  return post
}

function presenceOf(post) {
  const names = []
  for (const person of post.people.values()) {
    if (names.push(person.name) === NAMES_SHOWN) break
  }
  return { postId: post.id, count: post.people.size, names }
}

function presenceChanged(post) {
  post.timer ??= setTimeout(() => {
    post.timer = null
    io.to(`post_${post.id}`).emit("presence", presenceOf(post))
  }, PRESENCE)
}

function entered(post, user) {
  const person = post.people.get(user.id) ?? { name: user.name, sockets: 0 }
  person.sockets += 1
  post.people.set(user.id, person)
  presenceChanged(post)
}

function left(post, user) {
  const person = post.people.get(user.id)
  person.sockets -= 1
  if (person.sockets === 0) post.people.delete(user.id)
  presenceChanged(post)
}

const COMMENT = `SELECT c.id, c.post_id, c.author_id, c.parent_id, c.content, c.html, c.status, c.version,
  c.client_id, c.created_at, c.edited_at, coalesce(nullif(u.name, ''), u.username) AS author_name,
  u.username AS author_username, u.is_staff
  FROM comments_comment c JOIN accounts_user u ON u.id = c.author_id`

async function history(post, since) {
  if (since !== undefined) {
    const { rows } = await ask(
      "changes",
      `${COMMENT} WHERE c.post_id = $1 AND c.version > $2 ORDER BY c.version LIMIT ${CHANGES_LIMIT + 1}`,
      [post.id, since],
    )
    if (rows.length <= CHANGES_LIMIT) return { rows, kind: "changes", hasMore: false }
  }
  const { rows } = await ask(
    "page",
    `${COMMENT} WHERE c.post_id = $1 AND c.status = 'published' ORDER BY c.id DESC LIMIT ${PAGE + 1}`,
    [post.id],
  )
  const hasMore = rows.length > PAGE
  return { rows: rows.slice(0, PAGE).reverse(), kind: "snapshot", hasMore }
}

async function joinPost(socket, { postId, since }) {
  const { user } = socket.data
  const post = await reachablePost(String(postId))
  const room = `post_${post.id}`
  if (!socket.rooms.has(room)) {
    socket.join(room)
    socket.data.posts.push(post)
    entered(post, user)
  }
  const { version } = post
  const { rows, kind, hasMore } = await history(post, since)
  const comments = rows.map((row) =>
    payloadOf(row, { post, clientId: String(row.author_id) === user.id ? row.client_id : null }),
  )
  socket.emit("load_comments", comments, {
    postId: post.id,
    version,
    count: post.count,
    heartbeat: HEARTBEAT / 1000,
    state: {
      room: post.roomState,
      canWrite: post.roomState === "open",
      reason: "",
      slowMode: 0,
      holdFirst: false,
      holds: [],
      holdNewcomers: false,
    },
    kind,
    hasMore,
    reacted: {},
  })
  socket.emit("presence", presenceOf(post))
  return { postId: post.id, version, kind }
}

function checkText(content) {
  if (typeof content !== "string" || content.includes("\0") || !content.trim()) {
    throw new Refused("invalid", "The comment is empty.")
  }
  if (content.length > MAX_LENGTH) throw new Refused("too_long", "The comment is too long.")
}

async function newComment(socket, { postId, content, clientId }) {
  checkText(content)
  const { user } = socket.data
  const post = posts.get(String(postId)) ?? (await reachablePost(String(postId)))
  if (post.roomState === "closed") throw new Refused("closed", "Comments are closed.")
  post.version += 1
  const row = {
    post_id: post.id,
    author_id: user.id,
    author_name: user.name,
    author_username: user.username,
    is_staff: user.isStaff,
    parent_id: null,
    content,
    html: `<p>${escape(content)}</p>\n`,
    status: "published",
    version: post.version,
    created_at: new Date(),
    edited_at: null,
  }
  const { rows } = await ask(
    "insert",
    `INSERT INTO comments_comment
       (post_id, author_id, content, html, status, removed_by, version, client_id, created_at)
     VALUES ($1, $2, $3, $4, 'published', '', $5, $6, $7) RETURNING id`,
    [row.post_id, row.author_id, row.content, row.html, row.version, clientId ?? null, row.created_at],
  )
  row.id = rows[0].id
  return publish(socket, post, row, clientId)
}

// Delivery alone: nothing is stored. See `relay.py`, which does the same on the other side.
let relayed = 0

async function relay(socket, { postId, content, clientId }) {
  checkText(content)
  const { user } = socket.data
  const post = posts.get(String(postId))
  post.version += 1
  relayed += 1
  const row = {
    id: relayed,
    post_id: post.id,
    author_id: user.id,
    author_name: user.name,
    author_username: user.username,
    is_staff: user.isStaff,
    parent_id: null,
    content,
    html: `<p>${escape(content)}</p>\n`,
    status: "published",
    version: post.version,
    created_at: new Date(),
    edited_at: null,
  }
  return publish(socket, post, row, clientId)
}

function publish(socket, post, row, clientId) {
  io.to(`post_${post.id}`).emit("comment_added", payloadOf(row, { post }))
  const comment = payloadOf(row, { post, clientId })
  socket.emit("comment_confirmed", { message: "Your comment is published.", comment })
  return { comment }
}

// --- The server -------------------------------------------------------------------------------------

function answer(socket, event, handler) {
  socket.on(event, async (request, acknowledge) => {
    let reply
    try {
      reply = { ok: true, ...(await handler(socket, request ?? {})) }
    } catch (problem) {
      const { code = "internal", message } = problem instanceof Refused ? problem : {}
      if (!(problem instanceof Refused)) console.error(problem)
      reply = { ok: false, code, message }
      socket.emit("comment_error", { code, message, error: message, event })
    }
    acknowledge?.(reply)
  })
}

io.use(async (socket, next) => {
  try {
    const user = await identify(socket.handshake.headers.cookie)
    if (!user) {
      next(Object.assign(new Error("Please sign in."), { data: { code: "sign_in" } }))
      return
    }
    socket.data.user = user
    socket.data.posts = []
    next()
  } catch (problem) {
    next(problem)
  }
})

io.on("connection", (socket) => {
  answer(socket, "join_post", joinPost)
  answer(socket, "new_comment", newComment)
  answer(socket, "relay", relay)
  socket.on("disconnect", () => {
    for (const post of socket.data.posts) left(post, socket.data.user)
  })
})

setInterval(() => {
  for (const { id, version } of posts.values()) {
    io.to(`post_${id}`).emit("post_version", { postId: id, version })
  }
}, HEARTBEAT)

// Before memory is measured, so that Node's figure is what it needs and not what it has not collected yet.
process.on("SIGUSR2", () => globalThis.gc?.())
process.on("SIGTERM", () => process.exit(0))

// As many may be waiting to be accepted as with Postroom.
app.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => console.log(app.address().port))
