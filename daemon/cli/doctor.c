/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: what is wrong with this set-up, and the mend. See doctor.h.
 */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/post.h"
#include "cli/query.h"

#define WITHIN (12 * VG_SECOND) /* two heartbeats and a little */

static const char usage[] =
    "usage: vigil doctor [-c FILE] [--set KEY=VALUE]... [--within SPAN] [--json]\n"
    "\n"
    "What is wrong with this set-up, and the mend: settings, protocols, secrets,\n"
    "certificates, store, journal, clock, the broker as the daemon meets it, HTTP, the\n"
    "channels, what the daemon has raised about itself, and whether it is alive. Run it as the daemon's user or as root.\n"
    "Changes nothing; sends one message to a topic that nobody listens to.\n"
    "\n"
    "  --within SPAN  how long to listen for the broker and the daemon's heartbeat (12s)\n"
    "  --json         {\"findings\":[{\"check\",\"grade\",\"text\",\"mend\"}],\"warn\",\"bad\"}\n"
    "\n"
    "Exit 0: all is well, or there are warnings only; 1: something is bad; 2: wrong usage.\n";

static const char *const grade_names[VG_GRADES] = {"ok", "warn", "bad"};

static void put_finding(struct vg_doctor *doctor, enum vg_grade grade, const char *mend,
                        const char *text)
{
    struct vg_buffer *b = &doctor->out;
    const char *const fields[] = {doctor->check, grade_names[grade], text, mend};
    static const char *const names[] = {"check", "grade", "text", "mend"};

    vg_put_raw(b, b->length > 0 ? ",{" : "{");
    for (size_t i = 0; i < 4; i++) {
        vg_put_raw(b, i > 0 ? "," : "");
        vg_put_string(b, names[i]);
        vg_put_raw(b, ":");
        if (fields[i] != NULL) {
            vg_put_string(b, fields[i]);
        } else {
            vg_put_raw(b, "null");
        }
    }
    vg_put_raw(b, "}");
}

void vg_doctor_say(struct vg_doctor *doctor, enum vg_grade grade, const char *mend,
                   const char *format, ...)
{
    char text[600];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    doctor->count[grade]++;
    if (doctor->json) {
        put_finding(doctor, grade, mend, text);
        return;
    }
    (void)printf("%-4s  %-12s  %s\n", grade_names[grade], doctor->check, text);
    if (mend != NULL) {
        (void)printf("      %-12s  -> %s\n", "", mend);
    }
    (void)fflush(stdout); /* what comes next may take a while */
}

/* ---- The command line */

static int take_set(struct vg_doctor *doctor, const char *assignment)
{
    struct vg_error error = {""};

    if (vg_settings_set(&doctor->settings, assignment, &error) == VG_OK) {
        return 1;
    }
    (void)fprintf(stderr, "vigil doctor: %s\n", error.text);
    return 0;
}

/* 1: taken; 0: not understood; -1: asked for help. The settings file itself is a finding. */
static int take(struct vg_doctor *doctor, char **argv, int argc, int *i)
{
    const char *word = argv[*i];

    if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
        return -1;
    }
    if (strcmp(word, "--json") == 0) {
        doctor->json = true;
        return 1;
    }
    if (*i + 1 >= argc) {
        return 0;
    }
    const char *value = argv[++*i];
    if (strcmp(word, "--within") == 0) {
        return vg_span_parse(value, strlen(value), &doctor->within) == VG_OK;
    }
    if (strcmp(word, "-c") == 0) {
        return vg_copy(doctor->settings.file, sizeof doctor->settings.file, value);
    }
    return strcmp(word, "--set") == 0 ? 2 : 0;
}

/* The file first, then what --set changes, in whatever order they stand. */
static int read_words(struct vg_doctor *doctor, int argc, char **argv)
{
    int taken = 1;

    for (int i = 1; i < argc && taken > 0; i++) {
        taken = take(doctor, argv, argc, &i);
    }
    if (taken <= 0) {
        (void)fputs(usage, taken < 0 ? stdout : stderr);
        return taken < 0 ? VG_EXIT_DONE : VG_EXIT_USAGE;
    }
    doctor->check = "settings";
    vg_doctor_settings(doctor);
    for (int i = 1; i + 1 < argc && doctor->readable; i++) {
        if (strcmp(argv[i], "--set") == 0 && !take_set(doctor, argv[i + 1])) {
            return VG_EXIT_USAGE;
        }
        i += strcmp(argv[i], "--json") != 0; /* all others have a value */
    }
    return -1;
}

/* ---- The checks */

static void run_checks(struct vg_doctor *doctor)
{
    static const struct {
        const char *name;
        void (*run)(struct vg_doctor *);
    } rows[] = {
        {"settings", vg_doctor_machine},  {"protocols", vg_doctor_protocols},
        {"secrets", vg_doctor_secrets},   {"certificates", vg_doctor_certificates},
        {"store", vg_doctor_folder},      {"store", vg_doctor_store},
        {"journal", vg_doctor_journal},   {"alerts", vg_doctor_alerts},
        {"clock", vg_doctor_clock},       {"http", vg_doctor_http},
        {"channels", vg_doctor_channels}, {"broker", vg_doctor_broker},
    };

    doctor->locked = vg_query_daemon_alive(doctor->settings.store_path);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && doctor->readable; i++) {
        doctor->check = rows[i].name;
        rows[i].run(doctor);
    }
}

static void print_end(struct vg_doctor *doctor)
{
    const size_t warn = doctor->count[VG_GRADE_WARN];
    const size_t bad = doctor->count[VG_GRADE_BAD];

    if (doctor->json) {
        (void)printf("{\"findings\":[%s],\"warn\":%zu,\"bad\":%zu}\n",
                     doctor->out.bytes != NULL ? doctor->out.bytes : "", warn, bad);
    } else {
        (void)printf("%zu well, %zu to look at, %zu bad\n", doctor->count[VG_GRADE_OK],
                     warn, bad);
    }
}

int vg_cli_doctor(int argc, char **argv)
{
    static struct vg_doctor doctor; /* large, and there is one */

    doctor.within = WITHIN;
    vg_settings_default(&doctor.settings);
    const int code = read_words(&doctor, argc, argv);
    if (code >= 0) {
        return code;
    }
    run_checks(&doctor);
    print_end(&doctor);
    if (doctor.out.failed) {
        (void)fprintf(stderr, "vigil doctor: no memory for the findings\n");
        vg_post_leave(VG_EXIT_CANNOT);
    }
    vg_post_leave(doctor.count[VG_GRADE_BAD] > 0 ? VG_EXIT_NO : VG_EXIT_DONE);
}
