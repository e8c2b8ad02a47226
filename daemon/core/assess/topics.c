/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of topics: which items each wants, which part of the assessment is its own.
 * In the order of enum vg_topic_id: a topic may read what stands above it.
 */
#include <stddef.h>

#include "core/course.h"

#define S(signal) VG_SIGNAL_BIT(VG_##signal)
#define PART(member)                                \
    .part = offsetof(struct vg_assessment, member), \
    .size = sizeof(((struct vg_assessment *)NULL)->member)

#define CHARTED (~(VG_SIGNAL_BIT(VG_MEASURED_COUNT) - 1))

const struct vg_topic vg_topics[VG_TOPICS] = {
    [VG_TOPIC_CHART] = {.name = "chart",
                        .signals = CHARTED | S(O2_FLOW) | S(FIO2),
                        PART(gate),
                        .step = vg_chart_step,
                        .judge = vg_chart_judge},
};
