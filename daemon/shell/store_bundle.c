/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling a bundle. See store_bundle.h.
 */
#include "shell/store_bundle.h"

#include <string.h>

/* Of a message but for its readings: nine numbers at most, a length, a byte, the hash. */
#define MESSAGE_MOST 120
#define HEAD         8

static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

void vg_bundle_clear(struct vg_bundle *bundle)
{
    bundle->count = 0;
    bundle->shapes = 0;
    bundle->latest = 0;
    bundle->looks_sum = 0;
    bundle->messages_sum = 0;
    struct vg_pack *const packs[] = {&bundle->head, &bundle->looks, &bundle->messages};
    for (size_t i = 0; i < 3; i++) {
        packs[i]->length = 0;
        packs[i]->failed = false;
    }
}

void vg_bundle_finish(struct vg_bundle *bundle)
{
    vg_bundle_clear(bundle);
    vg_pack_finish(&bundle->head);
    vg_pack_finish(&bundle->looks);
    vg_pack_finish(&bundle->messages);
}

/* ---- Taking readings apart */

static void look(struct vg_bundle_shape *shape, unsigned byte)
{
    shape->looks[shape->length++] = (uint8_t)byte;
}

static void numbers(struct vg_bundle_shape *shape, struct vg_unpack *u, uint64_t flags)
{
    static const unsigned behind[] = {VG_OBS_VALUE, VG_OBS_PI, VG_OBS_ULN, VG_OBS_LLN,
                                      VG_OBS_ICE};

    shape->number[shape->numbers++] = vg_unpack_signed(u);
    if (flags == 0) {
        return;
    }
    if ((flags & VG_OBS_TIME) != 0) {
        shape->number[shape->numbers++] = vg_unpack_signed(u);
    }
    if ((flags & VG_OBS_METHOD) != 0) {
        look(shape, vg_unpack_byte(u));
    }
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        if ((flags & behind[i]) != 0) {
            shape->number[shape->numbers++] = vg_unpack_signed(u);
        }
    }
}

/* False: not for bundles. */
static bool take_apart(struct vg_slice obs, struct vg_bundle_shape *out)
{
    const uint8_t *bytes = (const uint8_t *)obs.text;
    struct vg_unpack u = {bytes, bytes + obs.length, false};
    const unsigned layout = vg_unpack_byte(&u);

    out->length = 0;
    out->numbers = 0;
    out->readings = (size_t)vg_unpack_varint(&u);
    if (layout != VG_OBS_LAYOUT || out->readings > VG_BUNDLE_READINGS) {
        return false;
    }
    for (size_t i = 0; i < out->readings; i++) {
        if (out->length + 6 > VG_BUNDLE_LOOKS || out->numbers + 7 > VG_BUNDLE_NUMBERS) {
            return false;
        }
        look(out, vg_unpack_byte(&u));
        const uint64_t flags = vg_unpack_varint(&u);
        if (flags >= (uint64_t)VG_OBS_ICE * 2) {
            return false; /* not known here */
        }
        look(out, flags < 0x80 ? (unsigned)flags : (unsigned)(flags & 0x7f) | 0x80);
        if (flags >= 0x80) {
            look(out, (unsigned)(flags >> 7));
        }
        look(out, vg_unpack_byte(&u));
        look(out, vg_unpack_byte(&u));
        numbers(out, &u, flags);
    }
    return vg_unpack_varint(&u) == 0 && !u.failed && u.at == u.end;
}

/* ---- Shapes */

static bool alike(const struct vg_bundle_shape *a, const struct vg_bundle_shape *b)
{
    return a->readings == b->readings && a->length == b->length &&
           memcmp(a->looks, b->looks, a->length) == 0;
}

/* The shape that looks like `next`; `shapes`: there is none. */
static size_t shape_of(const struct vg_bundle *bundle)
{
    if (bundle->latest < bundle->shapes &&
        alike(&bundle->shape[bundle->latest], &bundle->next)) {
        return bundle->latest;
    }
    size_t i = 0;
    while (i < bundle->shapes && !alike(&bundle->shape[i], &bundle->next)) {
        i++;
    }
    return i;
}

static size_t length_of(const struct vg_bundle *bundle)
{
    return HEAD + bundle->head.length + bundle->looks.length + bundle->messages.length;
}

/* Whether its length, which is known later, is all that can be too much. */
static bool has_room(const struct vg_bundle *bundle, size_t shape)
{
    return bundle->count < UINT16_MAX &&
           (shape < bundle->shapes || shape < VG_BUNDLE_SHAPES);
}

static void add_shape(struct vg_bundle *bundle)
{
    const struct vg_bundle_shape *next = &bundle->next;

    vg_pack_varint(&bundle->looks, next->readings);
    vg_pack_bytes(&bundle->looks, next->looks, next->length);
    for (size_t i = 0; i < next->numbers; i++) {
        vg_pack_signed(&bundle->looks, next->number[i]);
    }
    bundle->shape[bundle->shapes++] = *next;
}

/* ---- Messages */

static void add_base(struct vg_bundle *bundle, const struct vg_bundle_message *m)
{
    const int64_t numbers_of[] = {m->received,
                                  minus(m->measured, m->received),
                                  m->place,
                                  minus(m->subject, m->place),
                                  m->epoch,
                                  m->seq,
                                  minus(m->id, m->previous)};

    bundle->base = *m;
    for (size_t i = 0; i < sizeof numbers_of / sizeof *numbers_of; i++) {
        vg_pack_signed(&bundle->head, numbers_of[i]);
    }
}

