/*
 * The load generator: thousands of Socket.IO readers in one thread.
 *
 * It reads one command a line, `open port=8000 file=readers.txt`, and answers each with one line of JSON.
 * Connections are raw sockets under epoll. Frames are counted and not decoded: of a comment only its
 * number is looked for, so that what this program costs stays far below what it measures.
 *
 *   open port= file= [inflight=64] [since=-1] [raw=0] [inbox=0] [timeout=60]
 *       One connection for each line of `file`, "<session key> <post id>", at most `inflight` of them
 *       under way: websocket, Engine.IO, Socket.IO, `join_post`, its ack. Each `open` adds a group.
 *       `raw` connections only connect: the other side is kernel.c. `inbox` ones enter the namespace of
 *       notifications and join nothing; to `hear` their events are notifications.
 *   run seconds= [event=new_comment] [size=200] [inflight=1] [comments=0] [drain=20]
 *       Readers write in their rooms in turn, `inflight` comments at a time: the next one leaves when
 *       every reader has an earlier one and its writer the ack. 0 comments: as many as there is time for.
 *       Whatever is still missing `drain` seconds after the end counts as lost.
 *   hear events= [seconds=20]
 *       Waits until so many events of new comments, or notifications, came in all, since the command before was answered, and
 *       says how many there were and when the last came, in ns of CLOCK_MONOTONIC. Somebody else wrote them.
 *   idle seconds=     Answers pings and nothing else.
 *   close             Closes every connection.
 *   quit
 *
 * All latencies are in milliseconds, from the moment before a comment was handed to the kernel.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_CONNECTIONS 100000
#define MOST_ROOMS 16384      /* a power of two */
#define MOST_IN_FLIGHT 65536  /* a power of two */
#define BUFFER (8 << 20)      /* bytes; more than any frame */
#define BATCH 512             /* events taken from epoll at once */
#define LARGEST_REQUEST 8192  /* bytes of anything we send */
#define SOURCES 8             /* loopback addresses to connect from: ports of one would run out */
#define JOIN_ACK 0
#define NEEDLE "\"content\":\"=" /* before a comment's number, which eight digits and another = make */

enum phase { CONNECTING, UPGRADING, OPENING, ADMITTING, JOINING, READY, GONE };

struct connection {
    int fd;
    uint8_t phase;
    uint8_t group; /* which `open` made it */
    uint32_t room;
    int64_t began; /* ns */
    char session[64];
    uint8_t *rest; /* the beginning of a frame whose end has not come yet */
    uint32_t rest_length, rest_room;
};

struct room {
    long post; /* 0: unused */
    uint32_t size, first;
    uint32_t turn; /* whose turn it is to write */
};

struct comment {
    uint32_t number, missing;
    uint8_t group;
    bool acked, open;
    int64_t sent; /* ns */
};

/* Values in microseconds, exact below 128 and then to 1/64: enough for a median, little enough to add to. */
struct histogram {
    uint64_t counts[64 * 32];
    uint64_t total;
    int64_t largest, sum;
};

static struct connection connections[MOST_CONNECTIONS];
static struct room rooms[MOST_ROOMS];
static uint32_t room_order[MOST_ROOMS], members[MOST_CONNECTIONS];
static struct comment comments[MOST_IN_FLIGHT];
static uint8_t buffer[BUFFER];
static int number_of_connections, number_of_rooms, groups, epoll;
static bool is_raw, is_inbox;

static struct {
    int port, under_way, done, failed;
    long since;
    struct histogram times;
} opening;

static struct {
    uint32_t next_number, in_flight;
    uint64_t sent, accepted, refused, confirmed, deliveries, strays, bytes, reads;
    int64_t first, last; /* ns */
    struct histogram delivered, delivered_here, delivered_elsewhere, complete;
    char client[32], event[32], filler[LARGEST_REQUEST];
} run;

static struct {
    uint64_t events;
    int64_t last; /* ns */
} heard; /* of new comments, since the last command was answered */

static struct {
    uint64_t gone, pings, histories, history_bytes;
} totals;
static char first_problem[256];

