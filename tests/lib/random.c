/* SPDX-License-Identifier: Apache-2.0
 *
 * Random readings.
 */
#include "lib/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct random_source random_seeded(void)
{
    const char *text = getenv("VIGIL_SEED");
    struct timespec now;

    timespec_get(&now, TIME_UTC);
    const uint64_t seed = text != NULL ? strtoull(text, NULL, 10)
                                       : (uint64_t)now.tv_sec ^ (uint64_t)now.tv_nsec;
    printf("  seed %" PRIu64 "\n", seed);
    return (struct random_source){seed * 2 + 1};
}

uint64_t random_next(struct random_source *source)
{
    uint64_t x = source->state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static unsigned below(struct random_source *source, unsigned limit)
{
    return (unsigned)(random_next(source) % limit);
}

int64_t random_step(struct random_source *source)
{
    const unsigned luck = below(source, 100);

    if (luck < 90) {
        return 1000;
    }
    return luck < 98 ? (int64_t)below(source, 2000) : (int64_t)below(source, 3600000);
}

/* A decimal in normal form. */
static struct vg_decimal decimal(struct random_source *source, unsigned digits)
{
    const unsigned exponent = below(source, digits < 19 ? digits : 19);
    int64_t mantissa = (int64_t)(random_next(source) >> (8 + below(source, 50)));

    struct vg_decimal d = {below(source, 8) == 0 ? -mantissa : mantissa,
                           (uint8_t)exponent};
    while (d.exponent > 0 && d.mantissa % 10 == 0) {
        d.mantissa /= 10;
        d.exponent--;
    }
    return d;
}

static void judge(struct vg_reading *r)
{
    if (vg_signal_convert(r->signal, r->raw, r->unit, &r->value) != VG_OK) {
        r->value = VG_NO_VALUE;
        r->out_of_range = true;
    }
}

/* As a monitor sends them. */
static void plain(struct random_source *source, enum vg_signal signal,
                  struct vg_reading *r)
{
    const struct vg_signal_info *info = vg_signal_info(signal);
    const int64_t high = info->hard_high == VG_NO_HIGH ? 1000 : info->hard_high;
    const int64_t low = info->hard_low == VG_NO_LOW ? 0 : info->hard_low;

    r->signal = signal;
    r->unit = info->unit;
    r->raw = vg_decimal_of((low + high) / 2 + (int64_t)below(source, 9),
                           info->places > 2 ? 2 : info->places);
    judge(r);
}

/* As nobody sends them, but could. */
static void wild(struct random_source *source, struct vg_reading *r)
{
    r->signal = (enum vg_signal)below(source, VG_MEASURED_COUNT);
    r->unit = (enum vg_unit)below(source, VG_UNIT_COUNT);
    r->raw = decimal(source, 1 + below(source, 19));
    r->source = (enum vg_source)below(source, VG_SOURCE_COUNT);
    r->method = (enum vg_method)below(source, VG_METHOD_COUNT);
    r->quality = (enum vg_quality)below(source, VG_QUALITY_COUNT);
    r->measured.ms += (int64_t)below(source, 200000) - 100000;
    r->suspect = below(source, 2) == 0;
    r->out_of_range = below(source, 4) == 0;
    r->unarousable = below(source, 9) == 0;
    judge(r);
    if (below(source, 3) == 0) {
        r->value = (int64_t)random_next(source);
    }
    r->pi = below(source, 2) == 0 ? (int32_t)below(source, 5000) : -1;
    r->uln = below(source, 2) == 0 ? (int64_t)random_next(source) : VG_NO_VALUE;
    r->lln = below(source, 2) == 0 ? (int64_t)below(source, 500) : VG_NO_VALUE;
    r->ice_items = below(source, 2) == 0 ? (uint32_t)random_next(source) : 0;
}

static void entry(struct random_source *source, struct vg_instant measured,
                  struct vg_entry *e)
{
    memset(e, 0, sizeof *e);
    e->signal = VG_O2_DEVICE;
    e->at.ms = measured.ms - (int64_t)below(source, 3) * 500;
    e->on = below(source, 2) == 0;
    e->duration_s = below(source, 2) == 0 ? (int32_t)below(source, 100) : -1;
    e->flow = below(source, 2) == 0 ? (int64_t)below(source, 600) : VG_NO_VALUE;
    e->fio2 = VG_NO_VALUE;
    e->until = VG_UNSET;
    strcpy(e->value, below(source, 2) == 0 ? "hfnc" : "nasal_cannula");
    strcpy(e->by, below(source, 4) == 0 ? "nurse:li" : "");
}

void random_obs(struct random_source *source, struct vg_instant measured,
                struct vg_obs *out)
{
    static const enum vg_signal vitals[] = {VG_TEMP, VG_HR,  VG_RR, VG_SPO2,
                                            VG_SBP,  VG_DBP, VG_MAP};
    const size_t usual = below(source, 20) == 0 ? below(source, 8) : 7;

    out->reading_count = 0;
    out->entry_count = 0;
    out->failed_count = 0;
    const size_t odd = below(source, 10) == 0 ? below(source, 20) : 0;
    for (size_t i = 0; i < usual + odd; i++) {
        struct vg_reading *r = &out->readings[out->reading_count++];
        *r = (struct vg_reading){
            .measured = measured, .pi = -1, .uln = VG_NO_VALUE, .lln = VG_NO_VALUE};
        if (i < usual) {
            plain(source, vitals[i], r);
        } else {
            wild(source, r);
        }
    }
    if (below(source, 12) == 0) {
        entry(source, measured, &out->entries[out->entry_count++]);
    }
    for (size_t more = below(source, 20); more > 16; more--) {
        out->failed[out->failed_count++] =
            vg_after(measured, -(vg_ms)below(source, 2) * 500);
    }
}
