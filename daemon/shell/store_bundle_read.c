/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a bundle. See store_bundle.h.
 */
#include <string.h>

#include "shell/store_bundle.h"

static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* How many numbers a reading's flags speak of. */
static size_t numbers_of(uint64_t flags)
{
    const unsigned with =
        VG_OBS_TIME | VG_OBS_VALUE | VG_OBS_PI | VG_OBS_ULN | VG_OBS_LLN | VG_OBS_ICE;

    return flags == 0 ? 1 : 1 + (size_t)__builtin_popcountll(flags & with);
}

static void skip(struct vg_unpack *u, size_t length)
{
    if ((size_t)(u->end - u->at) < length) {
        u->failed = true;
        return;
    }
    u->at += length;
}

/* Passes over a shape, which then stands in `view`. */
static void open_shape(struct vg_bundle_view *view, size_t i, struct vg_unpack *u)
{
    size_t numbers = 0;

    view->shape[i].begin = u->at;
    view->shape[i].readings = (size_t)vg_unpack_varint(u);
    u->failed = u->failed || view->shape[i].readings > VG_BUNDLE_READINGS;
    view->shape[i].looks = *u;
    for (size_t n = 0; n < view->shape[i].readings && !u->failed; n++) {
        (void)vg_unpack_byte(u);
        const uint64_t flags = vg_unpack_varint(u);
        skip(u, (flags & VG_OBS_METHOD) != 0 ? 3 : 2);
        numbers += numbers_of(flags);
    }
    view->shape[i].numbers = numbers;
    view->shape[i].number = *u;
    for (size_t n = 0; n < numbers && !u->failed; n++) {
        (void)vg_unpack_signed(u);
    }
}

static void open_base(struct vg_bundle_message *base, int64_t id, struct vg_unpack *u)
{
    base->id = id;
    base->received = vg_unpack_signed(u);
    base->measured = plus(base->received, vg_unpack_signed(u));
    base->place = vg_unpack_signed(u);
    base->subject = plus(base->place, vg_unpack_signed(u));
    base->epoch = vg_unpack_signed(u);
    base->seq = vg_unpack_signed(u);
    base->previous = minus(id, vg_unpack_signed(u));
}

enum vg_status vg_bundle_open(struct vg_bundle_view *view, int64_t id,
                              struct vg_slice bytes)
{
    const uint8_t *begin = (const uint8_t *)bytes.text;
    struct vg_unpack u = {begin, begin + bytes.length, false};
    const unsigned layout = vg_unpack_byte(&u);

    view->shapes = vg_unpack_byte(&u);
    view->count = vg_unpack_byte(&u);
    view->count += (size_t)vg_unpack_byte(&u) << 8;
    skip(&u, 4);
    view->at = 0;
    view->bytes = begin;
    view->numbers = u.at;
    view->wide = layout == 1;
    if (layout < 1 || layout > VG_BUNDLE_LAYOUT || view->shapes > VG_BUNDLE_SHAPES ||
        view->count == 0) {
        return VG_REFUSED;
    }
    open_base(&view->base, id, &u);
    view->looks = u.at;
    for (size_t i = 0; i < view->shapes && !u.failed; i++) {
        open_shape(view, i, &u);
    }
    view->messages = u;
    view->left = u;
    return u.failed ? VG_REFUSED : VG_OK;
}

void vg_bundle_seek(struct vg_bundle_view *view, size_t at)
{
    if (at < view->at) {
        view->at = 0;
        view->left = view->messages;
    }
    const uint8_t *next = view->left.at;
    const uint8_t *end = view->left.end;
    size_t left = at - view->at;
    /* mostly short ones: this is what a question waits for */
    while (left > 0 && next < end && *next < 0x80 && end - next > *next) {
        next += 1 + *next;
        left--;
    }
    view->left.at = next;
    for (; left > 0 && !view->left.failed; left--) {
        skip(&view->left, (size_t)vg_unpack_varint(&view->left));
    }
    view->at = at;
}