/* --- Small tools --------------------------------------------------------------------------------- */

static int64_t now_ns(clockid_t clock)
{
    struct timespec at;
    clock_gettime(clock, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "herd: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Remembers the first thing that went wrong; quotes and control characters would break our JSON. */
static void note(const char *format, ...)
{
    if (first_problem[0])
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(first_problem, sizeof first_problem, format, arguments);
    va_end(arguments);
    for (char *c = first_problem; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = '\'';
}

static void add(struct histogram *histogram, int64_t ns)
{
    int64_t us = ns > 0 ? ns / 1000 : 0;
    int shift = us < 128 ? 0 : 57 - __builtin_clzll((uint64_t)us);
    histogram->counts[shift * 64 + (us >> shift)]++;
    histogram->total++;
    histogram->sum += us;
    if (us > histogram->largest)
        histogram->largest = us;
}

static double quantile(const struct histogram *histogram, double part)
{
    uint64_t wanted = (uint64_t)(part * (double)histogram->total), seen = 0;
    for (int i = 0; i < 64 * 32; i++) {
        seen += histogram->counts[i];
        if (seen > wanted) {
            int shift = i < 128 ? 0 : i / 64 - 1;
            double us = (double)((int64_t)(i - shift * 64) << shift) + (shift ? (double)(1 << shift) / 2 : 0);
            return (us > (double)histogram->largest ? (double)histogram->largest : us) / 1000;
        }
    }
    return (double)histogram->largest / 1000;
}

static void print_histogram(const char *name, const struct histogram *histogram)
{
    printf(", \"%s\": {\"count\": %llu, \"mean\": %.3f, \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}", name,
           (unsigned long long)histogram->total,
           histogram->total ? (double)histogram->sum / (double)histogram->total / 1000 : 0.0,
           quantile(histogram, 0.50), quantile(histogram, 0.99), (double)histogram->largest / 1000);
}

/* The value of `name=` in a command, or `otherwise`. */
static const char *text_of(const char *line, const char *name, const char *otherwise)
{
    static char values[8][512];
    static int next;
    size_t length = strlen(name);
    for (const char *at = line; (at = strstr(at, name)); at += length)
        if (at > line && at[-1] == ' ' && at[length] == '=') {
            char *value = values[next++ % 8];
            snprintf(value, sizeof values[0], "%.*s", (int)strcspn(at + length + 1, " \n"), at + length + 1);
            return value;
        }
    return otherwise;
}

static double number_of(const char *line, const char *name, double otherwise)
{
    const char *text = text_of(line, name, NULL);
    return text ? atof(text) : otherwise;
}

/* --- Sending ------------------------------------------------------------------------------------- */

static void leave(struct connection *c, const char *why)
{
    if (c->phase == GONE)
        return;
    note("%s", why);
    if (c->phase < READY) {
        opening.under_way--;
        opening.failed++;
    } else {
        totals.gone++;
    }
    c->phase = GONE;
    close(c->fd);
    free(c->rest);
    c->rest = NULL;
    c->rest_length = c->rest_room = 0;
}

static void send_bytes(struct connection *c, const void *bytes, size_t length)
{
    /* What we send is small and the other side reads it: a full send buffer means that it does not. */
    if (send(c->fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        leave(c, "could not send");
}

static void send_text(struct connection *c, const char *text, size_t length)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t frame[LARGEST_REQUEST + 16];
    size_t at = 2;
    frame[0] = 0x81;
    if (length < 126) {
        frame[1] = 0x80 | (uint8_t)length;
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (uint8_t)(length >> 8);
        frame[3] = (uint8_t)length;
        at = 4;
    }
    memcpy(frame + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < length; i++)
        frame[at + i] = (uint8_t)text[i] ^ mask[i & 3];
    send_bytes(c, frame, at + length);
}

static void send_line(struct connection *c, const char *format, ...)
{
    char text[LARGEST_REQUEST];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text) {
        errno = EMSGSIZE;
        die("a request is too long");
    }
    send_text(c, text, (size_t)length);
}

/* --- Hearing ------------------------------------------------------------------------------------- */

static void joined(struct connection *c, int64_t now)
{
    c->phase = READY;
    opening.under_way--;
    opening.done++;
    add(&opening.times, now - c->began);
}

static void finish(struct comment *comment)
{
    if (comment->missing || !comment->acked)
        return;
    comment->open = false;
    run.in_flight--;
}

/* A comment's number, or -1. The frames of one server hardly differ in where it stands. */
static long comment_number(const uint8_t *text, size_t length)
{
    static size_t place;
    size_t needle = sizeof NEEDLE - 1;
    if (place + needle + 9 > length || memcmp(text + place, NEEDLE, needle) != 0) {
        const uint8_t *found = memmem(text, length, NEEDLE, needle);
        if (!found || (size_t)(found - text) + needle + 9 > length)
            return -1;
        place = (size_t)(found - text);
    }
    long number = 0;
    for (int i = 0; i < 8; i++)
        number = number * 10 + (text[place + needle + i] - '0');
    return number;
}

static void hear_comment(struct connection *c, const uint8_t *text, size_t length, int64_t now)
{
    heard.events++;
    heard.last = now;
    long number = comment_number(text, length);
    struct comment *comment = &comments[(uint32_t)number & (MOST_IN_FLIGHT - 1)];
    if (number < 0 || !comment->open || comment->number != number || !comment->missing) {
        run.strays++;
        return;
    }
    run.deliveries++;
    run.bytes += length;
    run.last = now;
    add(&run.delivered, now - comment->sent);
    add(c->group == comment->group ? &run.delivered_here : &run.delivered_elsewhere, now - comment->sent);
    if (--comment->missing == 0) {
        add(&run.complete, now - comment->sent);
        finish(comment);
    }
}

static void hear_ack(struct connection *c, const uint8_t *text, size_t length, int64_t now)
{
    long id = 0;
    size_t at = 2;
    for (; at < length && text[at] >= '0' && text[at] <= '9'; at++)
        id = id * 10 + (text[at] - '0');
    bool ok = length - at > 11 && memcmp(text + at, "[{\"ok\":true", 11) == 0;
    if (!ok)
        note("refused: %.*s", (int)(length < 200 ? length : 200), (const char *)text);
    if (id == JOIN_ACK) {
        if (c->phase == JOINING && ok)
            joined(c, now);
        else
            leave(c, "a join was refused");
        return;
    }
    struct comment *comment = &comments[(uint32_t)id & (MOST_IN_FLIGHT - 1)];
    if (!comment->open || comment->number != id || comment->acked) {
        run.strays++;
        return;
    }
    comment->acked = true;
    if (ok) {
        run.accepted++;
    } else {
        run.refused++;
        comment->missing = 0; /* nobody will ever hear of it */
    }
    finish(comment);
}

static bool begins(const uint8_t *text, size_t length, const char *with)
{
    size_t wanted = strlen(with);
    return length >= wanted && memcmp(text, with, wanted) == 0;
}

static void hear(struct connection *c, const uint8_t *text, size_t length, int64_t now)
{
    if (begins(text, length, "42[\"comment_added\"")) {
        hear_comment(c, text, length, now);
    } else if (begins(text, length, "42/notifications,[\"notification\"")) {
        heard.events++;
        heard.last = now;
    } else if (begins(text, length, "43")) {
        hear_ack(c, text, length, now);
    } else if (begins(text, length, "42[\"comment_confirmed\"")) {
        run.confirmed++;
    } else if (begins(text, length, "42[\"load_comments\"")) {
        totals.histories++;
        totals.history_bytes += length;
    } else if (begins(text, length, "2")) {
        totals.pings++;
        send_text(c, "3", 1);
    } else if (begins(text, length, "0") && c->phase == OPENING) {
        c->phase = ADMITTING;
        if (is_inbox)
            send_line(c, "40/notifications,");
        else
            send_text(c, "40", 2);
    } else if (is_inbox && begins(text, length, "40/notifications,") && c->phase == ADMITTING) {
        joined(c, now);
    } else if (begins(text, length, "40") && c->phase == ADMITTING) {
        long post = rooms[c->room].post;
        c->phase = JOINING;
        if (opening.since < 0)
            send_line(c, "42%d[\"join_post\",{\"postId\":\"%ld\"}]", JOIN_ACK, post);
        else
            send_line(c, "42%d[\"join_post\",{\"postId\":\"%ld\",\"since\":%ld}]", JOIN_ACK, post,
                      opening.since);
    } else if (begins(text, length, "44") || begins(text, length, "41") || begins(text, length, "1")) {
        note("ended by the server: %.*s", (int)(length < 200 ? length : 200), (const char *)text);
        leave(c, "");
    }
    /* Everything else, presence and heartbeats, is read by browsers and means nothing here. */
}

/* Acts on every whole frame; how many bytes those were. */
static size_t read_frames(struct connection *c, const uint8_t *bytes, size_t length, int64_t now)
{
    size_t at = 0;
    while (length - at >= 2) {
        const uint8_t *frame = bytes + at;
        size_t have = length - at, head = 2;
        uint64_t body = frame[1] & 0x7f;
        if (body == 126) {
            if (have < (head = 4))
                break;
            body = (uint64_t)frame[2] << 8 | frame[3];
        } else if (body == 127) {
            if (have < (head = 10))
                break;
            body = 0;
            for (int i = 2; i < 10; i++)
                body = body << 8 | frame[i];
        }
        if (body > BUFFER - 16) {
            leave(c, "a frame is too long");
            break;
        }
        if (have < head + body)
            break;
        if (frame[0] == 0x81)
            hear(c, frame + head, body, now);
        else
            leave(c, frame[0] == 0x88 ? "closed by the server" : "a frame of an unexpected kind");
        if (c->phase == GONE)
            break;
        at += head + body;
    }
    return at;
}

static void read_from(struct connection *c, int64_t now)
{
    size_t before = c->rest_length;
    if (before)
        memcpy(buffer, c->rest, before);
    ssize_t got = recv(c->fd, buffer + before, BUFFER - before, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            leave(c, got == 0 ? "the server hung up" : strerror(errno));
        return;
    }
    run.reads++;
    size_t length = before + (size_t)got, used = 0;
    if (c->phase == UPGRADING) {
        uint8_t *end = memmem(buffer, length, "\r\n\r\n", 4);
        if (end) {
            if (!begins(buffer, length, "HTTP/1.1 101")) {
                note("no websocket: %.*s", 60, (const char *)buffer);
                leave(c, "");
                return;
            }
            c->phase = OPENING;
            used = (size_t)(end - buffer) + 4;
        }
    }
    if (c->phase >= OPENING)
        used += read_frames(c, buffer + used, length - used, now);
    if (c->phase == GONE)
        return;
    c->rest_length = (uint32_t)(length - used);
    if (c->rest_length > c->rest_room) {
        c->rest_room = c->rest_length;
        c->rest = realloc(c->rest, c->rest_room);
        if (!c->rest)
            die("memory");
    }
    if (c->rest_length)
        memcpy(c->rest, buffer + used, c->rest_length);
}

/* --- Connecting ---------------------------------------------------------------------------------- */

static void watch(struct connection *c, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll, how, c->fd, &event) != 0)
        die("epoll_ctl");
}

static void begin(struct connection *c)
{
    int index = (int)(c - connections), one = 1;
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)(index % SOURCES));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)opening.port);
    c->began = now_ns(CLOCK_MONOTONIC);
    c->phase = CONNECTING;
    opening.under_way++;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0)
        die("socket (is the limit of open files too low?)");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(c->fd, (struct sockaddr *)&from, sizeof from) != 0)
        die("bind");
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) {
        leave(c, strerror(errno));
        return;
    }
    watch(c, EPOLL_CTL_ADD, EPOLLOUT);
}

