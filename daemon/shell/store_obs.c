/* SPDX-License-Identifier: Apache-2.0
 *
 * The blob of a message's readings and entries.
 *
 *     byte 1                       version of this layout; 2: with failed cuff cycles
 *     varint                       number of readings, then each reading:
 *       byte   signal
 *       varint flags               VG_OBS_… of store_obs.h
 *       byte   exponent of the raw decimal + 32 * source
 *       byte   unit as sent
 *       signed mantissa of the raw decimal
 *       then, where the flags say so: signed milliseconds from the message's ts; byte
 *       method + 16 * quality; signed value in canonical steps (left out where it is the
 *       raw decimal at the signal's resolution); signed pi; signed uln; signed lln;
 *       signed ice items
 *     varint                       number of entries, then each entry:
 *       byte   signal, varint flags, text value, then what the flags say, in their order
 *     version 2: varint            number of failed cuff cycles, then each: signed milliseconds
 *                                  from the message's ts
 *
 * The numbers of signals, units and so on are those of store_words.c.
 */
#include "shell/store_obs.h"

#include <string.h>

#include "shell/store_words.h"

enum { /* of an entry */
       IS_ON = 1,
       IS_NO_RETURN = 2,
       IS_HAEMORRHAGE = 4,
       HAS_AT = 8,
       HAS_DURATION = 16,
       HAS_FLOW = 32,
       HAS_FIO2 = 64,
       HAS_UNTIL = 128,
       HAS_BY = 256,
       HAS_PRODUCT = 512,
       HAS_DOSE = 1024
};

static unsigned value_of(struct vg_unpack *unpack, enum vg_word word, unsigned number)
{
    unsigned value;
    unpack->failed = !vg_word_value(word, number, &value) || unpack->failed;
    return value;
}

/* Differences wrap, so that VG_UNSET and VG_NEVER survive too. */
static int64_t span_between(struct vg_instant later, struct vg_instant earlier)
{
    return (int64_t)((uint64_t)later.ms - (uint64_t)earlier.ms);
}

static struct vg_instant moved(struct vg_instant from, int64_t span)
{
    return (struct vg_instant){(int64_t)((uint64_t)from.ms + (uint64_t)span)};
}

int64_t vg_obs_plain_value(enum vg_signal signal, struct vg_decimal raw)
{
    static const int64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    const unsigned places = vg_signal_info(signal)->places;
    int64_t value;

    if (raw.exponent > places || places >= sizeof power / sizeof *power ||
        __builtin_mul_overflow(raw.mantissa, power[places - raw.exponent], &value)) {
        return VG_NO_VALUE;
    }
    return value;
}

static unsigned reading_flags(const struct vg_reading *r, struct vg_instant measured)
{
    unsigned flags = 0;
    flags |= r->measured.ms != measured.ms ? VG_OBS_TIME : 0;
    flags |= r->method != VG_METHOD_NONE || r->quality != VG_QUALITY_VALID
                 ? VG_OBS_METHOD
                 : 0;
    flags |= r->value != vg_obs_plain_value(r->signal, r->raw) ? VG_OBS_VALUE : 0;
    flags |= r->suspect ? VG_OBS_IS_SUSPECT : 0;
    flags |= r->out_of_range ? VG_OBS_IS_OUT_OF_RANGE : 0;
    flags |= r->pi >= 0 ? VG_OBS_PI : 0;
    flags |= r->unarousable ? VG_OBS_IS_UNAROUSABLE : 0;
    flags |= r->uln != VG_NO_VALUE ? VG_OBS_ULN : 0;
    flags |= r->lln != VG_NO_VALUE ? VG_OBS_LLN : 0;
    flags |= r->ice_items != 0 ? VG_OBS_ICE : 0;
    return flags;
}

/* A byte of its signal, two of how it looks, one of method; flags and seven numbers. */
#define READING_MOST (4 + 8 * VG_VARINT_MOST)

static uint8_t *put_if(uint8_t *at, bool present, int64_t number)
{
    return present ? vg_put_signed(at, number) : at;
}

