/* SPDX-License-Identifier: Apache-2.0
 *
 * Paho reads ahead.
 *
 * It asks the kernel for a message byte by byte as far as its length, then for the rest, and twice before each
 * whether there is one: seven system calls. Here what has come is read at once, as much as there is, and paho gets its
 * bytes from that. On a machine of two cores 12 % of all that a message costs when many come (`make bench`, burst).
 * And each time before it waits it asks which of its connections could be written to. That is taken for granted of those
 * that stand: it only tries to go on with what it has not written yet.
 *
 * The linker puts these functions in the place of paho's and of recv and poll, which only paho calls on its sockets
 * (--wrap, in the Makefile, as in mqtt_stand_ins.c). Links with TLS are not touched: OpenSSL reads by itself.
 *
 * State of the process, as paho's own is: what it calls has no argument that could lead to ours. Any of paho's threads
 * may come here; the lock is held for a read that does not wait, at most.
 */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "shell/mqtt_paho.h"

#define SOCKETS 4     /* vigild has two; what is beyond them is read as paho does it */
#define BYTES   16384 /* forty messages of a monitor */

static struct ahead {
    int socket;     /* 0: free, as paho has it */
    size_t at, end; /* of what paho has not taken */
    bool told;      /* that there is something, and paho has taken nothing since */
    bool stands;    /* the broker has said something */
    char bytes[BYTES];
} kept[SOCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct ahead *find(int socket)
{
    for (size_t i = 0; i < SOCKETS; i++) {
        if (kept[i].socket == socket) {
            return &kept[i];
        }
    }
    return NULL;
}

static void forget(int socket)
{
    pthread_mutex_lock(&lock);
    struct ahead *ahead = socket > 0 ? find(socket) : NULL;
    if (ahead != NULL) {
        ahead->socket = 0;
    }
    pthread_mutex_unlock(&lock);
}

static void begin(int socket)
{
    pthread_mutex_lock(&lock);
    struct ahead *ahead = find(socket);
    if (ahead == NULL) {
        ahead = find(0);
    }
    if (ahead != NULL) {
        ahead->socket = socket;
        ahead->at = ahead->end = 0;
        ahead->told = ahead->stands = false;
    }
    pthread_mutex_unlock(&lock);
}

/* 0: none has something that paho was not told of. */
static int ready(void)
{
    int socket = 0;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SOCKETS && socket == 0; i++) {
        if (kept[i].socket > 0 && kept[i].at < kept[i].end && !kept[i].told) {
            kept[i].told = true;
            socket = kept[i].socket;
        }
    }
    pthread_mutex_unlock(&lock);
    return socket;
}

/* Whether all that is asked is if there is room to write, and of connections that stand. */
static bool no_question(const struct pollfd *fds, nfds_t count, int timeout)
{
    bool stand = timeout == 0 && count > 0;

    pthread_mutex_lock(&lock);
    for (nfds_t i = 0; i < count && stand; i++) {
        const struct ahead *ahead = fds[i].fd > 0 ? find(fds[i].fd) : NULL;
        stand = ahead != NULL && ahead->stands && fds[i].events == POLLOUT;
    }
    pthread_mutex_unlock(&lock);
    return stand;
}

static void tell_again(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SOCKETS; i++) {
        kept[i].told = false;
    }
    pthread_mutex_unlock(&lock);
}

/* The linker's names; the types are paho's own.
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming) */
ssize_t __real_recv(int socket, void *out, size_t length, int flags);
ssize_t __wrap_recv(int socket, void *out, size_t length, int flags);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __real_Socket_new(const char *host, size_t length, int port, int *socket,
                      long timeout);
int __wrap_Socket_new(const char *host, size_t length, int port, int *socket,
                      long timeout);
int __real_Socket_close(int socket);
int __wrap_Socket_close(int socket);
int __real_Socket_getReadySocket(int more, int timeout, void *mutex, int *code);
int __wrap_Socket_getReadySocket(int more, int timeout, void *mutex, int *code);

/* As much as there is; what the kernel answers where there is nothing. With the lock held. */
static ssize_t take(struct ahead *ahead, void *out, size_t length)
{
    if (ahead->at == ahead->end) {
        if (length >= BYTES) {
            return __real_recv(ahead->socket, out, length, 0);
        }
        const ssize_t got = __real_recv(ahead->socket, ahead->bytes, BYTES, 0);
        if (got <= 0) {
            return got;
        }
        ahead->at = 0;
        ahead->end = (size_t)got;
        ahead->stands = true;
    }
    const size_t left = ahead->end - ahead->at;
    const size_t taken = length < left ? length : left;
    memcpy(out, ahead->bytes + ahead->at, taken);
    ahead->at += taken;
    ahead->told = false;
    return (ssize_t)taken;
}

ssize_t __wrap_recv(int socket, void *out, size_t length, int flags)
{
    pthread_mutex_lock(&lock);
    struct ahead *ahead = socket > 0 && flags == 0 ? find(socket) : NULL;
    const ssize_t got = ahead != NULL ? take(ahead, out, length) : -1;
    pthread_mutex_unlock(&lock);
    return ahead != NULL ? got : __real_recv(socket, out, length, flags);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    if (!no_question(fds, count, timeout)) {
        return __real_poll(fds, count, timeout);
    }
    for (nfds_t i = 0; i < count; i++) {
        fds[i].revents = POLLOUT;
    }
    return (int)count;
}

int __wrap_Socket_new(const char *host, size_t length, int port, int *socket,
                      long timeout)
{
    const int code = __real_Socket_new(host, length, port, socket, timeout);

    if (*socket > 0) {
        begin(*socket);
    }
    return code;
}

int __wrap_Socket_close(int socket)
{
    forget(socket);
    return __real_Socket_close(socket);
}

/* Before it is asked which socket has something: the one of which something lies here. If paho takes nothing of it
 * (its client is gone), the others have their turn in between. */
int __wrap_Socket_getReadySocket(int more, int timeout, void *mutex, int *code)
{
    const int socket = ready();

    if (socket != 0) {
        *code = 0;
        return socket;
    }
    const int other = __real_Socket_getReadySocket(more, timeout, mutex, code);
    tell_again();
    return other;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming) */
