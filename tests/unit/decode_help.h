/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the decoder share: a decoder, the letters it is given, and looks
 * at what it made of the last one.
 */
#ifndef VIGIL_TESTS_UNIT_DECODE_HELP_H
#define VIGIL_TESTS_UNIT_DECODE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

#define VITALS     "vigil/v1/beds/onc-7/12/vitals"
#define LABS       "vigil/v1/beds/onc-7/12/labs"
#define ASSESSMENT "vigil/v1/beds/onc-7/12/assessment"
#define THERAPY    "vigil/v1/beds/onc-7/12/therapy"
#define EPISODE    "vigil/v1/beds/onc-7/12/episode"
#define STATUS     "vigil/v1/gateways/gw-03/status"
#define COMMAND    "vigil/v1/wards/onc-7/commands/tablet"

#define TS   "2026-11-23T06:12:00.000Z"
#define T    INT64_C(1795414320000)
#define HEAD "{\"gateway\":\"gw-03\",\"epoch\":\"7f3a\",\"seq\":12,\"ts\":\"" TS "\""
/* A message with these items. */
#define OBS(items) HEAD ",\"obs\":[" items "]}"

static struct vg_decoder *decoder;
static struct vg_decoded decoded;

static inline int make_decoder(void **state)
{
    (void)state;
    decoder = vg_decoder_create("vigil/v1");
    return decoder == NULL ? -1 : 0;
}

static inline int free_decoder(void **state)
{
    (void)state;
    vg_decoder_destroy(decoder);
    return 0;
}

static inline void decode_bytes(const char *topic, const char *payload, size_t length,
                                bool retained)
{
    struct vg_letter letter = {topic, strlen(topic), payload, length, retained};
    vg_decode(decoder, &letter, &decoded);
}

static inline void decode(const char *topic, const char *payload)
{
    decode_bytes(topic, payload, strlen(payload), false);
}

/* The only refusal. */
static inline const struct vg_refusal *refusal(void)
{
    assert_int_equal(decoded.refusal_count, 1);
    return &decoded.refusal[0];
}

static inline const struct vg_reading *reading(void)
{
    assert_int_equal(decoded.kind, VG_DECODED_MESSAGE);
    assert_int_equal(decoded.message.reading_count, 1);
    return &decoded.message.readings[0];
}

static inline const struct vg_entry *entry(void)
{
    assert_int_equal(decoded.kind, VG_DECODED_MESSAGE);
    assert_int_equal(decoded.message.entry_count, 1);
    return &decoded.message.entries[0];
}

struct whole {
    const char *topic, *payload;
    enum vg_reason reason;
};

static inline void check_whole(const struct whole *row)
{
    decode(row->topic, row->payload);
    assert_int_equal(decoded.kind, VG_DECODED_REFUSED);
    assert_int_equal(refusal()->reason, row->reason);
    assert_int_equal(refusal()->item, -1);
    assert_true(refusal()->detail[0] != '\0');
}

#endif
