/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil admit, transfer, discharge: an admission system's message by hand. Nothing answers
 * an admission that is taken, so the store is watched until it shows there; one that is
 * refused is answered on `rejected`.
 */
#include "cli/episode.h"

#include <stdarg.h>
#include <string.h>

#include "cli/post.h"
#include "shell/clock.h"
#include "wire/json.h"

#define SEEN_WITHIN (10 * VG_SECOND)

static const char usage[] =
    "usage: vigil admit WARD/BED PATIENT [--product car_t|car_nk|nk] [--protocol P]\n"
    "                   [--age N] [--outpatient] [--pregnant] [--planned TIME|none]\n"
    "                   [--target T] [--baseline CODE=N]... [--uln CODE=N]...\n"
    "                   [--flag NAME]... [--donor D] [--chain-id ID] [OPTION]...\n"
    "       vigil transfer WARD/BED WARD/BED [--swap] [--confirm] [OPTION]...\n"
    "       vigil discharge WARD/BED [--confirm] [OPTION]...\n"
    "\n"
    "PATIENT is a pseudonym, never a name or a record number. --baseline and --uln are in\n"
    "canonical units (sbp=125, ferritin=300). For a patient who lies there, what is given\n"
    "is changed: --planned when the infusion is put off, --planned none when it is given\n"
    "up. --confirm discharges, or moves to a bed, also while a critical alert is open\n"
    "there. --swap lets the patients of two beds change places. --at is when it happened: a\n"
    "reading belongs to who lay in the bed when it was measured.\n"
    "Options: --at TIME (2026-11-23T06:12:00Z or -2h; default: now), --by WHO, -c FILE,\n"
    "--set KEY=VALUE.\n"
    "Exit 0: done; 1: refused; 2: wrong usage; 3: not confirmed.\n";

static int wrong(const struct vg_episode_words *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int wrong(const struct vg_episode_words *w, const char *format, ...)
{
    va_list arguments;

    (void)fprintf(stderr, "vigil %s: ", w->name);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputs("; --help says more\n", stderr);
    return VG_EXIT_USAGE;
}

/* ---- Arguments */

static int take_value(struct vg_episode_words *w, const char *word, const char *value)
{
    for (size_t i = 0; i < VG_EPISODE_TEXTS; i++) {
        if (strcmp(word, vg_episode_text[i].option) == 0) {
            w->text[i] = value;
            return 1;
        }
    }
    for (size_t i = 0; i < VG_EPISODE_LISTS; i++) {
        struct vg_episode_list *list = &w->list[i];
        if (strcmp(word, vg_episode_list[i].option) == 0) {
            if (list->count == VG_EPISODE_ITEMS) {
                return -1;
            }
            list->item[list->count++] = value;
            return 1;
        }
    }
    return 0;
}

static bool take_switch(struct vg_episode_words *w, const char *word)
{
    const struct {
        const char *option;
        bool *on;
    } rows[] = {{"--confirm", &w->confirm},
                {"--outpatient", &w->outpatient},
                {"--swap", &w->swap},
                {"--pregnant", &w->pregnant}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(word, rows[i].option) == 0) {
            *rows[i].on = true;
            return true;
        }
    }
    return false;
}

static int take_word(struct vg_episode_words *w, int argc, char **argv, int *i)
{
    const char *word = argv[*i];
    const int common = vg_query_option(&w->options, argc, argv, i);

    if (common != 0) {
        return common > 0 ? VG_EXIT_DONE : w->options.wrong;
    }
    if (take_switch(w, word)) {
        return VG_EXIT_DONE;
    }
    const int taken = *i + 1 < argc ? take_value(w, word, argv[*i + 1]) : 0;
    if (taken != 0) {
        (*i)++;
        return taken > 0 ? VG_EXIT_DONE : wrong(w, "too many of %s", word);
    }
    if (word[0] == '-' || w->place_count == 2) {
        return wrong(w, "do not understand \"%s\"", word);
    }
    w->place[w->place_count++] = word;
    return VG_EXIT_DONE;
}