static void read_numbers(const struct vg_bundle_view *view, struct vg_unpack *u,
                         unsigned mark, struct vg_bundle_message *m)
{
    const struct vg_bundle_message *base = &view->base;
    int64_t offset = minus(base->subject, base->place);
    int64_t stride = minus(base->id, base->previous);

    m->received = plus(base->received, vg_unpack_signed(u));
    m->measured = plus(
        m->received, plus(minus(base->measured, base->received), vg_unpack_signed(u)));
    m->place = plus(base->place, vg_unpack_signed(u));
    m->seq = plus(base->seq, vg_unpack_signed(u));
    if ((mark & VG_BUNDLE_SAME_SUBJECT) == 0) {
        offset = plus(offset, vg_unpack_signed(u));
    }
    m->subject = plus(m->place, offset);
    m->epoch = base->epoch;
    if ((mark & VG_BUNDLE_SAME_EPOCH) == 0) {
        m->epoch = plus(base->epoch, vg_unpack_signed(u));
    }
    if ((mark & VG_BUNDLE_SAME_STRIDE) == 0) {
        stride = plus(stride, vg_unpack_signed(u));
    }
    m->previous = minus(m->id, stride);
}

bool vg_bundle_next(struct vg_bundle_view *view, struct vg_bundle_found *out)
{
    if (view->at >= view->count || view->left.failed) {
        return false;
    }
    const size_t length = (size_t)vg_unpack_varint(&view->left);
    struct vg_unpack u = view->left;
    skip(&view->left, length);
    u.end = view->left.at;
    const unsigned mark = vg_unpack_byte(&u);
    out->shape = mark & 31;
    out->message.id = plus(view->base.id, (int64_t)view->at);
    read_numbers(view, &u, mark, &out->message);
    out->message.hash = 0;
    const uint8_t *hash = u.at;
    const unsigned length_of_hash = view->wide || out->message.seq == 0 ? 8 : 4;
    skip(&u, length_of_hash);
    if (view->left.failed || u.failed || out->shape >= view->shapes) {
        view->left.failed = true;
        return false;
    }
    for (unsigned i = 0; i < length_of_hash; i++) {
        out->message.hash |= (uint64_t)hash[i] << (8 * i);
    }
    out->numbers = u;
    view->at++;
    return true;
}

bool vg_bundle_checks(const struct vg_bundle_view *view)
{
    struct vg_unpack u = view->messages;
    uint8_t head[4 + 7 * 10];
    const size_t numbers = (size_t)(view->looks - view->numbers);
    uint64_t looks = 0;
    uint64_t messages = 0;

    for (size_t i = 0; i < view->shapes; i++) {
        const uint8_t *end =
            i + 1 < view->shapes ? view->shape[i + 1].begin : view->messages.at;
        looks =
            vg_hash(looks, view->shape[i].begin, (size_t)(end - view->shape[i].begin));
    }
    for (size_t i = 0; i < view->count && !u.failed; i++) {
        const uint8_t *begin = u.at;
        skip(&u, (size_t)vg_unpack_varint(&u));
        messages = vg_hash(messages, begin, (size_t)(u.at - begin));
    }
    memcpy(head, view->bytes, 4);
    memcpy(head + 4, view->numbers, numbers);
    const uint64_t sum = vg_hash(looks + messages, head, 4 + numbers);
    const uint8_t *said = view->bytes + 4;
    const uint32_t check = said[0] | (uint32_t)said[1] << 8 | (uint32_t)said[2] << 16 |
                           (uint32_t)said[3] << 24;
    return !u.failed && u.at == u.end && (uint32_t)sum == check;
}

