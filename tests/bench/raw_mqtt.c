/* SPDX-License-Identifier: Apache-2.0 */
#include "raw_mqtt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CAPACITY ((size_t)1 << 20)

static _Noreturn void give_up(const char *what)
{
    (void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(3);
}

static uint8_t *put_word(uint8_t *out, size_t word)
{
    out[0] = (uint8_t)(word >> 8 & 0xff);
    out[1] = (uint8_t)(word & 0xff);
    return out + 2;
}

static uint8_t *put_text(uint8_t *out, const char *text, size_t length)
{
    out = put_word(out, length);
    memcpy(out, text, length);
    return out + length;
}

/* The "remaining length": seven bits a byte, least significant first. */
static uint8_t *put_length(uint8_t *out, size_t length)
{
    do {
        const uint8_t low = (uint8_t)(length & 0x7f);

        length >>= 7;
        *out++ = length > 0 ? low | 0x80 : low;
    } while (length > 0);
    return out;
}

static void write_all(int fd, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t done = write(fd, bytes, length);

        if (done < 0 && errno != EAGAIN && errno != EINTR) {
            give_up("cannot write to the broker");
        }
        if (done > 0) {
            bytes += done;
            length -= (size_t)done;
        }
    }
}

/* Waits up to five seconds for the answer to what was just sent. */
static struct vg_raw_packet answer(struct vg_raw *raw, unsigned type)
{
    struct vg_raw_packet packet = {0};
    struct pollfd ear = {.fd = raw->fd, .events = POLLIN};

    while (!vg_raw_next(raw, &packet) || packet.type != type) {
        if (poll(&ear, 1, 5000) <= 0 || !vg_raw_read(raw)) {
            give_up("the broker does not answer");
        }
    }
    return packet;
}

void vg_raw_open(struct vg_raw *raw, unsigned port, const char *client)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    /* Level 4, clean session, no keepalive. */
    static const uint8_t head[] = {0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0};
    const size_t name = strlen(client);
    const int on = 1;
    uint8_t packet[128] = {0x10};
    uint8_t *end = put_length(packet + 1, sizeof head + 2 + name);

    *raw = (struct vg_raw){.fd = socket(AF_INET, SOCK_STREAM, 0),
                           .bytes = malloc(CAPACITY)};
    if (raw->fd < 0 || raw->bytes == NULL ||
        connect(raw->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        give_up("cannot connect to the broker");
    }
    (void)setsockopt(raw->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)fcntl(raw->fd, F_SETFL, O_NONBLOCK);
    memcpy(end, head, sizeof head);
    end = put_text(end + sizeof head, client, name);
    write_all(raw->fd, packet, (size_t)(end - packet));
    if (answer(raw, VG_RAW_CONNACK).body[1] != 0) {
        give_up("the broker refuses the connection");
    }
}

void vg_raw_subscribe(struct vg_raw *raw, const char *filter)
{
    const size_t length = strlen(filter);
    uint8_t packet[256] = {0x82};
    uint8_t *end = put_length(packet + 1, length + 5);

    end = put_word(end, 1);
    end = put_text(end, filter, length);
    *end++ = 0;
    write_all(raw->fd, packet, (size_t)(end - packet));
    if (answer(raw, VG_RAW_SUBACK).body[2] != 0) {
        give_up("the broker refuses the subscription");
    }
}

void vg_raw_close(struct vg_raw *raw)
{
    static const uint8_t bye[] = {0xe0, 0};

    write_all(raw->fd, bye, sizeof bye);
    (void)close(raw->fd);
    free(raw->bytes);
}

bool vg_raw_read(struct vg_raw *raw)
{
    memmove(raw->bytes, raw->bytes + raw->start, raw->end - raw->start);
    raw->end -= raw->start;
    raw->start = 0;
    const ssize_t got = read(raw->fd, raw->bytes + raw->end, CAPACITY - raw->end);

    if (got > 0) {
        raw->end += (size_t)got;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        raw->closed = true;
    }
    return !raw->closed;
}

/* Finds where the body begins and ends; false if the packet is not all there. */
static bool frame(const struct vg_raw *raw, size_t *body, size_t *end)
{
    size_t at = raw->start + 1;
    size_t length = 0;

    for (unsigned shift = 0; at < raw->end && shift < 28; shift += 7) {
        const uint8_t byte = raw->bytes[at++];

        length |= (size_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *body = at;
            *end = at + length;
            return *end <= raw->end;
        }
    }
    return false;
}

static void read_publish(struct vg_raw_packet *packet, unsigned qos)
{
    const size_t topic = (size_t)packet->body[0] << 8 | packet->body[1];
    const size_t head = 2 + topic + (qos > 0 ? 2 : 0);

    packet->topic = packet->body + 2;
    packet->topic_length = topic;
    if (qos > 0) {
        packet->id = (unsigned)packet->body[head - 2] << 8 | packet->body[head - 1];
    }
    packet->body += head;
    packet->length -= head;
}

bool vg_raw_next(struct vg_raw *raw, struct vg_raw_packet *packet)
{
    size_t body = 0;
    size_t end = 0;

    if (!frame(raw, &body, &end)) {
        return false;
    }
    const uint8_t first = raw->bytes[raw->start];

    *packet = (struct vg_raw_packet){
        .type = first >> 4, .body = raw->bytes + body, .length = end - body};
    if (packet->type == VG_RAW_PUBLISH) {
        read_publish(packet, first >> 1 & 3);
    }
    raw->start = end;
    return true;
}

size_t vg_raw_publish(uint8_t *out, unsigned id, const char *topic, size_t topic_length,
                      const char *payload, size_t length)
{
    uint8_t *end = put_length(out + 1, topic_length + 4 + length);

    out[0] = 0x32;
    end = put_text(end, topic, topic_length);
    end = put_word(end, id);
    memcpy(end, payload, length);
    return (size_t)(end + length - out);
}
