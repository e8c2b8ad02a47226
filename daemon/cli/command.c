/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil acknowledge, accept, reject, release, silence, shelve, reset, judge, note, pause,
 * assign: asks the daemon by way of the broker and waits for its answer.
 */
#include "cli/command.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/post.h"
#include "shell/clock.h"
#include "wire/json.h"

#define ANSWER_WITHIN (10 * VG_SECOND)

static const char usage_alert[] =
    "usage: vigil acknowledge|accept|release|reset ID [OPTION]...\n"
    "       vigil accept --all-of ROLE:NAME [OPTION]...\n"
    "       vigil reject ID --reason TEXT [OPTION]...\n"
    "       vigil silence ID [--for 2m] [OPTION]...\n"
    "       vigil shelve ID --reason TEXT [--for 30m] [OPTION]...\n"
    "       vigil judge ID --as actionable|not_relevant|false|artefact [OPTION]...\n"
    "       vigil note ID --reason TEXT [OPTION]...\n"
    "       vigil pause WARD/BED --for 30m --reason TEXT [OPTION]...\n"
    "       vigil pause WARD/BED --back [OPTION]...\n"
    "       vigil assign WARD/BED PATIENT --reason TEXT [--named OTHER] [--from TIME]\n"
    "                    [--to TIME] [OPTION]...\n"
    "\n"
    "  acknowledge  seen: no repeats to you; others are still called\n"
    "  accept       taken: nobody else is called while you have it\n"
    "               --all-of: so is all that somebody else has, at a change of shift\n"
    "  reject       not you: the next are called at once\n"
    "  release      given back: the ladder begins again\n"
    "  silence      displays are quiet for a while; people are called all the same\n"
    "  shelve       put aside for a while; not for critical alerts\n"
    "  reset        seen after it ended: closes a latched alert\n"
    "  judge, note  what you think of it, for those who tune the rules\n"
    "  pause        the bed is off the ward (--back: it is here again)\n"
    "  assign       messages of the bed that were put aside because they name PATIENT (or\n"
    "               OTHER), who was not known to lie there, are PATIENT's\n"
    "\n"
    "ID is an alert's id or the beginning of one; `vigil alerts` lists them.\n"
    "Options: --by ROLE:NAME (default: the variable VIGIL_BY, else user: and your login),\n"
    "--rev N (the revision that you saw), --ward W (where there is no store here), -c FILE, --set KEY=VALUE, --json.\n"
    "Exit 0: done; 1: not done; 2: wrong usage; 3: no answer.\n";

/* ---- Arguments */

static int wrong(const struct vg_asking *asking, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int wrong(const struct vg_asking *asking, const char *format, ...)
{
    va_list arguments;

    (void)fprintf(stderr, "vigil %s: ", asking->name);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputs("; --help says more\n", stderr);
    return VG_EXIT_USAGE;
}

static bool take_number(const char *text, uint32_t *out)
{
    char *end = NULL;
    const unsigned long long number = strtoull(text, &end, 10);

    *out = (uint32_t)number;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && number >= 1 &&
           number <= UINT32_MAX;
}

static bool by_valid(const char *by)
{
    const size_t role = strcspn(by, ":");

    return vg_id_valid(by, role) && by[role] == ':' &&
           by[role + 1 + strspn(by + role + 1, " ")] != '\0';
}

/* 1: taken; 0: no such option; -1: its value is wrong. */
static int take_value(struct vg_asking *a, const char *word, const char *value)
{
    struct vg_command *c = &a->command;
    bool good = true;

    if (strcmp(word, "--by") == 0) {
        good = value[0] != '\0' && vg_copy(c->by, sizeof c->by, value);
    } else if (strcmp(word, "--rev") == 0) {
        good = take_number(value, &c->rev);
    } else if (strcmp(word, "--for") == 0) {
        good = vg_span_parse(value, strlen(value), &c->span) == VG_OK && c->span > 0;
    } else if (strcmp(word, "--reason") == 0) {
        good = value[0] != '\0' && vg_copy(c->reason, sizeof c->reason, value);
    } else if (strcmp(word, "--as") == 0 && c->what == VG_DO_JUDGE) {
        good = vg_judgement_find(value, &c->judgement) == VG_OK;
    } else if (c->what == VG_DO_ASSIGN && strcmp(word, "--named") == 0) {
        good = vg_patient_valid(value, strlen(value)) &&
               vg_copy(c->named, sizeof c->named, value);
    } else if (c->what == VG_DO_ASSIGN && strcmp(word, "--from") == 0) {
        good = vg_query_time(value, vg_clock_wall(), &c->from);
    } else if (c->what == VG_DO_ASSIGN && strcmp(word, "--to") == 0) {
        good = vg_query_time(value, vg_clock_wall(), &c->to);
    } else if (c->what == VG_DO_ACCEPT && strcmp(word, "--all-of") == 0) {
        good = by_valid(value);
        a->all_of = value;
    } else if (strcmp(word, "--ward") == 0) {
        good = vg_id_valid(value, strlen(value));
        a->ward = value;
    } else {
        return 0;
    }
    return good ? 1 : -1;
}

static int take_word(struct vg_asking *a, int argc, char **argv, int *i)
{
    const char *word = argv[*i];
    const int common = vg_query_option(&a->options, argc, argv, i);

    if (common != 0) {
        return common > 0 ? VG_EXIT_DONE : a->options.wrong;
    }
    if (strcmp(word, "--back") == 0 && a->command.what == VG_DO_PAUSE) {
        a->back = true;
        return VG_EXIT_DONE;
    }
    const int taken = *i + 1 < argc ? take_value(a, word, argv[*i + 1]) : 0;
    if (taken != 0) {
        (*i)++;
        if (taken < 0 && strcmp(word, "--by") == 0) {
            return wrong(a, "--by wants ROLE:NAME (nurse:li), at most %d bytes",
                         VG_BY_LEN);
        }
        return taken > 0 ? VG_EXIT_DONE
                         : wrong(a, "the value of %s cannot be used", word);
    }
    if (a->command.what == VG_DO_ASSIGN && a->subject != NULL && a->patient == NULL &&
        vg_patient_valid(word, strlen(word)) &&
        vg_copy(a->command.patient, sizeof a->command.patient, word)) {
        a->patient = word;
        return VG_EXIT_DONE;
    }
    if (word[0] == '-' || a->subject != NULL) {
        return wrong(a, "do not understand \"%s\"", word);
    }
    a->subject = word;
    return VG_EXIT_DONE;
}

/* Whoever sits at this machine is known by their login at least. */
static bool by_login(struct vg_asking *a)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    const struct passwd *login = getpwuid(geteuid());

    return login != NULL && snprintf(a->command.by, sizeof a->command.by, "user:%s",
                                     login->pw_name) < (int)sizeof a->command.by;
}

