/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil export: all that is stored of a patient or one episode, as lines that `vigil replay`
 * takes again: messages, admissions and commands as they came; and between them, which replay
 * passes over, the changes of alerts, the audit trail's rows about them, and the protocols.
 */
#include "cli/export.h"

#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"

static const char usage[] =
    "usage: vigil export PATIENT|EPISODE [--from T] [--to T] [-c FILE] [--set KEY=VALUE]...\n"
    "\n"
    "Prints one JSON object a line, in the order of \"at\". `vigil replay` takes the lines\n"
    "again and raises the same alerts; those that were raised, what people did about them,\n"
    "the audit trail's rows and the protocols stand between them. T limits what was measured.\n"
    "Exit 0: printed; 1: nothing is known of them; 2: wrong use; 3: could not.\n";

/* ---- Lines */

static int by_at(const void *a, const void *b)
{
    const struct vg_export_line *left = a;
    const struct vg_export_line *right = b;

    if (left->at != right->at) {
        return left->at < right->at ? -1 : 1;
    }
    return (left->order > right->order) - (left->order < right->order);
}

static void print(struct vg_export *e, int64_t at, const char *rest)
{
    char text[VG_TIME_TEXT];

    e->now = at > e->now ? at : e->now;
    vg_time_format((struct vg_instant){e->now}, text);
    (void)printf("{\"at\":\"%s\",%s}\n", text, rest);
}

/* Those that came before this message. */
static void print_until(struct vg_export *e, int64_t received, int64_t id)
{
    while (e->next < e->count) {
        const struct vg_export_line *line = &e->line[e->next];
        if (line->after == INT64_MAX ? line->at > received : line->after >= id) {
            break;
        }
        print(e, line->at, line->text);
        e->next++;
    }
}

/* ---- Whom */

static void note_bed(struct vg_export *e, const char *ward, const char *bed)
{
    char name[2 * VG_ID_LEN + 2];

    (void)snprintf(name, sizeof name, "%s/%s", ward, bed);
    e->failed = vg_keys_put(&e->beds, name) == SIZE_MAX || e->failed;
}

static bool on_episode(void *to, const struct vg_episode *episode)
{
    struct vg_export *e = to;

    e->episodes++;
    e->failed = vg_keys_put(&e->patients, episode->patient) == SIZE_MAX || e->failed;
    note_bed(e, episode->ward, episode->bed);
    vg_export_begin(e, "\"episode\":{\"id\":");
    vg_put_string(&e->b, episode->id);
    vg_put_raw(&e->b, ",\"patient\":");
    vg_put_string(&e->b, episode->patient);
    vg_put_raw(&e->b, ",\"ward\":");
    vg_put_string(&e->b, episode->ward);
    vg_put_raw(&e->b, ",\"bed\":");
    vg_put_string(&e->b, episode->bed);
    vg_put_raw(&e->b, ",\"protocol\":");
    vg_put_string(&e->b, episode->protocol);
    vg_put_raw(&e->b, ",\"begin\":");
    vg_put_time(&e->b, episode->begin);
    vg_put_raw(&e->b, ",\"end\":");
    vg_put_time(&e->b, vg_is_never(episode->end) ? VG_UNSET : episode->end);
    vg_put_raw(&e->b, "}");
    vg_export_keep(e, episode->begin, INT64_MAX);
    return !e->failed;
}

static enum vg_status find_whom(struct vg_export *e, struct vg_error *error)
{
    struct vg_page_end end = {0};
    struct vg_episodes_query by_id = {.id = e->whom, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_episodes_query theirs = {
        .patient = e->whom, .from = VG_UNSET, .to = VG_NEVER};
    enum vg_status status =
        vg_history_episodes(e->reader, &by_id, on_episode, e, &end, error);

    e->query.episode = e->episodes > 0 ? e->whom : NULL;
    if (status == VG_OK && e->episodes == 0) {
        e->query.patient = e->whom;
        status = vg_history_episodes(e->reader, &theirs, on_episode, e, &end, error);
        e->failed = vg_keys_put(&e->patients, e->whom) == SIZE_MAX || e->failed;
    }
    return status;
}

/* ---- Admissions and commands */

static bool on_admission(void *to, const struct vg_letter *letter,
                         struct vg_instant received, int64_t after)
{
    struct vg_export *e = to;
    struct vg_decoded decoded;