/* What its flags speak of. */
static uint8_t *put_rest(uint8_t *at, const struct vg_reading *r, unsigned flags,
                         struct vg_instant measured)
{
    at = put_if(at, (flags & VG_OBS_TIME) != 0, span_between(r->measured, measured));
    if ((flags & VG_OBS_METHOD) != 0) {
        *at++ = (uint8_t)(vg_word_number(VG_WORD_METHOD, r->method) +
                          16 * vg_word_number(VG_WORD_QUALITY, r->quality));
    }
    at = put_if(at, (flags & VG_OBS_VALUE) != 0, r->value);
    at = put_if(at, (flags & VG_OBS_PI) != 0, r->pi);
    at = put_if(at, (flags & VG_OBS_ULN) != 0, r->uln);
    at = put_if(at, (flags & VG_OBS_LLN) != 0, r->lln);
    return put_if(at, (flags & VG_OBS_ICE) != 0, r->ice_items);
}

static void pack_reading(struct vg_pack *pack, const struct vg_reading *r,
                         struct vg_instant measured)
{
    const unsigned flags = reading_flags(r, measured);
    uint8_t *at = vg_pack_room(pack, READING_MOST);

    if (at == NULL) {
        return;
    }
    *at++ = (uint8_t)vg_word_number(VG_WORD_SIGNAL, r->signal);
    at = vg_put_varint(at, flags);
    *at++ = (uint8_t)(r->raw.exponent + 32 * vg_word_number(VG_WORD_SOURCE, r->source));
    *at++ = (uint8_t)vg_word_number(VG_WORD_UNIT, r->unit);
    at = vg_put_signed(at, r->raw.mantissa);
    vg_pack_upto(pack, flags == 0 ? at : put_rest(at, r, flags, measured));
}

static void pack_if(struct vg_pack *pack, bool present, int64_t number)
{
    if (present) {
        vg_pack_signed(pack, number);
    }
}

static unsigned entry_flags(const struct vg_entry *e, struct vg_instant measured)
{
    unsigned flags = 0;
    flags |= e->on ? IS_ON : 0;
    flags |= e->no_return ? IS_NO_RETURN : 0;
    flags |= e->haemorrhage ? IS_HAEMORRHAGE : 0;
    flags |= e->at.ms != measured.ms ? HAS_AT : 0;
    flags |= e->duration_s >= 0 ? HAS_DURATION : 0;
    flags |= e->flow != VG_NO_VALUE ? HAS_FLOW : 0;
    flags |= e->fio2 != VG_NO_VALUE ? HAS_FIO2 : 0;
    flags |= vg_is_set(e->until) ? HAS_UNTIL : 0;
    flags |= e->by[0] != '\0' ? HAS_BY : 0;
    flags |= e->product[0] != '\0' ? HAS_PRODUCT : 0;
    flags |= e->dose_id[0] != '\0' ? HAS_DOSE : 0;
    return flags;
}

static void pack_text_if(struct vg_pack *pack, const char *text)
{
    if (text[0] != '\0') {
        vg_pack_string(pack, text);
    }
}

static void pack_entry(struct vg_pack *pack, const struct vg_entry *e,
                       struct vg_instant measured)
{
    unsigned flags = entry_flags(e, measured);
    vg_pack_byte(pack, vg_word_number(VG_WORD_SIGNAL, e->signal));
    vg_pack_varint(pack, flags);
    vg_pack_string(pack, e->value);
    pack_if(pack, (flags & HAS_AT) != 0, span_between(e->at, measured));
    pack_if(pack, (flags & HAS_DURATION) != 0, e->duration_s);
    pack_if(pack, (flags & HAS_FLOW) != 0, e->flow);
    pack_if(pack, (flags & HAS_FIO2) != 0, e->fio2);
    pack_if(pack, (flags & HAS_UNTIL) != 0, e->until.ms);
    pack_text_if(pack, e->by);
    pack_text_if(pack, e->product);
    pack_text_if(pack, e->dose_id);
}

