/* SPDX-License-Identifier: Apache-2.0
 *
 * Just enough of MQTT 3.1.1 on a socket for the load generator, so that what is measured
 * is the broker and the daemon and not a client library in front of them.
 */
#ifndef VIGIL_BENCH_RAW_MQTT_H
#define VIGIL_BENCH_RAW_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VG_RAW_CONNACK = 2, VG_RAW_PUBLISH = 3, VG_RAW_PUBACK = 4, VG_RAW_SUBACK = 9 };

struct vg_raw_packet {
    unsigned type;        /* VG_RAW_... */
    const uint8_t *topic; /* of a publish; good until the next read */
    size_t topic_length;
    const uint8_t *body; /* payload of a publish, else all after the fixed header */
    size_t length;
    unsigned id; /* of a publish with QoS 1; else 0 */
};

/* A connection with its unread bytes. All fields are private. */
struct vg_raw {
    int fd;
    uint8_t *bytes;
    size_t start, end;
    bool closed;
};

/* Connects to loopback and waits for the answer; ends the program with a sentence on
 * stderr if that fails. The socket does not block afterwards. */
void vg_raw_open(struct vg_raw *raw, unsigned port, const char *client);
/* Subscribes with QoS 0 and waits for the answer; ends the program if refused. */
void vg_raw_subscribe(struct vg_raw *raw, const char *filter);
void vg_raw_close(struct vg_raw *raw);

/* Takes in what has arrived; false once the broker has closed. */
bool vg_raw_read(struct vg_raw *raw);
/* The next whole packet, if there is one. */
bool vg_raw_next(struct vg_raw *raw, struct vg_raw_packet *packet);

/* Writes a QoS 1 publish; returns its length. `capacity` must be at least topic_length +
 * length + VG_RAW_OVERHEAD. */
#define VG_RAW_OVERHEAD 16
size_t vg_raw_publish(uint8_t *out, unsigned id, const char *topic, size_t topic_length,
                      const char *payload, size_t length);

#endif