    vg_decode(e->decoder, letter, &decoded);
    if (decoded.kind != VG_DECODED_EPISODE ||
        vg_keys_find(&e->patients, decoded.admission.patient) == SIZE_MAX) {
        return true;
    }
    note_bed(e, decoded.admission.ward, decoded.admission.bed);
    if (decoded.admission.to_bed[0] != '\0') {
        note_bed(e, decoded.admission.to_ward, decoded.admission.to_bed);
    }
    vg_export_begin(e, "\"topic\":\"");
    vg_buffer_add(&e->b, letter->topic, letter->topic_length);
    vg_put_raw(&e->b, "\",\"payload\":");
    vg_buffer_add(&e->b, letter->payload, letter->payload_length);
    vg_export_keep(e, received, after);
    return !e->failed;
}

static bool concerns(struct vg_export *e, const struct vg_command *c)
{
    char name[2 * VG_ID_LEN + 2];

    if (c->what == VG_DO_PAUSE) {
        (void)snprintf(name, sizeof name, "%s/%s", c->ward, c->bed);
        return vg_keys_find(&e->beds, name) != SIZE_MAX;
    }
    return vg_keys_find(&e->alerts, c->alert) != SIZE_MAX;
}

static bool on_command(void *to, const struct vg_command *command, struct vg_instant at)
{
    struct vg_export *e = to;
    char topic[VG_TOPIC_LEN + 1];

    if (!concerns(e, command) ||
        vg_topic_build(topic, e->root, "wards", command->ward, "commands",
                       command->client, NULL) != VG_OK) {
        return true;
    }
    vg_export_begin(e, "\"topic\":");
    vg_put_string(&e->b, topic);
    vg_put_raw(&e->b, ",\"payload\":");
    vg_encode_command(&e->b, command);
    vg_export_keep(e, at, INT64_MAX);
    return !e->failed;
}

/* ---- Messages */

static bool on_message(void *to, const struct vg_message_row *row)
{
    struct vg_export *e = to;
    char topic[VG_TOPIC_LEN + 1];

    print_until(e, row->received.ms, row->id);
    if (vg_topic_build(topic, e->root, "beds", row->message->ward, row->message->bed,
                       vg_kind_text(row->message->kind), NULL) != VG_OK) {
        return true;
    }
    vg_export_begin(e, "\"topic\":");
    vg_put_string(&e->b, topic);
    vg_put_raw(&e->b, ",\"payload\":");
    vg_encode_message(&e->b, row->message);
    e->failed = e->failed || e->b.failed;
    if (!e->failed) {
        print(e, row->received.ms, e->b.bytes);
        e->messages++;
    }
    return !e->failed;
}

static enum vg_status export_all(struct vg_export *e, struct vg_error *error)
{
    enum vg_status status = find_whom(e, error);

    if (status == VG_OK) {
        status = vg_history_admissions(e->reader, on_admission, e, error);
    }
    if (status == VG_OK) {
        status = vg_export_alerts(e, error);
    }
    if (status == VG_OK) {
        status = vg_history_commands(e->reader, on_command, e, error);
    }
    if (status == VG_OK && !e->failed) {
        if (e->count > 1) {
            qsort(e->line, e->count, sizeof *e->line, by_at);
        }
        status = vg_history_messages(e->reader, &e->query, on_message, e, error);
    }
    if (status == VG_OK && !e->failed) {
        print_until(e, INT64_MAX, INT64_MAX);
    }
    return e->failed ? VG_NO_MEMORY : status;
}

static void finish(struct vg_export *e)
{
    for (size_t i = 0; i < e->count; i++) {
        free(e->line[i].text);
    }
    free(e->line);
    vg_keys_finish(&e->alerts);
    vg_keys_finish(&e->beds);
    vg_keys_finish(&e->digests);
    vg_keys_finish(&e->patients);
    vg_buffer_finish(&e->b);
    vg_decoder_destroy(e->decoder);
    vg_store_read_close(e->reader);
}

static int parse(struct vg_export *e, int argc, char **argv)
{
    const struct vg_instant now = vg_clock_wall();

    for (int i = 1; i < argc; i++) {
        int done = 0;
        if (vg_query_word(&e->options, usage, argc, argv, &i, &done)) {
            if (done != 0) {
                return done;
            }
            continue;
        }
        const bool from = strcmp(argv[i], "--from") == 0;
        if ((from || strcmp(argv[i], "--to") == 0) && i + 1 < argc &&
            vg_query_time(argv[i + 1], now, from ? &e->query.from : &e->query.to)) {
            i++;
        } else if (argv[i][0] != '-' && e->whom == NULL) {
            e->whom = argv[i];
        } else {
            (void)fprintf(stderr, "vigil export: do not understand \"%s\"\n%s", argv[i],
                          usage);
            return VG_EXIT_USAGE;
        }
    }
    if (e->whom == NULL) {
        (void)fputs(usage, stderr);
        return VG_EXIT_USAGE;
    }
    return VG_EXIT_DONE;
}

int vg_cli_export(int argc, char **argv)
{
    static struct vg_export e; /* large, and there is one */
    struct vg_error error = {""};

    vg_settings_default(&e.options.settings);
    e.query.from = VG_UNSET;
    e.query.to = VG_NEVER;
    e.now = INT64_MIN;
    const int code = parse(&e, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    (void)vg_copy(e.root, sizeof e.root, e.options.settings.mqtt_root);
    e.decoder = vg_decoder_create(e.root);
    e.reader = e.decoder != NULL ? vg_query_open(&e.options, "export") : NULL;
    if (e.reader == NULL) {
        vg_decoder_destroy(e.decoder);
        return VG_EXIT_CANNOT;
    }
    vg_store_read_within(e.reader, VG_HOUR);
    const enum vg_status status = export_all(&e, &error);
    const bool found = e.messages + e.count > 0;
    finish(&e);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil export: %s\n",
                      status == VG_NO_MEMORY ? "out of memory" : error.text);
        return VG_EXIT_CANNOT;
    }
    return found ? VG_EXIT_DONE : VG_EXIT_NO;
}
