/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil history --coverage: see shell/coverage.h.
 */
#include <stdio.h>
#include <string.h>

#include "cli/history.h"
#include "shell/coverage.h"

struct printing {
    bool json;
    size_t count;
};

static bool print_span(void *to, const struct vg_coverage_span *span)
{
    struct printing *p = to;
    const char *code = vg_signal_info(span->signal)->code;
    char from[VG_TIME_TEXT];
    char until[VG_TIME_TEXT];
    struct vg_buffer b = {0};

    vg_time_format(span->from, from);
    vg_time_format(span->to, until);
    if (p->json) {
        vg_put_string(&b, span->detail);
        (void)printf("%s{\"code\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"minutes\":%zu,"
                     "\"why\":\"%s\",\"detail\":%s}",
                     p->count > 0 ? ",\n" : "{\"coverage\":[\n", code, from, until,
                     span->minutes, span->why, b.failed ? "null" : b.bytes);
        vg_buffer_finish(&b);
    } else {
        const bool protocol = strcmp(span->why, "no_data") == 0 ||
                              strcmp(span->why, "rule_not_loaded") == 0;
        (void)printf("%-6s %s  %s %6zu min  %s%s%s\n", code, from, until, span->minutes,
                     span->text,
                     span->detail[0] == '\0' ? ""
                     : protocol              ? "; protocol "
                                             : ": ",
                     span->detail);
    }
    p->count++;
    return true;
}

int vg_history_coverage(const struct vg_history_ask *ask, struct vg_reader *reader)
{
    struct printing printing = {ask->format == VG_FORMAT_JSON, 0};
    struct vg_protocol_set protocols = {0};
    struct vg_error error = {""};

    if (ask->query.patient == NULL) {
        (void)fputs("vigil history: --coverage is asked of a patient\n", stderr);
        return VG_EXIT_USAGE;
    }
    (void)vg_protocol_set_load(ask->options.settings.protocols, NULL, &protocols,
                               &error);
    const struct vg_coverage_query query = {
        .patient = ask->query.patient,
        .signals = ask->query.signals != 0 ? ask->query.signals : VG_COVERAGE_USUAL,
        .from = ask->query.from,
        .to = ask->query.to,
        .now = ask->now,
        .protocols = &protocols};
    const enum vg_status status =
        vg_coverage(reader, &query, print_span, &printing, &error);
    vg_protocol_set_finish(&protocols);
    if (status == VG_REFUSED) {
        (void)fprintf(stderr, "vigil history: %s\n", error.text);
        return VG_EXIT_USAGE;
    }
    if (printing.json) {
        (void)fputs(printing.count > 0 ? "\n]}\n" : "{\"coverage\":[]}\n", stdout);
    }
    return status == VG_OK ? VG_EXIT_DONE : vg_history_failed(status, &error);
}
