/* SPDX-License-Identifier: Apache-2.0
 *
 * The makers of a stream's events. Private to stream_*.c; see stream.h.
 */
#ifndef VIGIL_TESTS_STREAM_MAKER_H
#define VIGIL_TESTS_STREAM_MAKER_H

#include "lib/stream.h"

#define S     1000
#define M     (INT64_C(60) * S)
#define MICRO INT64_C(1000000)

/* Canonical steps, about which readings scatter. */
struct mood {
    int temp, hr, rr, spo2, sbp;
};

struct maker {
    unsigned s;
    struct stream *out;
    unsigned patient;
    bool moved;
    int64_t at; /* ms from the start: the minute */
    struct mood mood;
    bool minute, patch, line, oxygen, two;
    int cuff; /* minutes between measurements */
    int bout; /* minutes by the second that are left */
    struct stream_event now;
};

unsigned maker_random(struct maker *m, unsigned below);
bool maker_one_in(struct maker *m, unsigned n);
int64_t maker_about(struct maker *m, int64_t middle, unsigned spread);

/* A message: begun, filled, and sent. */
void maker_place(const struct maker *m, char *ward, char *bed);
void maker_begin(struct maker *m, enum vg_kind kind, int64_t measured,
                 const char *device);
struct vg_reading *maker_put(struct maker *m, enum vg_signal signal, int64_t value,
                             enum vg_source source, enum vg_method method);
struct vg_entry *maker_chart(struct maker *m, enum vg_signal signal, const char *word);
void maker_end(struct maker *m);

/* stream_devices.c */
void maker_monitor(struct maker *m, int64_t at);
void maker_patch(struct maker *m, int64_t at);
void maker_cuff(struct maker *m, int64_t at);
void maker_line(struct maker *m, int64_t at);

/* stream_people.c */
void maker_spot(struct maker *m, int64_t at);
void maker_laboratory(struct maker *m, int64_t at);
void maker_ice(struct maker *m, int64_t at);
void maker_person(struct maker *m, int64_t at);
void maker_infusion(struct maker *m, int64_t at, const char *word);

/* Pressures of one cycle that fit together, or do not. */
void maker_pressures(struct maker *m, enum vg_source source, bool torn);

#endif