static void connected(struct connection *c)
{
    int problem = 0;
    socklen_t size = sizeof problem;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem) {
        leave(c, strerror(problem));
        return;
    }
    watch(c, EPOLL_CTL_MOD, EPOLLIN);
    if (is_raw) {
        joined(c, now_ns(CLOCK_MONOTONIC));
        return;
    }
    char request[1024];
    int length = snprintf(request, sizeof request,
                          "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
                          "Host: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                          "Origin: http://127.0.0.1:%d\r\nCookie: sessionid=%s\r\n\r\n",
                          opening.port, opening.port, c->session);
    c->phase = UPGRADING;
    send_bytes(c, request, (size_t)length);
}

/* Waits for what happens on the connections, at most so long, and acts on it. */
static void pump(int milliseconds)
{
    static struct epoll_event events[BATCH];
    int happened = epoll_wait(epoll, events, BATCH, milliseconds);
    for (int i = 0; i < happened; i++) {
        struct connection *c = events[i].data.ptr;
        if (!c || c->phase == GONE) /* none: a command is waiting */
            continue;
        if (c->phase == CONNECTING)
            connected(c);
        else
            read_from(c, now_ns(CLOCK_MONOTONIC));
    }
}

/* --- Commands ------------------------------------------------------------------------------------ */