bool vg_bundle_sound(int64_t id, int64_t last, struct vg_slice bytes)
{
    struct vg_bundle_view view;
    struct vg_bundle_found found;

    if (vg_bundle_open(&view, id, bytes) != VG_OK ||
        last - id != (int64_t)view.count - 1 || !vg_bundle_checks(&view)) {
        return false;
    }
    while (vg_bundle_next(&view, &found)) {
        for (size_t i = 0; i < view.shape[found.shape].numbers; i++) {
            (void)vg_unpack_signed(&found.numbers);
        }
        if (found.numbers.failed || found.numbers.at != found.numbers.end) {
            return false;
        }
    }
    return !view.left.failed && view.left.at == view.left.end;
}

/* ---- Its readings */

static uint8_t *put_number(uint8_t *at, struct vg_unpack *number,
                           struct vg_unpack *base)
{
    return vg_put_signed(at, plus(vg_unpack_signed(number), vg_unpack_signed(base)));
}

/* Copies what its flags speak of. */
static uint8_t *put_rest(uint8_t *at, uint64_t flags, struct vg_unpack *look,
                         struct vg_unpack *number, struct vg_unpack *base)
{
    static const unsigned behind[] = {VG_OBS_VALUE, VG_OBS_PI, VG_OBS_ULN, VG_OBS_LLN,
                                      VG_OBS_ICE};

    if ((flags & VG_OBS_TIME) != 0) {
        at = put_number(at, number, base);
    }
    if ((flags & VG_OBS_METHOD) != 0) {
        *at++ = (uint8_t)vg_unpack_byte(look);
    }
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        if ((flags & behind[i]) != 0) {
            at = put_number(at, number, base);
        }
    }
    return at;
}

/* A byte of its signal, two of how it looks, one of method; flags and seven numbers. */
#define READING_MOST (4 + 8 * VG_VARINT_MOST)

static void put_reading(struct vg_unpack *look, struct vg_unpack *number,
                        struct vg_unpack *base, struct vg_pack *out)
{
    uint8_t *at = vg_pack_room(out, READING_MOST);

    if (at == NULL) {
        return;
    }
    *at++ = (uint8_t)vg_unpack_byte(look);
    const uint64_t flags = vg_unpack_varint(look);
    at = vg_put_varint(at, flags);
    *at++ = (uint8_t)vg_unpack_byte(look);
    *at++ = (uint8_t)vg_unpack_byte(look);
    at = put_number(at, number, base);
    vg_pack_upto(out, flags == 0 ? at : put_rest(at, flags, look, number, base));
}

enum vg_status vg_bundle_obs(const struct vg_bundle_view *view,
                             const struct vg_bundle_found *found, struct vg_pack *out)
{
    struct vg_unpack look = view->shape[found->shape].looks;
    struct vg_unpack base = view->shape[found->shape].number;
    struct vg_unpack number = found->numbers;

    out->length = 0;
    out->failed = false;
    vg_pack_byte(out, VG_OBS_LAYOUT);
    vg_pack_varint(out, view->shape[found->shape].readings);
    for (size_t i = 0; i < view->shape[found->shape].readings; i++) {
        put_reading(&look, &number, &base, out);
    }
    vg_pack_varint(out, 0);
    if (out->failed) {
        return VG_NO_MEMORY;
    }
    return number.failed || number.at != number.end ? VG_REFUSED : VG_OK;
}

enum vg_status vg_bundle_unpack(const struct vg_bundle_view *view,
                                const struct vg_bundle_found *found, struct vg_obs *out)
{
    struct vg_unpack look = view->shape[found->shape].looks;
    struct vg_unpack base = view->shape[found->shape].number;
    struct vg_unpack number = found->numbers;
    const struct vg_obs_parts parts = {&look, &number, &base};
    const struct vg_instant measured = {found->message.measured};
    const size_t readings = view->shape[found->shape].readings;

    out->reading_count = 0;
    out->entry_count = 0;
    out->failed_count = 0;
    for (size_t i = 0; i < readings && !look.failed; i++) {
        vg_obs_reading(&parts, measured, &out->readings[i]);
    }
    if (look.failed || number.failed || number.at != number.end) {
        return VG_REFUSED;
    }
    out->reading_count = readings;
    return VG_OK;
}
