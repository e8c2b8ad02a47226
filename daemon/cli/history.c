/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil history: the readings of a patient or a bed, exactly as they came in, as a table,
 * CSV or JSON; and vigil beds: which beds there are, with their last values.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/query.h"
#include "shell/clock.h"

static const char usage[] =
    "usage: vigil history PATIENT [--code temp,sbp] [--from -24h] [--to now]\n"
    "                     [--format table|csv|json] [-c FILE] [--set KEY=VALUE]...\n"
    "       vigil history --bed WARD/BED ...     what came from a bed, whoever lay there\n"
    "\n"
    "Times are -24h, now, or RFC 3339; \"to\" is exclusive. Oldest first. Exit 0: printed;\n"
    "1: nothing found; 3: there is no store.\n";

enum format { TABLE, CSV, JSON };

struct history {
    struct vg_query_options options;
    struct vg_reading_query query;
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    enum format format;
    size_t printed;
    struct vg_buffer line;
};

static bool is_bad(const struct vg_reading *r)
{
    return r->out_of_range;
}

/* The value in its canonical unit, exactly; as sent where the unit was canonical. */
static struct vg_decimal canonical(const struct vg_reading *r)
{
    const struct vg_signal_info *info = vg_signal_info(r->signal);
    struct vg_conversion c;
    int64_t steps = 0;

    if (r->unit == info->unit || r->unit == VG_UNIT_NONE ||
        vg_unit_conversion(info->quantity, r->unit, info->unit, &c) != VG_OK ||
        vg_decimal_scale(r->raw, c.offset, c.scale, 6, &steps) != VG_OK) {
        return r->raw;
    }
    return vg_decimal_of(steps, 6);
}

static void print_json(struct history *h, const struct vg_reading *r, const char *value)
{
    struct vg_buffer *b = &h->line;

    vg_buffer_clear(b);
    vg_put_raw(b, "{\"ts\":");
    vg_put_time(b, r->measured);
    vg_put_raw(b, ",\"code\":");
    vg_put_string(b, vg_signal_info(r->signal)->code);
    vg_put_raw(b, ",\"value\":");
    vg_put_raw(b, value);
    vg_put_raw(b, ",\"unit\":");
    vg_put_string(b, vg_unit_text(vg_signal_info(r->signal)->unit));
    vg_put_raw(b, ",\"source\":");
    vg_put_string(b, vg_source_text(r->source));
    vg_put_raw(b, ",\"quality\":");
    vg_put_string(b, vg_quality_text(r->quality));
    if (r->unit != vg_signal_info(r->signal)->unit && r->unit != VG_UNIT_NONE) {
        vg_put_raw(b, ",\"raw_value\":");
        vg_put_decimal(b, r->raw);
        vg_put_raw(b, ",\"raw_unit\":");
        vg_put_string(b, vg_unit_text(r->unit));
    }
    vg_put_raw(b, is_bad(r) ? ",\"out_of_range\":true}" : "}");
    (void)printf("%s%s", h->printed > 0 ? ",\n" : "{\"readings\":[\n", b->bytes);
}

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct history *h = to;
    const struct vg_reading *r = row->reading;
    const char *code = vg_signal_info(r->signal)->code;
    const char *unit = vg_unit_text(vg_signal_info(r->signal)->unit);
    char at[VG_TIME_TEXT];
    char value[VG_DECIMAL_TEXT];

    vg_time_format(r->measured, at);
    (void)vg_decimal_format(canonical(r), value, sizeof value);
    if (h->format == JSON) {
        print_json(h, r, value);
    } else if (h->format == CSV) {
        (void)printf("%s%s,%s,%s,%s,%s,%s\n",
                     h->printed == 0 ? "ts,code,value,unit,source,quality\n" : "", at,
                     code, value, unit, vg_source_text(r->source),
                     vg_quality_text(r->quality));
    } else {
        (void)printf("%s  %-10s %10s %-9s %-10s %s%s\n", at, code, value, unit,
                     vg_source_text(r->source), vg_quality_text(r->quality),
                     is_bad(r) ? "  OUT OF RANGE, not used" : "");
    }
    h->printed++;
    return true;
}