void vg_obs_pack(struct vg_pack *pack, const struct vg_message *message)
{
    vg_pack_byte(pack,
                 message->failed_count > 0 ? VG_OBS_LAYOUT_FAILED : VG_OBS_LAYOUT);
    vg_pack_varint(pack, message->reading_count);
    for (size_t i = 0; i < message->reading_count; i++) {
        pack_reading(pack, &message->readings[i], message->measured);
    }
    vg_pack_varint(pack, message->entry_count);
    for (size_t i = 0; i < message->entry_count; i++) {
        pack_entry(pack, &message->entries[i], message->measured);
    }
    if (message->failed_count > 0) {
        vg_pack_varint(pack, message->failed_count);
    }
    for (size_t i = 0; i < message->failed_count; i++) {
        vg_pack_signed(pack, span_between(message->failed[i], message->measured));
    }
}

static int64_t unpack_if(struct vg_unpack *unpack, bool present, int64_t absent)
{
    return present ? vg_unpack_signed(unpack) : absent;
}

/* Numbers wrap as well. */
static int64_t number_of(const struct vg_obs_parts *parts)
{
    const uint64_t number = (uint64_t)vg_unpack_signed(parts->number);
    const uint64_t base =
        parts->base == NULL ? 0 : (uint64_t)vg_unpack_signed(parts->base);

    return (int64_t)(number + base);
}

static int64_t number_if(const struct vg_obs_parts *parts, bool present, int64_t absent)
{
    return present ? number_of(parts) : absent;
}

static void read_rest(const struct vg_obs_parts *parts, uint64_t flags,
                      struct vg_instant measured, struct vg_reading *out)
{
    struct vg_unpack *u = parts->look;

    out->measured = moved(measured, number_if(parts, (flags & VG_OBS_TIME) != 0, 0));
    const unsigned how = (flags & VG_OBS_METHOD) != 0 ? vg_unpack_byte(u) : 0;
    out->method = (enum vg_method)value_of(u, VG_WORD_METHOD, how & 15);
    out->quality = (enum vg_quality)value_of(u, VG_WORD_QUALITY, how >> 4);
    out->value = number_if(parts, (flags & VG_OBS_VALUE) != 0, out->value);
    out->pi = (int32_t)number_if(parts, (flags & VG_OBS_PI) != 0, -1);
    out->uln = number_if(parts, (flags & VG_OBS_ULN) != 0, VG_NO_VALUE);
    out->lln = number_if(parts, (flags & VG_OBS_LLN) != 0, VG_NO_VALUE);
    out->ice_items = (uint32_t)number_if(parts, (flags & VG_OBS_ICE) != 0, 0);
    out->suspect = (flags & VG_OBS_IS_SUSPECT) != 0;
    out->out_of_range = (flags & VG_OBS_IS_OUT_OF_RANGE) != 0;
    out->unarousable = (flags & VG_OBS_IS_UNAROUSABLE) != 0;
}

void vg_obs_reading(const struct vg_obs_parts *parts, struct vg_instant measured,
                    struct vg_reading *out)
{
    struct vg_unpack *u = parts->look;

    memset(out, 0, sizeof *out);
    out->signal = (enum vg_signal)value_of(u, VG_WORD_SIGNAL, vg_unpack_byte(u));
    const uint64_t flags = vg_unpack_varint(u);
    const unsigned packed = vg_unpack_byte(u);
    out->raw.exponent = (uint8_t)(packed & 31);
    out->source = (enum vg_source)value_of(u, VG_WORD_SOURCE, packed >> 5);
    out->unit = (enum vg_unit)value_of(u, VG_WORD_UNIT, vg_unpack_byte(u));
    out->raw.mantissa = number_of(parts);
    out->value = vg_obs_plain_value(out->signal, out->raw);
    out->measured = measured;
    out->pi = -1;
    out->uln = VG_NO_VALUE;
    out->lln = VG_NO_VALUE;
    if (flags != 0) {
        read_rest(parts, flags, measured, out);
    }
    u->failed = u->failed || out->signal >= VG_MEASURED_COUNT || out->raw.exponent > 18;
}

