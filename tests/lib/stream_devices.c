/* SPDX-License-Identifier: Apache-2.0
 *
 * What monitors, patches, lines and cuffs send. See stream.h.
 */
#include <stdio.h>
#include <string.h>

#include "lib/stream_maker.h"

unsigned maker_random(struct maker *m, unsigned below)
{
    return stream_random(&m->s, below);
}

bool maker_one_in(struct maker *m, unsigned n)
{
    return maker_random(m, n) == 0;
}

int64_t maker_about(struct maker *m, int64_t middle, unsigned spread)
{
    return middle - (int64_t)spread + (int64_t)maker_random(m, 2 * spread + 1);
}

void maker_place(const struct maker *m, char *ward, char *bed)
{
    (void)vg_copy(ward, VG_ID_LEN + 1, STREAM_WARD);
    (void)snprintf(bed, VG_ID_LEN + 1, "%u", m->patient + (m->moved ? 20 : 10));
}

void maker_begin(struct maker *m, enum vg_kind kind, int64_t measured,
                 const char *device)
{
    memset(&m->now, 0, sizeof m->now);
    m->now.patient = m->patient;
    m->now.message.kind = kind;
    m->now.message.measured.ms = STREAM_START + measured;
    maker_place(m, m->now.message.ward, m->now.message.bed);
    (void)vg_copy(m->now.message.device, sizeof m->now.message.device, device);
}

struct vg_reading *maker_put(struct maker *m, enum vg_signal signal, int64_t value,
                             enum vg_source source, enum vg_method method)
{
    const struct vg_signal_info *info = vg_signal_info(signal);
    struct vg_reading *reading =
        &m->now.readings[m->now.message.reading_count++ % STREAM_READINGS];

    *reading = (struct vg_reading){
        .signal = signal,
        .source = source,
        .method = method,
        .measured = m->now.message.measured,
        .value = value,
        .raw = vg_decimal_of(value, info->places),
        .unit = info->unit,
        .pi = -1,
        .uln = VG_NO_VALUE,
        .lln = VG_NO_VALUE,
        .out_of_range = value < info->hard_low || value > info->hard_high,
        .suspect = value < info->plausible_low || value > info->plausible_high};
    if (maker_one_in(m, 150)) {
        reading->quality = (enum vg_quality)maker_random(m, VG_QUALITY_COUNT);
    }
    return reading;
}

struct vg_entry *maker_chart(struct maker *m, enum vg_signal signal, const char *word)
{
    struct vg_entry *entry =
        &m->now.entries[m->now.message.entry_count++ % STREAM_ENTRIES];

    *entry = (struct vg_entry){.signal = signal,
                               .at = m->now.message.measured,
                               .on = true,
                               .duration_s = -1,
                               .flow = VG_NO_VALUE,
                               .fio2 = VG_NO_VALUE,
                               .until = VG_UNSET};
    (void)vg_copy(entry->value, sizeof entry->value, word);
    return entry;
}

/* It arrives up to two seconds after it was measured. */
void maker_end(struct maker *m)
{
    m->now.at.ms = m->now.message.measured.ms + (int64_t)maker_random(m, 3) * S;
    stream_add(m->out, &m->now);
}

/* ---- Devices */

void maker_monitor(struct maker *m, int64_t at)
{
    const enum vg_source continuous = VG_SOURCE_CONTINUOUS;

    maker_begin(m, VG_KIND_VITALS, at,
                m->two && maker_one_in(m, 3) ? "mon-2" : "mon-1");
    if (!maker_one_in(m, 30)) {
        (void)maker_put(m, VG_HR, maker_about(m, m->mood.hr, 4), continuous,
                        VG_METHOD_NONE);
    }
    if (!maker_one_in(m, 30)) {
        struct vg_reading *spo2 = maker_put(m, VG_SPO2, maker_about(m, m->mood.spo2, 1),
                                            continuous, VG_METHOD_NONE);
        spo2->value = spo2->value > 100 ? 100 : spo2->value;
        spo2->pi = maker_one_in(m, 2) ? (int32_t)maker_random(m, 12) * 10 : -1;
    }
    if (!maker_one_in(m, 10)) {
        (void)maker_put(m, VG_RR, maker_about(m, m->mood.rr, 2), continuous,
                        VG_METHOD_NONE);
    }
    maker_end(m);
}

/* For the hours that begin with an even number some patients have two of a kind, by turns. */
static const char *second(const struct maker *m, const char *one, const char *other)
{
    const vg_ms hour = m->at / (3600 * S);

    return hour % 2 == 0 && m->patient % 2 == 1 && m->at / (60 * S) % 2 == 1 ? other
                                                                             : one;
}

void maker_patch(struct maker *m, int64_t at)
{
    static const enum vg_method methods[] = {VG_METHOD_AXILLARY, VG_METHOD_SKIN,
                                             VG_METHOD_CORE};
    const int64_t value = maker_one_in(m, 90) ? 330 : maker_about(m, m->mood.temp, 2);

    maker_begin(m, VG_KIND_VITALS, at, second(m, "patch", "patch-2"));
    (void)maker_put(m, VG_TEMP, value, VG_SOURCE_CONTINUOUS, methods[m->patient % 3]);
    maker_end(m);
}

void maker_pressures(struct maker *m, enum vg_source source, bool torn)
{
    const int64_t sbp = maker_about(m, m->mood.sbp, 5);
    const int64_t dbp = torn ? sbp - 2 : sbp * 6 / 10;

    (void)maker_put(m, VG_SBP, sbp, source, VG_METHOD_NONE);
    (void)maker_put(m, VG_DBP, dbp, source, VG_METHOD_NONE);
    (void)maker_put(m, VG_MAP, torn ? sbp + 9 : (sbp + 2 * dbp) / 3, source,
                    VG_METHOD_NONE);
}

void maker_cuff(struct maker *m, int64_t at)
{
    maker_begin(m, VG_KIND_VITALS, at, second(m, "cuff", "cuff-2"));
    maker_pressures(m, VG_SOURCE_CUFF, maker_one_in(m, 15));
    maker_end(m);
}

void maker_line(struct maker *m, int64_t at)
{
    maker_begin(m, VG_KIND_VITALS, at, second(m, "line", "line-2"));
    maker_pressures(m, VG_SOURCE_ARTERIAL, maker_one_in(m, 60));
    maker_end(m);
}