static bool codes(struct history *h, const char *list)
{
    while (*list != '\0') {
        const size_t length = strcspn(list, ",");
        struct vg_code code;
        if (vg_signal_find(list, length, &code) != VG_OK ||
            code.signal >= VG_MEASURED_COUNT) {
            (void)fprintf(stderr, "vigil history: unknown code \"%.*s\"\n", (int)length,
                          list);
            return false;
        }
        h->query.signals |= (uint64_t)1 << code.signal;
        list += length + (list[length] == ',');
    }
    return true;
}

static bool bed(struct history *h, const char *text)
{
    const char *slash = strchr(text, '/');

    if (slash == NULL || !vg_id_valid(text, (size_t)(slash - text)) ||
        !vg_id_valid(slash + 1, strlen(slash + 1))) {
        return false;
    }
    memcpy(h->ward, text, (size_t)(slash - text));
    (void)vg_copy(h->bed, sizeof h->bed, slash + 1);
    h->query.ward = h->ward;
    h->query.bed = h->bed;
    return true;
}

static bool format(struct history *h, const char *text)
{
    static const char *const names[] = {"table", "csv", "json"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            h->format = (enum format)i;
            return true;
        }
    }
    return false;
}

static bool take(struct history *h, const char *name, const char *value)
{
    const struct vg_instant now = vg_clock_wall();

    if (strcmp(name, "--code") == 0) {
        return codes(h, value);
    }
    if (strcmp(name, "--bed") == 0) {
        return bed(h, value);
    }
    if (strcmp(name, "--from") == 0) {
        return vg_query_time(value, now, &h->query.from);
    }
    if (strcmp(name, "--to") == 0) {
        return vg_query_time(value, now, &h->query.to);
    }
    return strcmp(name, "--format") == 0 && format(h, value);
}

static int parse(struct history *h, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const int common = vg_query_option(&h->options, argc, argv, &i);
        if (common < 0) {
            return VG_EXIT_USAGE;
        }
        if (common > 0) {
            continue;
        }
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return -1;
        }
        if (argv[i][0] != '-' && h->query.patient == NULL) {
            h->query.patient = argv[i];
        } else if (i + 1 < argc && take(h, argv[i], argv[i + 1])) {
            i++;
        } else {
            (void)fprintf(stderr, "vigil history: do not understand \"%s\"\n%s",
                          argv[i], usage);
            return VG_EXIT_USAGE;
        }
    }
    if (h->query.patient == NULL && h->query.ward == NULL) {
        (void)fputs(usage, stderr);
        return VG_EXIT_USAGE;
    }
    return VG_EXIT_DONE;
}

int vg_cli_history(int argc, char **argv)
{
    static struct history h; /* large, and there is one */
    struct vg_error error = {""};

    vg_settings_default(&h.options.settings);
    h.query.to = VG_NEVER;
    h.query.from = vg_after(vg_clock_wall(), -VG_DAY);
    int code = parse(&h, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    h.format = h.options.json ? JSON : h.format;
    struct vg_reader *reader = vg_query_open(&h.options, "history");
    if (reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    vg_store_read_within(reader, 60 * VG_SECOND);
    const enum vg_status status =
        vg_store_readings(reader, &h.query, on_reading, &h, &error);
    if (h.format == JSON) {
        (void)fputs(h.printed > 0 ? "\n]}\n" : "{\"readings\":[]}\n", stdout);
    }
    vg_store_read_close(reader);
    vg_buffer_finish(&h.line);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil history: %s\n", error.text);
        return VG_EXIT_CANNOT;
    }
    return h.printed > 0 ? VG_EXIT_DONE : VG_EXIT_NO;
}
