/* SPDX-License-Identifier: Apache-2.0
 *
 * What paho gets of what was read ahead, over sockets of this machine that stand for its connections. Socket_new,
 * Socket_close, Socket_getReadySocket, recv and poll are what paho calls; in every program that is linked with paho they are
 * those of mqtt_ahead.c.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "shell/mqtt.h"

/* Paho's. */
int Socket_new(const char *host, size_t length, int port, int *socket, long timeout);
int Socket_close(int socket);
int Socket_getReadySocket(int more, int timeout, void *mutex, int *code);
int Heap_initialize(void);
void Socket_outInitialize(void);
void *Thread_create_mutex(int *code);

#define HOST "127.0.0.1"

struct link {
    int ours, broker; /* both ends */
};

static int listener(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd > 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int ready(void)
{
    static void *mutex;
    int code = 77;

    if (mutex == NULL) {
        mutex = Thread_create_mutex(&code);
    }
    const int socket = Socket_getReadySocket(0, 0, mutex, &code);
    assert_int_equal(code, 0);
    return socket;
}

static struct link open_link(void)
{
    struct link link = {0, 0};
    int port;
    const int fd = listener(&port);

    (void)Socket_new(HOST, sizeof HOST - 1, port, &link.ours, 5000);
    assert_true(link.ours > 0);
    link.broker = accept(fd, NULL, NULL);
    assert_true(link.broker > 0);
    (void)close(fd);
    (void)ready(); /* that it stands is told once */
    return link;
}

static void close_link(const struct link *link)
{
    (void)Socket_close(link->ours);
    (void)close(link->broker);
}

static void say(const struct link *link, const char *text)
{
    const ssize_t length = (ssize_t)strlen(text);

    assert_int_equal(send(link->broker, text, (size_t)length, 0), length);
}

/* As paho does: whatever is there at once. Until then there is nothing. */
static ssize_t take(const struct link *link, char *out, size_t length)
{
    ssize_t got = recv(link->ours, out, length, 0);

    for (int i = 0; i < 5000 && got < 0 && errno == EAGAIN; i++) {
        (void)usleep(1000);
        got = recv(link->ours, out, length, 0);
    }
    return got;
}

/* Of what lies in the kernel, which paho would be told of without us. */
static ssize_t in_kernel(const struct link *link)
{
    char text[64];

    return recv(link->ours, text, sizeof text, MSG_PEEK | MSG_DONTWAIT);
}

static void test_read_at_once(void **state)
{
    const struct link link = open_link();
    char byte;
    char rest[8] = "";

    (void)state;
    say(&link, "abcdefg");
    assert_int_equal(take(&link, &byte, 1), 1);
    assert_int_equal(byte, 'a');
    assert_true(in_kernel(&link) < 0);
    assert_int_equal(take(&link, rest, 3), 3);
    assert_string_equal(rest, "bcd");
    assert_int_equal(take(&link, rest, sizeof rest), 3); /* what there is */
    assert_memory_equal(rest, "efg", 3);
    errno = 0;
    assert_int_equal(recv(link.ours, &byte, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
    close_link(&link);
}

static void test_told_of(void **state)
{
    const struct link link = open_link();
    char byte;

    (void)state;
    say(&link, "abc");
    assert_int_equal(take(&link, &byte, 1), 1);
    assert_int_equal(ready(), link.ours); /* the kernel has nothing: it lies here */
    assert_int_equal(take(&link, &byte, 1), 1);
    assert_int_equal(ready(), link.ours);
    assert_int_equal(ready(), 0); /* nothing was taken: the others have their turn, */
    assert_int_equal(ready(), link.ours); /* and then it is told again */
    assert_int_equal(take(&link, &byte, 1), 1);
    assert_int_equal(byte, 'c');
    assert_int_not_equal(ready(), link.ours);
    close_link(&link);
}

static void test_the_end(void **state)
{
    const struct link link = open_link();
    char bytes[4];

    (void)state;
    say(&link, "ab");
    assert_int_equal(take(&link, bytes, 1), 1);
    (void)shutdown(link.broker, SHUT_WR);
    assert_int_equal(take(&link, bytes, 4), 1);
    assert_int_equal(take(&link, bytes, 4), 0);
    close_link(&link);
}

/* More than lies here goes past. */
static void test_a_long_one(void **state)
{
    const struct link link = open_link();
    const size_t length = 100000;
    char *sent = malloc(length);
    char *got = malloc(length);
    size_t have = 0;

    (void)state;
    assert_non_null(sent);
    assert_non_null(got);
    for (size_t i = 0; i < length; i++) {
        sent[i] = (char)(i * 7 % 251);
    }
    for (size_t out = 0; have < length;) {
        const ssize_t put =
            out < length ? send(link.broker, sent + out, length - out, MSG_DONTWAIT)
                         : 0;
        out += put > 0 ? (size_t)put : 0;
        const size_t most = have % 3 == 0 ? length - have : 1 + have % 1000;
        const ssize_t n =
            take(&link, got + have, most < length - have ? most : length - have);
        assert_true(n > 0);
        have += (size_t)n;
    }
    assert_memory_equal(got, sent, length);
    free(sent);
    free(got);
    close_link(&link);
}

/* What was read of one that is closed is nobody's, though the next one gets its number. */
static void test_apart(void **state)
{
    struct link one = open_link();
    const struct link other = open_link();
    char byte;

    (void)state;
    say(&one, "12");
    say(&other, "ab");
    assert_int_equal(take(&one, &byte, 1), 1);
    assert_int_equal(byte, '1');
    assert_int_equal(take(&other, &byte, 1), 1);
    assert_int_equal(byte, 'a');
    const int number = one.ours;
    close_link(&one);
    one = open_link();
    assert_int_equal(one.ours, number);
    say(&one, "3");
    assert_int_equal(take(&one, &byte, 1), 1);
    assert_int_equal(byte, '3');
    assert_int_equal(take(&other, &byte, 1), 1);
    assert_int_equal(byte, 'b');
    close_link(&one);
    close_link(&other);
}

static int may_write(int socket)
{
    struct pollfd fds = {.fd = socket, .events = POLLOUT, .revents = 0};
    const int count = poll(&fds, 1, 0);

    assert_int_equal(fds.revents, count == 1 ? POLLOUT : 0);
    return count;
}

/* Of a connection that stands it is not asked whether there is room; of one that has said nothing yet it is, and
 * so is whatever else is asked. */
static void test_room_is_taken_for_granted(void **state)
{
    const struct link link = open_link();
    struct pollfd both = {.fd = link.ours, .events = POLLIN | POLLOUT, .revents = 0};
    char bytes[4096] = "";

    (void)state;
    assert_int_equal(may_write(link.ours), 1);
    while (send(link.ours, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
    assert_int_equal(may_write(link.ours), 0);
    say(&link, "ab");
    assert_int_equal(take(&link, bytes, 1), 1);
    assert_int_equal(may_write(link.ours), 1);
    assert_int_equal(may_write(link.broker), 1);
    assert_int_equal(poll(&both, 1, 0), 0);
    assert_int_equal(ready(), link.ours); /* and it can be read meanwhile */
    close_link(&link);
}

/* Paho's own way for more links than there is room for, and for other sockets. */
static void test_others(void **state)
{
    struct link link[6];
    int pair[2];
    char byte;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        link[i] = open_link();
        say(&link[i], "xy");
    }
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(take(&link[i % 6], &byte, 1), 1);
        assert_int_equal(byte, i < 6 ? 'x' : 'y');
    }
    for (size_t i = 0; i < 6; i++) {
        close_link(&link[i]);
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(send(pair[0], "xy", 2, 0), 2);
    assert_int_equal(recv(pair[1], &byte, 1, 0), 1);
    assert_int_equal(read(pair[1], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static int begin(void **state)
{
    (void)state;
    vg_mqtt_library();
    (void)Heap_initialize(); /* as with the first client */
    Socket_outInitialize();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_at_once),
        cmocka_unit_test(test_told_of),
        cmocka_unit_test(test_the_end),
        cmocka_unit_test(test_a_long_one),
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_room_is_taken_for_granted)};

    return cmocka_run_group_tests(tests, begin, NULL);
}