static void unpack_text_if(struct vg_unpack *unpack, bool present, char *out,
                           size_t capacity)
{
    if (present) {
        vg_unpack_string(unpack, out, capacity);
    }
}

static void unpack_entry(struct vg_unpack *u, struct vg_instant measured,
                         struct vg_entry *out)
{
    memset(out, 0, sizeof(*out));
    out->signal = (enum vg_signal)value_of(u, VG_WORD_SIGNAL, vg_unpack_byte(u));
    uint64_t flags = vg_unpack_varint(u);
    vg_unpack_string(u, out->value, sizeof(out->value));
    out->on = (flags & IS_ON) != 0;
    out->no_return = (flags & IS_NO_RETURN) != 0;
    out->haemorrhage = (flags & IS_HAEMORRHAGE) != 0;
    out->at = moved(measured, unpack_if(u, (flags & HAS_AT) != 0, 0));
    out->duration_s = (int32_t)unpack_if(u, (flags & HAS_DURATION) != 0, -1);
    out->flow = unpack_if(u, (flags & HAS_FLOW) != 0, VG_NO_VALUE);
    out->fio2 = unpack_if(u, (flags & HAS_FIO2) != 0, VG_NO_VALUE);
    out->until.ms = unpack_if(u, (flags & HAS_UNTIL) != 0, VG_UNSET.ms);
    unpack_text_if(u, (flags & HAS_BY) != 0, out->by, sizeof(out->by));
    unpack_text_if(u, (flags & HAS_PRODUCT) != 0, out->product, sizeof(out->product));
    unpack_text_if(u, (flags & HAS_DOSE) != 0, out->dose_id, sizeof(out->dose_id));
}

static size_t unpack_count(struct vg_unpack *unpack, size_t most)
{
    uint64_t count = vg_unpack_varint(unpack);
    if (count > most) {
        unpack->failed = true;
        return 0;
    }
    return (size_t)count;
}

static void unpack_failed(struct vg_unpack *u, struct vg_instant measured,
                          struct vg_obs *out)
{
    const size_t count = unpack_count(u, VG_FAILED_CYCLES);

    u->failed = u->failed || count == 0;
    for (size_t i = 0; i < count; i++) {
        out->failed[i] = moved(measured, vg_unpack_signed(u));
    }
    out->failed_count = u->failed ? 0 : count;
}

void vg_obs_into(struct vg_obs *obs, struct vg_message *out)
{
    out->readings = obs->readings;
    out->reading_count = obs->reading_count;
    out->entries = obs->entries;
    out->entry_count = obs->entry_count;
    out->failed_count = obs->failed_count;
    memcpy(out->failed, obs->failed, sizeof out->failed);
}

enum vg_status vg_obs_unpack(const void *bytes, size_t length,
                             struct vg_instant measured, struct vg_obs *out)
{
    struct vg_unpack unpack = {bytes, (const uint8_t *)bytes + length, false};
    out->entry_count = 0;
    out->reading_count = 0;
    out->failed_count = 0;
    const unsigned layout = vg_unpack_byte(&unpack);
    if (layout != VG_OBS_LAYOUT && layout != VG_OBS_LAYOUT_FAILED) {
        return VG_REFUSED;
    }
    size_t readings = unpack_count(&unpack, VG_MESSAGE_ITEMS);
    const struct vg_obs_parts parts = {&unpack, &unpack, NULL};
    for (size_t i = 0; i < readings && !unpack.failed; i++) {
        vg_obs_reading(&parts, measured, &out->readings[i]);
    }
    size_t entries = unpack_count(&unpack, VG_MESSAGE_ITEMS);
    for (size_t i = 0; i < entries && !unpack.failed; i++) {
        unpack_entry(&unpack, measured, &out->entries[i]);
    }
    if (layout == VG_OBS_LAYOUT_FAILED) {
        unpack_failed(&unpack, measured, out);
    }
    if (unpack.failed || unpack.at != unpack.end) {
        return VG_REFUSED;
    }
    out->reading_count = readings;
    out->entry_count = entries;
    return VG_OK;
}
