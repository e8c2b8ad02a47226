/* SPDX-License-Identifier: Apache-2.0
 *
 * The crowd at the doors: displays that follow a ward each, and clients that open connections, ask
 * for a page and close, as fast as they can. One thread, one epoll.
 *
 * usage: doors PORT STREAMS OPENERS WARDS [PATH]; until standard input ends. Then a line of JSON: streams
 * that follow yet, bytes that came to them, pages, failures.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct visitor {
    int fd;
    bool opener, asked;
    unsigned ward;
    size_t bytes;
};

static struct {
    struct sockaddr_in address;
    const char *path;
    int poll;
    unsigned long pages, failures, bytes, streams, ended;
} doors;

static void come(struct visitor *v)
{
    const int yes = 1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP,
                                .data.ptr = v};

    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    v->asked = false;
    v->bytes = 0;
    if (v->fd < 0) {
        perror("doors: socket");
        exit(3);
    }
    (void)setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(v->fd, (struct sockaddr *)&doors.address, sizeof doors.address) != 0 &&
        errno != EINPROGRESS) {
        perror("doors: connect");
        exit(3);
    }
    (void)epoll_ctl(doors.poll, EPOLL_CTL_ADD, v->fd, &event);
}

static void go(struct visitor *v)
{
    if (v->opener) {
        doors.pages += v->bytes > 0;
        doors.failures += v->bytes == 0;
    } else {
        doors.ended++;
        doors.streams--;
    }
    (void)close(v->fd);
    if (v->opener) {
        come(v);
    } else {
        v->fd = -1;
    }
}

static void ask(struct visitor *v)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = v};
    char text[256];
    const int length =
        v->opener
            ? snprintf(
                  text, sizeof text,
                  "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                  doors.path)
            : snprintf(
                  text, sizeof text,
                  "GET /api/v1/stream?ward=w%03u HTTP/1.1\r\nHost: localhost\r\n\r\n",
                  v->ward);

    v->asked = true;
    (void)epoll_ctl(doors.poll, EPOLL_CTL_MOD, v->fd, &event);
    (void)send(v->fd, text, (size_t)length, MSG_NOSIGNAL);
}

static void serve(struct visitor *v, uint32_t events)
{
    static char bytes[65536];
    ssize_t got = 1;

    if (!v->asked && (events & EPOLLOUT) != 0) {
        ask(v);
        return;
    }
    while ((got = recv(v->fd, bytes, sizeof bytes, 0)) > 0) {
        v->bytes += (size_t)got;
        doors.bytes += v->opener ? 0 : (unsigned long)got;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        go(v);
    }
}

int main(int argc, char **argv)
{
    struct rlimit files;
    struct epoll_event events[256];
    struct epoll_event in = {.events = EPOLLIN};
    bool open = true;

    if (argc < 5) {
        return 2;
    }
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    doors.address.sin_family = AF_INET;
    doors.address.sin_port = htons((uint16_t)atoi(argv[1]));
    doors.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    doors.streams = (unsigned long)atoi(argv[2]);
    doors.path = argc > 5 ? argv[5] : "/";
    doors.poll = epoll_create1(EPOLL_CLOEXEC);
    const unsigned long count = doors.streams + (unsigned long)atoi(argv[3]);
    struct visitor *all = calloc(count, sizeof *all);
    (void)epoll_ctl(doors.poll, EPOLL_CTL_ADD, 0, &in);
    for (unsigned long i = 0; i < count; i++) {
        all[i].opener = i >= doors.streams;
        all[i].ward = (unsigned)(i % (unsigned long)atoi(argv[4]));
    }
    for (unsigned long i = 0; i < count; i++) {
        come(&all[i]);
    }
    while (open) {
        const int n = epoll_wait(doors.poll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == NULL) {
                char rest[64];
                open = read(0, rest, sizeof rest) > 0;
            } else if (((struct visitor *)events[i].data.ptr)->fd >= 0) {
                serve(events[i].data.ptr, events[i].events);
            }
        }
    }
    (void)printf("{\"following\":%lu,\"ended\":%lu,\"stream_mb\":%.1f,\"pages\":%lu,"
                 "\"failures\":%lu}\n",
                 doors.streams, doors.ended, (double)doors.bytes / 1e6, doors.pages,
                 doors.failures);
    return 0;
}
