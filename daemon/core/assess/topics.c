/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of topics: which items each wants, which part of the assessment is its own.
 * In the order of enum vg_topic_id: a topic may read what stands above it.
 */
#include <stddef.h>

#include "core/assess/labs.h"
#include "core/assess/sirs.h"
#include "core/course.h"

#define S(signal) VG_SIGNAL_BIT(VG_##signal)
#define PART(member)                                \
    .part = offsetof(struct vg_assessment, member), \
    .size = sizeof(((struct vg_assessment *)NULL)->member)

#define BOTH(first, second)                                  \
    .part = offsetof(struct vg_assessment, first),           \
    .size = offsetof(struct vg_assessment, second) +         \
            sizeof(((struct vg_assessment *)NULL)->second) - \
            offsetof(struct vg_assessment, first)

#define VITALS   (VG_SIGNAL_BIT(VG_PI + 1) - 1)
#define MEASURED (VG_SIGNAL_BIT(VG_MEASURED_COUNT) - 1)
#define CHARTED  (~(VG_SIGNAL_BIT(VG_MEASURED_COUNT) - 1))

const struct vg_topic vg_topics[VG_TOPICS] = {
    [VG_TOPIC_CHART] = {.name = "chart",
                        .signals = CHARTED | S(O2_FLOW) | S(FIO2),
                        PART(gate),
                        .before = vg_chart_before,
                        .step = vg_chart_step,
                        .judge = vg_chart_judge},
    [VG_TOPIC_QUALITY] = {.name = "quality",
                          .signals = VITALS,
                          PART(quality),
                          .judge = vg_quality_judge},
    [VG_TOPIC_BASELINE] = {.name = "baseline",
                           .signals = VITALS | S(INFUSION),
                           .step = vg_baseline_step,
                           .after = vg_baseline_after},
    [VG_TOPIC_FEVER] = {.name = "fever",
                        .signals = S(TEMP),
                        PART(fever),
                        .step = vg_fever_step,
                        .judge = vg_fever_judge},
    [VG_TOPIC_PRESSURE] = {.name = "pressure",
                           .signals = S(SBP) | S(MAP) | S(HR) | S(SPO2) |
                                      S(CONSCIOUSNESS) | S(VASOPRESSOR) | S(FLAG) |
                                      S(INFUSION),
                           PART(pressure),
                           .before = vg_pressure_before,
                           .step = vg_pressure_step,
                           .judge = vg_pressure_judge},
    [VG_TOPIC_OXYGEN] = {.name = "oxygen",
                         .signals =
                             S(SPO2) | S(O2_FLOW) | S(FIO2) | S(O2_DEVICE) | S(FLAG),
                         PART(oxygen),
                         .step = vg_oxygen_step,
                         .judge = vg_oxygen_judge},
    [VG_TOPIC_EXTREME] = {.name = "extreme",
                          .signals = S(HR) | S(RR),
                          PART(extreme),
                          .step = vg_extreme_step,
                          .judge = vg_extreme_judge},
    [VG_TOPIC_REACTION] = {.name = "reaction",
                           .signals =
                               S(SBP) | S(HR) | S(RR) | S(SPO2) | S(SYMPTOM) | S(FLAG),
                           PART(reaction),
                           .before = vg_reaction_before,
                           .step = vg_reaction_step,
                           .after = vg_reaction_after,
                           .judge = vg_reaction_judge},
    [VG_TOPIC_NEWS2] = {.name = "news2",
                        .signals = VITALS | CHARTED | S(O2_FLOW) | S(FIO2),
                        PART(news2),
                        .before = vg_news2_before,
                        .step = vg_news2_step,
                        .after = vg_news2_after,
                        .judge = vg_news2_judge},
    [VG_TOPIC_SIRS] = {.name = "sirs",
                       .signals = S(TEMP) | S(HR) | S(RR) | S(PACO2) | S(WBC) |
                                  S(BANDS) | S(GCS),
                       PART(sirs),
                       .step = vg_sirs_step,
                       .judge = vg_sirs_judge},
    [VG_TOPIC_QSOFA] = {.name = "qsofa",
                        .signals = S(RR) | S(SBP) | S(GCS) | S(CONSCIOUSNESS),
                        PART(qsofa),
                        .judge = vg_qsofa_judge},
    [VG_TOPIC_SHOCK] = {.name = "shock",
                        .signals = S(HR) | S(SBP) | S(LACTATE),
                        PART(shock),
                        .step = vg_shock_step,
                        .judge = vg_shock_judge},
    [VG_TOPIC_ICANS] = {.name = "icans",
                        .signals = S(SBP) | S(HR) | S(RR) | S(ICE) | CHARTED,
                        .alone = true,
                        PART(icans),
                        .step = vg_icans_step,
                        .judge = vg_icans_judge},
    [VG_TOPIC_FN] = {.name = "fn",
                     .signals = S(TEMP) | S(SBP) | S(ANC) | S(MEDICATION) | S(FLAG) |
                                S(INFUSION),
                     PART(fn),
                     .before = vg_fn_before,
                     .step = vg_fn_step,
                     .after = vg_fn_after,
                     .judge = vg_fn_judge},
    [VG_TOPIC_CRS] = {.name = "crs",
                      .signals =
                          S(TEMP) | S(SBP) | S(SPO2) | S(O2_FLOW) | S(FIO2) | CHARTED,
                      PART(crs),
                      .before = vg_crs_before,
                      .step = vg_crs_step,
                      .after = vg_crs_after,
                      .judge = vg_crs_judge},
    [VG_TOPIC_ICAHT] = {.name = "icaht",
                        .signals = S(ANC) | S(PLT) | S(INFUSION) | S(MEDICATION),
                        .alone = true,
                        BOTH(icaht, t_icaht),
                        .judge = vg_icaht_judge},
    [VG_TOPIC_IEC_HS] = {.name = "iec_hs",
                         .signals = S(FERRITIN) | S(AST) | S(ALT) | S(FIBRINOGEN) |
                                    S(ANC) | S(PLT) | S(HB) | S(FLAG) | S(INFUSION),
                         .alone = true,
                         PART(iec_hs),
                         .judge = vg_iec_hs_judge},
    [VG_TOPIC_TLS] = {.name = "tls",
                      .signals = S(URATE) | S(K) | S(PHOS) | S(CA) | S(ALBUMIN) |
                                 S(INFUSION) | S(LYMPHODEPLETION),
                      .alone = true,
                      PART(tls),
                      .judge = vg_tls_judge},
    [VG_TOPIC_HEMATOTOX] = {.name = "hematotox",
                            .signals = S(PLT) | S(ANC) | S(HB) | S(CRP) | S(FERRITIN) |
                                       S(INFUSION) | S(LYMPHODEPLETION),
                            .alone = true,
                            PART(hematotox),
                            .judge = vg_hematotox_judge},
    [VG_TOPIC_EASIX] = {.name = "easix",
                        .signals = S(LDH) | S(CREAT) | S(PLT) | S(CRP),
                        .alone = true,
                        PART(easix),
                        .judge = vg_easix_judge},
    [VG_TOPIC_CRITICAL] = {.name = "critical",
                           .signals = S(K) | S(GLUCOSE) | S(NA) | S(PLT) | S(HB) |
                                      S(FIBRINOGEN) | S(LACTATE),
                           .alone = true,
                           PART(critical),
                           .judge = vg_critical_judge},
    [VG_TOPIC_SCHEDULE] = {.name = "schedule",
                           .lazy = true,
                           .signals = MEASURED | CHARTED,
                           PART(schedule),
                           .step = vg_schedule_step,
                           .judge = vg_schedule_judge},
};
