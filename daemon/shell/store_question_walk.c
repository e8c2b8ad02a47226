/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk through readings in the order of measured time. See store_question.h.
 */
#include <string.h>

#include "shell/store_question.h"

struct walk {
    const struct vg_history_query *query;
    vg_reading_fn *each;
    void *to;
};

static bool of_episode(void *to, const struct vg_reading_row *row)
{
    const struct walk *walk = to;

    return (walk->query->episode != NULL &&
            strcmp(walk->query->episode, row->episode) != 0) ||
           walk->each(walk->to, row);
}

enum vg_status vg_question_walk(struct vg_reader *reader,
                                const struct vg_history_query *query,
                                vg_reading_fn *each, void *to, struct vg_error *error)
{
    struct walk walk = {query, each, to};
    const struct vg_reading_query of = {query->patient, query->ward, query->bed,
                                        query->signals, query->from, query->to};

    return vg_store_readings(reader, &of, of_episode, &walk, error);
}