/* In bytes; see the layout. */
static unsigned hash_length(int64_t seq)
{
    return seq != 0 ? 4 : 8;
}

/* What stands before the hash, behind the byte of the shape. */
static uint8_t *put_numbers(const struct vg_bundle *bundle,
                            const struct vg_bundle_message *m, uint8_t *at)
{
    const struct vg_bundle_message *base = &bundle->base;
    uint8_t *const mark = at - 1;
    const int64_t subject =
        minus(minus(m->subject, m->place), minus(base->subject, base->place));
    const int64_t stride =
        minus(minus(m->id, m->previous), minus(base->id, base->previous));

    at = vg_put_signed(at, minus(m->received, base->received));
    at = vg_put_signed(at, minus(minus(m->measured, m->received),
                                 minus(base->measured, base->received)));
    at = vg_put_signed(at, minus(m->place, base->place));
    at = vg_put_signed(at, minus(m->seq, base->seq));
    if (subject == 0) {
        *mark |= VG_BUNDLE_SAME_SUBJECT;
    } else {
        at = vg_put_signed(at, subject);
    }
    if (m->epoch == base->epoch) {
        *mark |= VG_BUNDLE_SAME_EPOCH;
    } else {
        at = vg_put_signed(at, minus(m->epoch, base->epoch));
    }
    if (stride == 0) {
        *mark |= VG_BUNDLE_SAME_STRIDE;
        return at;
    }
    return vg_put_signed(at, stride);
}

/* The bytes of a message behind its length. */
static size_t write_message(const struct vg_bundle *bundle, size_t shape,
                            const struct vg_bundle_message *m, uint8_t *bytes)
{
    const struct vg_bundle_shape *of = &bundle->shape[shape];
    uint8_t *at = bytes;

    *at++ = (uint8_t)shape;
    at = put_numbers(bundle, m, at);
    for (unsigned i = 0; i < hash_length(m->seq); i++) {
        *at++ = (uint8_t)(m->hash >> (8 * i));
    }
    for (size_t i = 0; i < of->numbers; i++) {
        at = vg_put_signed(at, minus(bundle->next.number[i], of->number[i]));
    }
    return (size_t)(at - bytes);
}

/* Of what was added behind these lengths. */
static void add_sums(struct vg_bundle *bundle, size_t looks, size_t messages)
{
    if (bundle->looks.length > looks) {
        bundle->looks_sum = vg_hash(bundle->looks_sum, bundle->looks.bytes + looks,
                                    bundle->looks.length - looks);
    }
    bundle->messages_sum =
        vg_hash(bundle->messages_sum, bundle->messages.bytes + messages,
                bundle->messages.length - messages);
}

enum vg_status vg_bundle_add(struct vg_bundle *bundle,
                             const struct vg_bundle_message *message,
                             struct vg_slice obs)
{
    uint8_t bytes[MESSAGE_MOST + 10 * VG_BUNDLE_NUMBERS];

    if (!take_apart(obs, &bundle->next) ||
        (message->seq != 0 && message->hash > UINT32_MAX)) {
        return VG_REFUSED;
    }
    const size_t shape = shape_of(bundle);
    if (!has_room(bundle, shape)) {
        return VG_FULL;
    }
    if (bundle->count == 0) {
        add_base(bundle, message);
    }
    const size_t looks = bundle->looks.length;
    const size_t before = bundle->shapes;
    const size_t messages = bundle->messages.length;
    if (shape == bundle->shapes) {
        add_shape(bundle);
    }
    const size_t length = write_message(bundle, shape, message, bytes);
    vg_pack_varint(&bundle->messages, length);
    vg_pack_bytes(&bundle->messages, bytes, length);
    const bool failed =
        bundle->messages.failed || bundle->looks.failed || bundle->head.failed;
    if (failed || (bundle->count > 0 && length_of(bundle) > VG_BUNDLE_BYTES)) {
        bundle->looks.length = looks;
        bundle->shapes = before;
        bundle->messages.length = messages;
        return failed ? VG_NO_MEMORY : VG_FULL;
    }
    add_sums(bundle, looks, messages);
    bundle->latest = shape;
    bundle->count++;
    return VG_OK;
}

static void append(struct vg_pack *out, const struct vg_pack *part)
{
    vg_pack_bytes(out, part->bytes, part->length);
}

enum vg_status vg_bundle_pack(const struct vg_bundle *bundle, struct vg_pack *out)
{
    out->length = 0;
    out->failed = false;
    vg_pack_byte(out, VG_BUNDLE_LAYOUT);
    vg_pack_byte(out, (unsigned)bundle->shapes);
    vg_pack_byte(out, (unsigned)bundle->count & 0xff);
    vg_pack_byte(out, (unsigned)bundle->count >> 8);
    append(out, &bundle->head);
    if (out->failed) {
        return VG_NO_MEMORY;
    }
    const uint64_t sum =
        vg_hash(bundle->looks_sum + bundle->messages_sum, out->bytes, out->length);
    out->length = 4;
    for (unsigned i = 0; i < 4; i++) {
        vg_pack_byte(out, (unsigned)(sum >> (8 * i)) & 0xff);
    }
    append(out, &bundle->head);
    append(out, &bundle->looks);
    append(out, &bundle->messages);
    return out->failed ? VG_NO_MEMORY : VG_OK;
}