/* Who asks, where nobody said --by. */
static int check_by(struct vg_asking *a)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    const char *variable = getenv("VIGIL_BY");

    if (a->command.by[0] == '\0' && variable != NULL &&
        !vg_copy(a->command.by, sizeof a->command.by, variable)) {
        return wrong(a, "VIGIL_BY is longer than %d bytes", VG_BY_LEN);
    }
    if (a->command.by[0] == '\0' && !by_login(a)) {
        return wrong(a, "who asks? Give --by ROLE:NAME (nurse:li) or set VIGIL_BY");
    }
    return by_valid(a->command.by)
               ? VG_EXIT_DONE
               : wrong(a, "\"%s\" is not of the form ROLE:NAME (nurse:li)",
                       a->command.by);
}

/* What the daemon would answer `invalid` anyway is said at once. */
static int check(struct vg_asking *a, bool judged)
{
    const struct vg_command *c = &a->command;
    const bool pause = c->what == VG_DO_PAUSE && !a->back;
    const bool assign = c->what == VG_DO_ASSIGN;
    const bool reason = pause || assign || c->what == VG_DO_REJECT ||
                        c->what == VG_DO_SHELVE || c->what == VG_DO_NOTE;

    if (a->all_of != NULL && (a->subject != NULL || c->rev != 0)) {
        return wrong(a, "--all-of takes no ID and no --rev");
    }
    if (a->subject == NULL && a->all_of == NULL) {
        return wrong(a, "which %s?",
                     c->what == VG_DO_PAUSE || assign ? "bed" : "alert");
    }
    if (assign && a->patient == NULL) {
        return wrong(a, "whose are they? Give the patient's pseudonym");
    }
    if (reason && c->reason[0] == '\0') {
        return wrong(a, "--reason TEXT is needed");
    }
    if (pause && c->span == 0) {
        return wrong(a, "for how long? Give --for 30m, or --back");
    }
    if (a->back && c->span != 0) {
        return wrong(a, "--for does not go with --back");
    }
    if (c->what == VG_DO_JUDGE && !judged) {
        return wrong(a, "--as is needed: actionable, not_relevant, false or artefact");
    }
    return check_by(a);
}

static int parse(struct vg_asking *a, int argc, char **argv)
{
    bool judged = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage_alert, stdout);
            return -1;
        }
        judged = judged || strcmp(argv[i], "--as") == 0;
        const int code = take_word(a, argc, argv, &i);
        if (code != VG_EXIT_DONE) {
            return code;
        }
    }
    return check(a, judged);
}

/* ---- The answer */

struct waiting {
    const struct vg_asking *asking;
    struct vg_json *json;
    int code;
};