static uint32_t room_of(long post)
{
    uint32_t slot = (uint32_t)post & (MOST_ROOMS - 1);
    while (rooms[slot].post && rooms[slot].post != post)
        slot = (slot + 1) & (MOST_ROOMS - 1);
    if (!rooms[slot].post) {
        if (number_of_rooms == MOST_ROOMS - 1) {
            errno = ENOSPC;
            die("too many rooms");
        }
        rooms[slot].post = post;
        room_order[number_of_rooms++] = slot;
    }
    return slot;
}

/* Lays the readers of each room side by side, to choose writers from. */
static void seat(void)
{
    uint32_t next = 0;
    for (int i = 0; i < number_of_rooms; i++)
        rooms[room_order[i]].size = 0;
    for (int i = 0; i < number_of_connections; i++)
        if (connections[i].phase == READY)
            rooms[connections[i].room].size++;
    for (int i = 0; i < number_of_rooms; i++) {
        struct room *room = &rooms[room_order[i]];
        room->first = next;
        next += room->size;
        room->size = 0;
    }
    for (int i = 0; i < number_of_connections; i++)
        if (connections[i].phase == READY) {
            struct room *room = &rooms[connections[i].room];
            members[room->first + room->size++] = (uint32_t)i;
        }
}

static void command_open(const char *line)
{
    const char *path = text_of(line, "file", "");
    FILE *file = fopen(path, "r");
    if (!file)
        die(path);
    int most = (int)number_of(line, "inflight", 64), first = number_of_connections;
    int64_t limit = (int64_t)(number_of(line, "timeout", 60) * 1e9);
    memset(&opening, 0, sizeof opening);
    memset(&totals, 0, sizeof totals);
    opening.port = (int)number_of(line, "port", 0);
    opening.since = (long)number_of(line, "since", -1);
    is_raw = number_of(line, "raw", 0) != 0;
    is_inbox = number_of(line, "inbox", 0) != 0;
    long post;
    char session[64];
    while (fscanf(file, "%63s %ld", session, &post) == 2) {
        if (number_of_connections == MOST_CONNECTIONS) {
            errno = ENOSPC;
            die("too many connections");
        }
        struct connection *c = &connections[number_of_connections++];
        memset(c, 0, sizeof *c);
        c->group = (uint8_t)groups;
        c->room = room_of(post);
        c->phase = GONE; /* until it begins */
        memcpy(c->session, session, sizeof session);
    }
    fclose(file);
    groups++;

    int64_t start = now_ns(CLOCK_MONOTONIC), cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    int next = first;
    while ((next < number_of_connections || opening.under_way) && now_ns(CLOCK_MONOTONIC) - start < limit) {
        while (next < number_of_connections && opening.under_way < most)
            begin(&connections[next++]);
        pump(10);
    }
    double seconds = (double)(now_ns(CLOCK_MONOTONIC) - start) / 1e9;
    if (opening.under_way)
        note("%d connections were not open in time", opening.under_way);
    seat();
    printf("{\"opened\": %d, \"failed\": %d, \"seconds\": %.4f, \"histories\": %llu, \"history_bytes\": %llu",
           opening.done, number_of_connections - first - opening.done, seconds,
           (unsigned long long)totals.histories, (unsigned long long)totals.history_bytes);
    print_histogram("times", &opening.times);
    printf(", \"cpu_seconds\": %.4f", (double)(now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e9);
}

static void write_comment(void)
{
    static int turn;
    struct room *room = &rooms[room_order[turn++ % number_of_rooms]];
    while (!room->size)
        room = &rooms[room_order[turn++ % number_of_rooms]];
    struct connection *c = &connections[members[room->first + room->turn++ % room->size]];
    uint32_t number = ++run.next_number;
    struct comment *comment = &comments[number & (MOST_IN_FLIGHT - 1)];
    *comment = (struct comment){.number = number, .missing = room->size, .group = c->group,
                                .acked = is_raw, .open = true};
    run.in_flight++;
    run.sent++;
    comment->sent = now_ns(CLOCK_MONOTONIC);
    if (!run.first)
        run.first = comment->sent;
    if (is_raw) {
        char request[9];
        snprintf(request, sizeof request, "%08u", number % 100000000);
        send_bytes(c, request, 8);
    } else {
        send_line(c, "42%u[\"%s\",{\"postId\":\"%ld\",\"content\":\"=%08u=%s\",\"clientId\":\"%s-%u\"}]", number,
                  run.event, room->post, number, run.filler, run.client, number);
    }
}

static void command_run(const char *line)
{
    uint32_t most = (uint32_t)number_of(line, "inflight", 1), number = run.next_number;
    uint64_t comments_wanted = (uint64_t)number_of(line, "comments", 0), lost_at;
    int64_t duration = (int64_t)(number_of(line, "seconds", 1) * 1e9);
    int64_t drain = (int64_t)(number_of(line, "drain", 20) * 1e9);
    int size = (int)number_of(line, "size", 200);
    if (most > MOST_IN_FLIGHT / 2)
        most = MOST_IN_FLIGHT / 2;
    memset(&run, 0, sizeof run);
    memset(comments, 0, sizeof comments);
    memset(&totals, 0, sizeof totals);
    run.next_number = number;
    snprintf(run.event, sizeof run.event, "%s", text_of(line, "event", "new_comment"));
    /* Unique for each author for ever: the same reader may have written in an earlier run. */
    snprintf(run.client, sizeof run.client, "%llx", (unsigned long long)now_ns(CLOCK_REALTIME));
    static const char words[] = " a comment of the length that people write when they have something to say";
    for (int i = 0; i < size - 10 && i < LARGEST_REQUEST - 512; i++)
        run.filler[i] = words[i % (int)(sizeof words - 1)];
    seat(); /* somebody may have gone since the last run */
    bool anybody = false;
    for (int i = 0; i < number_of_rooms; i++)
        anybody |= rooms[room_order[i]].size > 0;
    int64_t start = now_ns(CLOCK_MONOTONIC), cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID), now = start;
    bool writing = anybody;
    while (writing || run.in_flight) {
        now = now_ns(CLOCK_MONOTONIC);
        if (now - start >= duration || (comments_wanted && run.sent >= comments_wanted))
            writing = false;
        if (now - start >= duration + drain)
            break;
        while (writing && run.in_flight < most && !(comments_wanted && run.sent >= comments_wanted))
            write_comment();
        pump(10);
    }
    lost_at = run.in_flight;
    double seconds = run.last > run.first ? (double)(run.last - run.first) / 1e9 : 0;
    double wall = (double)(now_ns(CLOCK_MONOTONIC) - start) / 1e9;
    double own = (double)(now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e9;
    int gone = 0;
    for (int i = 0; i < number_of_connections; i++)
        gone += connections[i].phase == GONE;
    printf("{\"comments\": %llu, \"accepted\": %llu, \"refused\": %llu, \"confirmed\": %llu, "
           "\"deliveries\": %llu, \"strays\": %llu, \"lost\": %llu, \"gone\": %d, \"reads\": %llu, "
           "\"seconds\": %.4f, \"wall\": %.4f, \"payload_bytes\": %.1f, \"cpu_seconds\": %.4f, "
           "\"cpu_share\": %.3f",
           (unsigned long long)run.sent, (unsigned long long)run.accepted, (unsigned long long)run.refused,
           (unsigned long long)run.confirmed, (unsigned long long)run.deliveries,
           (unsigned long long)run.strays, (unsigned long long)lost_at, gone,
           (unsigned long long)run.reads, seconds, wall,
           run.deliveries ? (double)run.bytes / (double)run.deliveries : 0.0, own, wall > 0 ? own / wall : 0.0);
    print_histogram("delivered", &run.delivered);
    print_histogram("here", &run.delivered_here);
    print_histogram("elsewhere", &run.delivered_elsewhere);
    print_histogram("complete", &run.complete);
}

static void command_hear(const char *line)
{
    int64_t until = now_ns(CLOCK_MONOTONIC) + (int64_t)(number_of(line, "seconds", 20) * 1e9);
    uint64_t wanted = (uint64_t)number_of(line, "events", 0);
    while (heard.events < wanted && now_ns(CLOCK_MONOTONIC) < until)
        pump(10);
    printf("{\"events\": %llu, \"last\": %lld", (unsigned long long)heard.events, (long long)heard.last);
}

static void command_idle(const char *line)
{
    int64_t until = now_ns(CLOCK_MONOTONIC) + (int64_t)(number_of(line, "seconds", 1) * 1e9);
    memset(&totals, 0, sizeof totals);
    while (now_ns(CLOCK_MONOTONIC) < until)
        pump(10);
    printf("{\"pings\": %llu, \"gone\": %llu", (unsigned long long)totals.pings,
           (unsigned long long)totals.gone);
}

static void command_close(void)
{
    int closed = 0;
    for (int i = 0; i < number_of_connections; i++)
        if (connections[i].phase != GONE) {
            close(connections[i].fd);
            free(connections[i].rest);
            closed++;
        }
    memset(connections, 0, sizeof(struct connection) * (size_t)number_of_connections);
    memset(rooms, 0, sizeof rooms);
    number_of_connections = number_of_rooms = groups = 0;
    printf("{\"closed\": %d", closed);
}

static void obey(const char *line)
{
    first_problem[0] = 0;
    if (begins((const uint8_t *)line, strlen(line), "open "))
        command_open(line);
    else if (begins((const uint8_t *)line, strlen(line), "run "))
        command_run(line);
    else if (begins((const uint8_t *)line, strlen(line), "hear "))
        command_hear(line);
    else if (begins((const uint8_t *)line, strlen(line), "idle "))
        command_idle(line);
    else if (begins((const uint8_t *)line, strlen(line), "close"))
        command_close();
    else if (begins((const uint8_t *)line, strlen(line), "quit"))
        exit(0);
    else
        printf("{\"unknown\": true");
    printf(", \"problem\": \"%s\"}\n", first_problem);
    memset(&heard, 0, sizeof heard);
    fflush(stdout);
}

int main(void)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(0);
    struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &commands) != 0)
        die("epoll");
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    char line[2048];
    size_t length = 0;
    for (;;) {
        pump(1000);
        ssize_t got = read(STDIN_FILENO, line + length, sizeof line - 1 - length);
        if (got == 0)
            return 0; /* whoever drove us is gone */
        if (got < 0)
            continue;
        length += (size_t)got;
        line[length] = 0;
        char *end;
        while ((end = memchr(line, '\n', length))) {
            *end = 0;
            obey(line);
            length -= (size_t)(end - line) + 1;
            memmove(line, end + 1, length + 1);
        }
    }
}
