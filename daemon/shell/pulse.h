/* SPDX-License-Identifier: Apache-2.0
 *
 * The heartbeats of one daemon as somebody else hears them: is it alive? A stuck sender and
 * one of yesterday must not look alive. Nothing here reads a clock or sends anything.
 */
#ifndef VIGIL_SHELL_PULSE_H
#define VIGIL_SHELL_PULSE_H

#include "vigil/base.h"

#include "wire/json.h"

/* ---- One heartbeat. What it does not say is "", VG_UNSET or -1. */

#define VG_BEAT_BYTES 4096 /* more is none */

struct vg_beat {
    char epoch[VG_ID_LEN + 1];
    struct vg_instant ts;
    int64_t counter;
    bool unwell; /* it says of itself that a check failed */
    int64_t audit_count;
    char audit_hash[65];
};

/* False: not a JSON object. Fields that cannot be used count as absent. */
bool vg_beat_parse(struct vg_json *json, const char *bytes, size_t length,
                   struct vg_beat *out);

enum vg_beat_verdict {
    VG_BEAT_ALIVE,
    VG_BEAT_STUCK,     /* nothing has moved since the one before */
    VG_BEAT_OLD_EPOCH, /* of a run of the daemon before the one that is known */
    VG_BEAT_UNWELL,
    VG_BEAT_MALFORMED,
    VG_BEAT_VERDICTS
};

/* ---- One daemon. Times are the boot clock's. */

/* Three heartbeats of an earlier epoch and none of the later one: the daemon's clock was
 * set back before it was started again, and that is the daemon now. */
#define VG_PULSE_CONVINCED 3

struct vg_pulse {
    struct vg_beat last;  /* the latest that counted */
    struct vg_beat older; /* the latest of an earlier epoch */
    unsigned older_count;
    bool heard;
    vg_ms heard_at; /* of the last that counted; before that, of the beginning */
    vg_ms up_at;    /* since when we have the broker; 0: we do not */
    bool lost;
    vg_ms say_at; /* when it is to be said again */
};

struct vg_pulse_limits {
    vg_ms after; /* silence for so long is a loss */
    vg_ms again; /* said so often while it lasts */
};

void vg_pulse_begin(struct vg_pulse *pulse, vg_ms now);

enum vg_beat_verdict vg_pulse_take(struct vg_pulse *pulse, const struct vg_beat *beat,
                                   vg_ms now);

/* A new connection gives the daemon `after` to be heard, but a connection that comes and
 * goes hides nothing for more than four times that. */
void vg_pulse_link(struct vg_pulse *pulse, bool up, vg_ms now);

/* We ourselves stood still for `span` and could not hear. */
void vg_pulse_deaf(struct vg_pulse *pulse, vg_ms span);

/* Known to be lost from before we were started: said again after `after`. */
void vg_pulse_adopt(struct vg_pulse *pulse, const struct vg_pulse_limits *limits,
                    vg_ms now);

enum vg_pulse_news { VG_PULSE_NOTHING, VG_PULSE_LOST, VG_PULSE_AGAIN, VG_PULSE_BACK };

/* Each is said once. */
enum vg_pulse_news vg_pulse_judge(struct vg_pulse *pulse,
                                  const struct vg_pulse_limits *limits, vg_ms now);

#endif
