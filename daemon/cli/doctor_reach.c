/* SPDX-License-Identifier: Apache-2.0
 *
 * See doctor_reach.h.
 */
#include "cli/doctor_reach.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define WITHIN 3000 /* ms */

bool vg_reach_parse(const char *url, struct vg_reach *out)
{
    static const struct {
        const char *scheme, *port;
    } rows[] = {{"http://", "80"},   {"https://", "443"}, {"smtp://", "25"},
                {"smtps://", "465"}, {"mqtt://", "1883"}, {"mqtts://", "8883"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t length = strlen(rows[i].scheme);
        if (strncmp(url, rows[i].scheme, length) != 0) {
            continue;
        }
        const char *host = url + length;
        size_t end = strcspn(host, "/?#");
        const char *at = memchr(host, '@', end);
        if (at != NULL) {
            end -= (size_t)(at + 1 - host);
            host = at + 1;
        }
        const bool bracket = host[0] == '[';
        const size_t name = bracket ? strcspn(++host, "]") : strcspn(host, ":/?#");
        const char *port = host + name + (bracket ? 1 : 0);
        const size_t digits = port[0] == ':' ? strspn(port + 1, "0123456789") : 0;
        (void)snprintf(out->host, sizeof out->host, "%.*s", (int)name, host);
        (void)snprintf(out->port, sizeof out->port, "%.*s",
                       digits > 0 ? (int)digits : (int)strlen(rows[i].port),
                       digits > 0 ? port + 1 : rows[i].port);
        return name > 0 && name <= end && name < sizeof out->host;
    }
    return false;
}

/* 0 or an errno. */
static int finish_connect(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int reason = 0;
    socklen_t size = sizeof reason;

    if (errno != EINPROGRESS) {
        return errno;
    }
    if (poll(&wait, 1, WITHIN) != 1) {
        return ETIMEDOUT;
    }
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &size) == 0 ? reason : errno;
}

static int connect_one(const struct addrinfo *address, int *reason)
{
    const int fd =
        socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        *reason = errno;
        return -1;
    }
    *reason = connect(fd, address->ai_addr, address->ai_addrlen) == 0
                  ? 0
                  : finish_connect(fd);
    if (*reason != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

int vg_reach_connect(const struct vg_reach *to, struct vg_error *error)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int reason = 0;
    int fd = -1;
    const int code = getaddrinfo(to->host, to->port, &hints, &list);

    if (code != 0) {
        vg_error_set(error, "%.80s: %s", to->host, gai_strerror(code));
        return -1;
    }
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = connect_one(a, &reason);
    }
    freeaddrinfo(list);
    if (fd < 0) {
        vg_error_set(error, "%.80s port %s: %s", to->host, to->port,
                     strerrordesc_np(reason));
    }
    return fd;
}

int vg_reach_ask(const struct vg_reach *to, const char *path, struct vg_error *error)
{
    char text[512];
    char answer[16] = "";
    const int fd = vg_reach_connect(to, error);
    int status = 0;

    if (fd < 0) {
        return 0;
    }
    const int length = snprintf(text, sizeof text,
                                "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close"
                                "\r\n\r\n",
                                path, to->host, to->port);
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    if (send(fd, text, (size_t)length, MSG_NOSIGNAL) == length &&
        poll(&wait, 1, WITHIN) == 1 && recv(fd, answer, sizeof answer - 1, 0) >= 12 &&
        strncmp(answer, "HTTP/1.", 7) == 0) {
        status = (int)strtol(answer + 9, NULL, 10);
    }
    if (status == 0) {
        vg_error_set(error, "%.80s port %s does not answer as an HTTP server", to->host,
                     to->port);
    }
    (void)close(fd);
    return status;
}