static int check(struct vg_episode_words *w)
{
    static const size_t places[] = {
        [VG_ADMIT] = 2, [VG_TRANSFER] = 2, [VG_DISCHARGE] = 1};

    if (w->place_count != places[w->action]) {
        return wrong(w, "%s",
                     w->place_count == 0 ? "which bed?" : "which patient or bed?");
    }
    if (!vg_place_split(w->place[0], w->ward, w->bed)) {
        return wrong(w, "\"%s\" is not WARD/BED", w->place[0]);
    }
    if (w->action == VG_TRANSFER &&
        !vg_place_split(w->place[1], w->to_ward, w->to_bed)) {
        return wrong(w, "\"%s\" is not WARD/BED", w->place[1]);
    }
    if (w->action == VG_ADMIT && !vg_patient_valid(w->place[1], strlen(w->place[1]))) {
        return wrong(w, "\"%s\" is no pseudonym of a patient", w->place[1]);
    }
    return vg_episode_check(w);
}

static int parse(struct vg_episode_words *w, int argc, char **argv)
{
    static const char *const names[] = {[VG_ADMIT] = "admit",
                                        [VG_UPDATE] = "update",
                                        [VG_TRANSFER] = "transfer",
                                        [VG_DISCHARGE] = "discharge"};

    w->name = argv[0];
    while (w->action < VG_DISCHARGE && strcmp(names[w->action], argv[0]) != 0) {
        w->action++;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return -1;
        }
        const int code = take_word(w, argc, argv, &i);
        if (code != VG_EXIT_DONE) {
            return code;
        }
    }
    return check(w);
}

/* ---- What comes of it */

struct waiting {
    struct vg_episode_words *words;
    struct vg_reader *reader; /* NULL: there is no store here */
    struct vg_json *json;
    const char *topic;
    bool refused;
    /* Of the last look: who lies in the bed, and whether the message has been carried out. */
    bool there, done;
};

static bool on_episode(void *to, const struct vg_episode *e)
{
    struct waiting *wait = to;
    const struct vg_episode_words *w = wait->words;
    const bool from = strcmp(e->ward, w->ward) == 0 && strcmp(e->bed, w->bed) == 0;

    if (!vg_is_never(e->end)) {
        return true;
    }
    if (w->action == VG_TRANSFER && w->patient[0] == '\0' && from) {
        (void)vg_copy(wait->words->patient, sizeof wait->words->patient, e->patient);
    }
    wait->there = wait->there || from;
    wait->done =
        wait->done ||
        (w->action == VG_ADMIT && from && strcmp(e->patient, w->place[1]) == 0) ||
        (w->action == VG_TRANSFER && strcmp(e->ward, w->to_ward) == 0 &&
         strcmp(e->bed, w->to_bed) == 0 && strcmp(e->patient, w->patient) == 0);
    return true;
}

/* An error is one that passes, or the time runs out. */
static bool look(void *to)
{
    struct waiting *wait = to;
    struct vg_error error;

    wait->there = wait->done = false;
    if (vg_store_episodes(wait->reader, NULL, NULL, on_episode, wait, &error) !=
        VG_OK) {
        return false;
    }
    switch (wait->words->action) {
    case VG_DISCHARGE:
        return !wait->there;
    case VG_TRANSFER:
    case VG_ADMIT:
    case VG_UPDATE:
        break;
    }
    return wait->done;
}

static bool on_letter(void *to, const struct vg_letter *letter)
{
    static const char *const names[] = {"topic", "reason", "detail"};
    struct waiting *wait = to;
    const cJSON *field[3];

    vg_json_pick(vg_json_parse(wait->json, letter->payload, letter->payload_length),
                 names, 3, field);
    if (!cJSON_IsString(field[0]) || strcmp(field[0]->valuestring, wait->topic) != 0) {
        return false;
    }
    (void)fprintf(stderr, "vigil %s: %s: %s\n", wait->words->name,
                  cJSON_IsString(field[1]) ? field[1]->valuestring : "refused",
                  cJSON_IsString(field[1]) &&
                          strcmp(field[1]->valuestring, "confirm") == 0
                      ? "a critical alert is open there; if it is meant: --confirm"
                  : cJSON_IsString(field[2]) ? field[2]->valuestring
                                             : "");
    wait->refused = true;
    return true;
}