static const char *text_of(const cJSON *item)
{
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* A result of a later version that we do not know is no. */
static void print_result(struct waiting *w, const char *word, const char *detail,
                         int64_t rev)
{
    static const struct {
        const char *words;
        int code;
    } results[VG_RESULT_COUNT] = {
        [VG_RESULT_OK] = {"done", VG_EXIT_DONE},
        [VG_RESULT_DUPLICATE] = {"done before", VG_EXIT_DONE},
        [VG_RESULT_SUPERSEDED] = {"not done, it has changed", VG_EXIT_NO},
        [VG_RESULT_STALE_VIEW] = {"done", VG_EXIT_DONE},
        [VG_RESULT_CLOSED] = {"not done", VG_EXIT_NO},
        [VG_RESULT_FORBIDDEN] = {"not allowed", VG_EXIT_NO},
        [VG_RESULT_OVER_CAP] = {"not done, more than is allowed", VG_EXIT_NO},
        [VG_RESULT_INVALID] = {"not understood", VG_EXIT_NO},
    };
    const struct vg_command *c = &w->asking->command;
    enum vg_result result;
    const bool known = vg_result_find(word, &result) == VG_OK;
    const bool of_bed = c->what == VG_DO_PAUSE || c->what == VG_DO_ASSIGN;

    w->code = known ? results[result].code : VG_EXIT_NO;
    if (w->asking->options.json) {
        return;
    }
    (void)printf("%s %s%s%s: %s%s%s", vg_do_text(c->what), of_bed ? c->ward : c->alert,
                 of_bed ? "/" : "", c->bed, known ? results[result].words : word,
                 detail[0] != '\0' ? ": " : "", detail);
    if (rev > 0) {
        (void)printf(" (revision %lld)", (long long)rev);
    }
    (void)puts("");
}

static bool on_letter(void *to, const struct vg_letter *letter)
{
    static const char *const names[] = {"id", "result", "rev", "detail"};
    struct waiting *w = to;
    const cJSON *field[4];
    int64_t rev = 0;

    vg_json_pick(vg_json_parse(w->json, letter->payload, letter->payload_length), names,
                 4, field);
    if (strcmp(text_of(field[0]), w->asking->command.id) != 0) {
        return false;
    }
    (void)vg_json_integer(field[2], &rev);
    print_result(w, text_of(field[1]), text_of(field[3]), rev);
    if (w->asking->options.json) {
        (void)printf("%.*s\n", (int)letter->payload_length,
                     (const char *)letter->payload);
    }
    return true;
}

static int send_command(struct vg_asking *a, struct waiting *w)
{
    const struct vg_settings *s = &a->options.settings;
    const struct vg_command *c = &a->command;
    char topic[VG_TOPIC_LEN + 1];
    char answers[VG_TOPIC_LEN + 1];
    struct vg_buffer payload = {0};
    struct vg_error error = {""};
    const struct vg_post post = {.settings = s,
                                 .client = c->client,
                                 .topic = topic,
                                 .answers = answers,
                                 .payload = &payload,
                                 .within = ANSWER_WITHIN,
                                 .letter = on_letter,
                                 .to = w};

    if (vg_topic_build(topic, s->mqtt_root, "wards", c->ward, "commands", c->client,
                       NULL) != VG_OK ||
        vg_topic_build(answers, s->mqtt_root, "wards", c->ward, "results", c->client,
                       NULL) != VG_OK) {
        return wrong(a, "mqtt.root and the ward \"%s\" make no topic", c->ward);
    }
    vg_encode_command(&payload, c);
    const enum vg_status status = vg_post_run(&post, &error);
    if (status == VG_ABSENT) {
        vg_error_set(&error,
                     "no answer: does vigild run on this broker? Whether it was "
                     "done is not known");
    }
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil %s: %s\n", a->name, error.text);
    }
    return status == VG_OK ? w->code
                           : (status == VG_REFUSED ? VG_EXIT_USAGE : VG_EXIT_CANNOT);
}

/* ---- The whole */

static int find_bed(struct vg_asking *a)
{
    return vg_place_split(a->subject, a->command.ward, a->command.bed)
               ? VG_EXIT_DONE
               : wrong(a, "\"%s\" is not WARD/BED", a->subject);
}

/* Comes back where nothing was sent. */
static int ask(struct vg_asking *a)
{
    struct waiting w = {.asking = a, .code = VG_EXIT_CANNOT};

    w.json = vg_json_create(VG_MESSAGE_BYTES);
    if (w.json == NULL || !vg_post_client(a->command.client)) {
        (void)fprintf(stderr, "vigil %s: no memory or no random number\n", a->name);
        return VG_EXIT_CANNOT;
    }
    (void)vg_copy(a->command.id, sizeof a->command.id, a->command.client);
    a->command.ts = vg_clock_wall();
    vg_post_leave(send_command(a, &w));
}

int vg_cli_command(int argc, char **argv)
{
    static struct vg_asking a; /* large, and there is one */

    a.name = argv[0];
    vg_settings_default(&a.options.settings);
    a.command.from = VG_UNSET;
    a.command.to = VG_NEVER;
    if (vg_do_find(argv[0], &a.command.what) != VG_OK) {
        return wrong(&a, "there is no \"%s\"", argv[0]);
    }
    int code = parse(&a, argc, argv);
    if (code == VG_EXIT_DONE && a.all_of != NULL) {
        return vg_asking_all(&a, ask);
    }
    if (code == VG_EXIT_DONE) {
        const bool of_bed =
            a.command.what == VG_DO_PAUSE || a.command.what == VG_DO_ASSIGN;
        code = of_bed ? find_bed(&a) : vg_asking_find(&a);
    }
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    return ask(&a);
}
