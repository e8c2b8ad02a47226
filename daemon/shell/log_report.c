/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports that other parts print line by line, as lines of the log. See log.h.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/log.h"

struct report {
    struct vg_log *log;
    enum vg_level level;
    const char *kind;
    size_t length;
    char line[400];
};

static void end_line(struct report *report)
{
    report->line[report->length] = '\0';
    if (report->length > 0 && report->line[0] != ' ' && report->line[0] != '\t') {
        vg_log_write(report->log, report->level, report->kind, "%s", report->line);
    }
    report->length = 0;
}

static ssize_t on_write(void *to, const char *bytes, size_t size)
{
    struct report *report = to;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            end_line(report);
        } else if (report->length < sizeof report->line - 1) {
            report->line[report->length++] = bytes[i];
        }
    }
    return (ssize_t)size;
}

static int on_close(void *to)
{
    struct report *report = to;

    end_line(report);
    free(report);
    return 0;
}

FILE *vg_log_report(struct vg_log *log, enum vg_level level, const char *kind)
{
    const cookie_io_functions_t functions = {.write = on_write, .close = on_close};
    struct report *report = vg_log_is_json(log) ? calloc(1, sizeof *report) : NULL;

    if (report == NULL) {
        return stderr;
    }
    *report = (struct report){.log = log, .level = level, .kind = kind};
    FILE *stream = fopencookie(report, "w", functions);
    if (stream == NULL) {
        free(report);
    }
    return stream != NULL ? stream : stderr;
}

void vg_log_report_end(FILE *report)
{
    if (report != stderr) {
        (void)fclose(report);
    }
}