static int report(const struct waiting *wait, enum vg_status status,
                  const struct vg_error *error)
{
    const struct vg_episode_words *w = wait->words;

    if (status == VG_OK && !wait->refused) {
        (void)printf("%s %s%s%s: done\n", w->name, w->place[0],
                     w->place_count > 1 ? " " : "",
                     w->place_count > 1 ? w->place[1] : "");
        return VG_EXIT_DONE;
    }
    if (status == VG_OK) {
        return VG_EXIT_NO;
    }
    (void)fprintf(stderr, "vigil %s: %s\n", w->name,
                  status != VG_ABSENT ? error->text
                  : wait->reader == NULL
                      ? "sent and not refused; there is no store here "
                        "to see whether it was taken"
                      : "sent, but the store does not show it: does "
                        "vigild run on this broker?");
    return status == VG_REFUSED ? VG_EXIT_USAGE : VG_EXIT_CANNOT;
}

static int send_episode(struct waiting *wait)
{
    const struct vg_episode_words *w = wait->words;
    const struct vg_settings *s = &w->options.settings;
    char topic[VG_TOPIC_LEN + 1];
    char answers[VG_TOPIC_LEN + 1];
    char client[VG_POST_CLIENT];
    struct vg_buffer payload = {0};
    struct vg_error error = {""};
    const struct vg_post post = {.settings = s,
                                 .client = client,
                                 .topic = topic,
                                 .answers = answers,
                                 .payload = &payload,
                                 .within = SEEN_WITHIN,
                                 .letter = on_letter,
                                 .look = wait->reader != NULL ? look : NULL,
                                 .to = wait};

    wait->topic = topic;
    if (!vg_post_client(client) ||
        vg_topic_build(topic, s->mqtt_root, "beds", w->ward, w->bed, "episode", NULL) !=
            VG_OK ||
        vg_topic_build(answers, s->mqtt_root, "gateways", "unknown", "rejected",
                       NULL) != VG_OK) {
        wait->topic = NULL;
        return wrong(w, "mqtt.root \"%s\" makes no topic", s->mqtt_root);
    }
    vg_episode_encode(&payload, w);
    const enum vg_status status = vg_post_run(&post, &error);
    wait->topic = NULL; /* ours */
    return report(wait, status, &error);
}

/* Said at once, for nothing would answer. */
static bool nobody_there(struct waiting *wait)
{
    if (wait->words->action == VG_ADMIT || wait->reader == NULL) {
        return false;
    }
    (void)look(wait);
    return !wait->there;
}

int vg_cli_episode(int argc, char **argv)
{
    static struct vg_episode_words w; /* large, and there is one */
    struct waiting wait = {.words = &w};
    struct vg_error error = {""};

    vg_settings_default(&w.options.settings);
    w.at = vg_clock_wall();
    const int code = parse(&w, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    (void)vg_store_read_open(w.options.settings.store_path, &wait.reader, &error);
    if (nobody_there(&wait)) {
        (void)fprintf(stderr, "vigil %s: nobody is admitted to %s\n", w.name,
                      w.place[0]);
        return VG_EXIT_NO;
    }
    if (w.action != VG_DISCHARGE) {
        vg_query_say_unlisted(&w.options.settings, w.name,
                              w.action == VG_TRANSFER ? w.to_ward : w.ward);
    }
    wait.json = vg_json_create(VG_MESSAGE_BYTES);
    if (wait.json == NULL) {
        (void)fprintf(stderr, "vigil %s: no memory\n", w.name);
        return VG_EXIT_CANNOT;
    }
    vg_post_leave(send_episode(&wait));
}
