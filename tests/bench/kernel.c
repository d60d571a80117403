/*
 * The kernel's own limit: a server that does nothing but send.
 *
 *   kernel READERS BYTES
 *
 * It prints the port it listens on and takes READERS connections. Whoever writes eight digits has every
 * connection sent one websocket frame with BYTES of text and that number in it: one send() each, nothing
 * built, nothing looked up. What it costs is what no server that writes to each reader can go below.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT "42[\"comment_added\",{\"content\":\"="

static void check(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    int readers = atoi(arguments[1]), length = atoi(arguments[2]), one = 1, open_ones = 0;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    /* The longest header is four bytes; a shorter text than the template's would be no comment. */
    if (length < (int)sizeof TEXT + 16 || length > 65535)
        return 2;
    int header = length < 126 ? 2 : 4;
    size_t size = (size_t)(header + length);
    uint8_t *frame = malloc(size);
    int *fds = calloc((size_t)readers, sizeof *fds);
    if (!frame || !fds)
        return 1;
    memset(frame, 'x', size);
    frame[0] = 0x81;
    frame[1] = header == 2 ? (uint8_t)length : 126;
    if (header == 4) {
        frame[2] = (uint8_t)(length >> 8);
        frame[3] = (uint8_t)length;
    }
    uint8_t *number = frame + header + sizeof TEXT - 1;
    memcpy(frame + header, TEXT, sizeof TEXT - 1);
    number[8] = '=';

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
    check(listener, "socket");
    check(epoll, "epoll");
    check(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
    check(listen(listener, 2048), "listen");
    getsockname(listener, (struct sockaddr *)&address, &address_size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (open_ones < readers) {
        int fd = accept(listener, NULL, NULL);
        check(fd, "accept");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
        fds[open_ones++] = fd;
    }
    for (;;) {
        struct epoll_event events[64];
        int happened = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < happened; i++) {
            char requests[8 * 256];
            ssize_t got = recv(events[i].data.fd, requests, sizeof requests, 0);
            if (got <= 0)
                return 0; /* the readers leave together */
            for (ssize_t at = 0; at + 8 <= got; at += 8) {
                memcpy(number, requests + at, 8);
                for (int reader = 0; reader < readers; reader++)
                    if (send(fds[reader], frame, size, MSG_NOSIGNAL) < 0)
                        return 0;
            }
        }
    }
}
