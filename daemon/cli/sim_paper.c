/* SPDX-License-Identifier: Apache-2.0
 *
 * The ward on paper: time goes from one message to the next.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/sim_live.h"
#include "cli/sim_print.h"

#define LOST_FOR (10 * VG_SECOND) /* until a gateway would send it again */

/* If nothing could be sent because too much is under way, time goes on to the next arrival. */
static enum vg_status play(const struct vg_sim_cast *cast, struct vg_sim_ward *ward,
                           struct vg_sim_printer *printer)
{
    vg_ms until = cast->options.span > 0 ? cast->options.span : VG_DAY;
    vg_ms now = vg_sim_ward_next(ward);
    enum vg_status status = VG_OK;
    while (status == VG_OK && now <= until) {
        uint64_t before = vg_sim_printer_counts(printer).messages;
        status = vg_sim_printer_run(printer, now);
        if (status == VG_OK) {
            status = vg_sim_ward_play(ward, now, vg_after(cast->options.begin, now));
        }
        bool stuck = vg_sim_printer_counts(printer).messages == before &&
                     vg_sim_ward_next(ward) <= now;
        now = stuck ? vg_sim_printer_due(printer) : vg_sim_ward_next(ward);
    }
    while (status == VG_OK && vg_sim_printer_due(printer) != INT64_MAX) {
        status = vg_sim_printer_run(printer, vg_sim_printer_due(printer));
    }
    return status;
}

static int report(const struct vg_sim_printer *printer)
{
    struct vg_sim_print_counts counts = vg_sim_printer_counts(printer);
    struct vg_sim_wire_counts bad = vg_sim_printer_faults(printer);
    (void)fprintf(
        stderr,
        "messages %llu lines %llu dropped %llu duplicated %llu reordered %llu "
        "delayed %llu\n",
        (unsigned long long)counts.messages, (unsigned long long)counts.lines,
        (unsigned long long)bad.dropped, (unsigned long long)bad.duplicated,
        (unsigned long long)bad.reordered, (unsigned long long)bad.delayed);
    return VG_EXIT_DONE;
}

static int complain(enum vg_status status)
{
    static const struct {
        int code;
        const char *sentence;
    } rows[] = {
        [VG_REFUSED] = {VG_EXIT_USAGE, "--root and --ward make no topic"},
        [VG_NO_MEMORY] = {VG_EXIT_CANNOT, "no memory"},
        [VG_FULL] = {VG_EXIT_CANNOT,
                     "too much is under way: fewer beds, or less delay"},
        [VG_ABSENT] = {VG_EXIT_CANNOT, "the lines cannot be written"},
        [VG_FAILED] = {VG_EXIT_CANNOT, "the lines or the ledger cannot be written"}};
    (void)fprintf(stderr, "vigil simulate: %s\n", rows[status].sentence);
    return rows[status].code;
}

int vg_sim_paper(struct vg_sim_cast *cast)
{
    const struct vg_sim_options *options = &cast->options;
    struct vg_sim_faults faults = vg_sim_cast_faults(cast, LOST_FOR);
    struct vg_sim_printer *printer = vg_sim_printer_create(
        options->gateways, &faults, vg_sim_chance_of(options->seed, 700),
        options->begin, cast->ledger);
    for (size_t i = 0; printer != NULL && i < options->gateways; i++) {
        cast->sender[i] = vg_sim_printer_sender(printer, i);
    }
    struct vg_sim_ward *ward =
        printer != NULL ? vg_sim_cast_ward(cast, options->begin, 1) : NULL;
    enum vg_status status = ward != NULL ? play(cast, ward, printer) : VG_NO_MEMORY;
    if (status == VG_OK && fflush(stdout) != 0) {
        status = VG_FAILED;
    }
    int code = status == VG_OK ? report(printer) : complain(status);
    vg_sim_ward_destroy(ward);
    vg_sim_printer_destroy(printer);
    return code;
}
