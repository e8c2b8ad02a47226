/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of a protocol as lines in a chart: from which value on which rule fires. Only what is
 * one value of one signal is a line: "hr >= 131 /min", or a field like bp.hypotension that has a
 * fixed limit. How long it must last, and what else must hold, no line can say.
 */
#ifndef VIGIL_CORE_LIMITS_H
#define VIGIL_CORE_LIMITS_H

#include "vigil/flag.h"
#include "vigil/protocol.h"

enum vg_limit_side {
    VG_LIMIT_BELOW,
    VG_LIMIT_AT_MOST,
    VG_LIMIT_AT_LEAST,
    VG_LIMIT_ABOVE
};
const char *vg_limit_side_text(enum vg_limit_side side); /* "below", "at_most" ... */

struct vg_limit {
    enum vg_signal signal;
    enum vg_limit_side side;
    int64_t milli; /* thousandths of the signal's unit */
    bool scale2;   /* of patients with that flag, instead of the others of its signal */
    enum vg_severity severity;
    const char *rule; /* the protocol's */
};

/* Each line once, the gravest rule of those that share it. Returns how many; no more than
 * `most` are written. */
#define VG_LIMITS 64
size_t vg_protocol_limits(const struct vg_protocol *protocol, struct vg_limit *out,
                          size_t most);

/* The fields with a fixed limit; ended by a row without a name. Their limits are those of
 * core/assess, and tests/unit/test_limits.c holds the two together. */
struct vg_field_limit {
    const char *field;
    enum vg_signal signal;
    enum vg_limit_side side;
    int64_t milli;
    bool scale2;
};
const struct vg_field_limit *vg_field_limits(void);

#endif
