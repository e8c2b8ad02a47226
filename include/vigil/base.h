/* SPDX-License-Identifier: Apache-2.0
 *
 * Words that every other header stands on: an instant, a span, an outcome, a sentence
 * that says what went wrong, and the limits of identifiers.
 *
 * Ownership: everything here is a plain value, copied freely.
 */
#ifndef VIGIL_BASE_H
#define VIGIL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A moment, in milliseconds since 1970-01-01T00:00:00Z. Wrapped, so that it cannot be
 * mixed up with a span. */
struct vg_instant {
    int64_t ms;
};

/* A span of time in milliseconds. */
typedef int64_t vg_ms;

#define VG_SECOND ((vg_ms)1000)
#define VG_MINUTE (60 * VG_SECOND)
#define VG_HOUR   (60 * VG_MINUTE)
#define VG_DAY    (24 * VG_HOUR)

/* "No such moment yet": later than everything that can happen. */
#define VG_NEVER ((struct vg_instant){INT64_MAX})
/* "Not known": earlier than everything that can have happened. */
#define VG_UNSET ((struct vg_instant){INT64_MIN})

static inline bool vg_is_never(struct vg_instant t)
{
    return t.ms == INT64_MAX;
}

static inline bool vg_is_set(struct vg_instant t)
{
    return t.ms != INT64_MIN;
}

/* Saturates, so that VG_NEVER and VG_UNSET stay what they are. */
static inline struct vg_instant vg_after(struct vg_instant t, vg_ms span)
{
    if (t.ms == INT64_MAX || t.ms == INT64_MIN) {
        return t;
    }
    return (struct vg_instant){t.ms + span};
}

/* Saturates: since "not known" is as long as can be. */
static inline vg_ms vg_since(struct vg_instant later, struct vg_instant earlier)
{
    vg_ms span;

    if (__builtin_sub_overflow(later.ms, earlier.ms, &span)) {
        return later.ms > earlier.ms ? INT64_MAX : INT64_MIN;
    }
    return span;
}

static inline struct vg_instant vg_earlier(struct vg_instant a, struct vg_instant b)
{
    return a.ms < b.ms ? a : b;
}

static inline struct vg_instant vg_later(struct vg_instant a, struct vg_instant b)
{
    return a.ms > b.ms ? a : b;
}

/* Named outcomes. Each function lists above its declaration which of them it returns;
 * its direct caller handles them. */
enum vg_status {
    VG_OK = 0,
    VG_REFUSED,   /* the input is at fault; nothing has changed */
    VG_NO_MEMORY, /* nothing has changed */
    VG_FULL,      /* a stated limit is reached; nothing has changed */
    VG_ABSENT,    /* no such thing */
    VG_FAILED /* the outside world (disk, network) failed; the error text says how */
};

/* What a person reads when something failed: one sentence, built on the way up, the
 * outermost place first. Always terminated; too long a sentence is cut. */
struct vg_error {
    char text[256];
};

/* Writes the sentence. `format` as printf. Accepts error == NULL. */
void vg_error_set(struct vg_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " in front of what is there. Accepts error == NULL. */
void vg_error_prefix(struct vg_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A path for a sentence: whole, or where it is longer its end behind "…": the name is what is looked for. */
#define VG_PATH_SHORT 100
const char *vg_path_short(const char *path, char out[VG_PATH_SHORT + 1]);

/* Lengths without the terminating NUL (the outside contract, section 1). */
#define VG_ID_LEN      32
#define VG_PATIENT_LEN 64
#define VG_NAME_LEN    40 /* rule ids, free codes of drugs and symptoms */
#define VG_ALERT_LEN   26 /* 48 bits of time and 80 of content, Crockford base 32 */
#define VG_EPISODE_LEN 26

/* [a-z0-9][a-z0-9._-]{0,31}: ward, bed, gateway, device, node, channel. */
bool vg_id_valid(const char *text, size_t length);
/* [A-Za-z0-9][A-Za-z0-9._-]{0,63}: a patient's pseudonym. */
bool vg_patient_valid(const char *text, size_t length);
/* [A-Za-z0-9._-]{1,32}: a gateway's epoch. */
bool vg_epoch_valid(const char *text, size_t length);

/* 64 bits of FNV-1a, finished with a mixer: for tables and for content ids, not against
 * an enemy. `seed` chains several pieces. */
uint64_t vg_hash(uint64_t seed, const void *bytes, size_t length);

/* Writes the 26 characters (and a NUL) of an id made of an instant and 80 bits of
 * content: the same content always has the same id, and ids sort by time. */
void vg_content_id(char out[VG_ALERT_LEN + 1], struct vg_instant at, uint64_t high,
                   uint64_t low);

/* Copies at most capacity - 1 bytes and terminates. Returns false if it had to cut. */
bool vg_copy(char *out, size_t capacity, const char *text);

#endif
