/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by status, beds, alerts and history. See query.h.
 */
#include "cli/query.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define USUAL_STORE "vigil.db" /* where nothing sets store.path */

/* After the file, wherever they stand: as with vigild. */
static enum vg_status set_again(struct vg_settings *settings, char **argv, int end,
                                struct vg_error *error)
{
    enum vg_status status = VG_OK;

    for (int i = 1; i + 1 < end && status == VG_OK; i++) {
        if (strcmp(argv[i], "--set") == 0) {
            status = vg_settings_set(settings, argv[++i], error);
        }
    }
    return status;
}

int vg_query_option(struct vg_query_options *options, int argc, char **argv, int *i)
{
    struct vg_error error = {""};
    enum vg_status status = VG_OK;
    int code = VG_EXIT_USAGE;

    if (strcmp(argv[*i], "--json") == 0) {
        options->json = true;
        return 1;
    }
    if (*i + 1 >= argc) {
        return 0;
    }
    if (strcmp(argv[*i], "-c") == 0) {
        status = vg_settings_load(&options->settings, argv[++*i], stderr, &error);
        code = VG_EXIT_CANNOT; /* as vigild says it of its file */
        if (status == VG_OK) {
            status = set_again(&options->settings, argv, *i - 1, &error);
        }
    } else if (strcmp(argv[*i], "--set") == 0) {
        status = vg_settings_set(&options->settings, argv[++*i], &error);
    } else {
        return 0;
    }
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil: %s\n", error.text);
        options->wrong = code;
        return -1;
    }
    return 1;
}

bool vg_query_word(struct vg_query_options *options, const char *usage, int argc,
                   char **argv, int *i, int *done)
{
    const int common = vg_query_option(options, argc, argv, i);

    *done = common < 0 ? options->wrong : 0;
    if (common != 0) {
        return true;
    }
    if (strcmp(argv[*i], "-h") != 0 && strcmp(argv[*i], "--help") != 0) {
        return false;
    }
    (void)fputs(usage, stdout);
    *done = -1;
    return true;
}

void vg_query_say_whose(const struct vg_query_options *options, const char *command)
{
    if (options->settings.file[0] == '\0' &&
        strcmp(options->settings.store_path, USUAL_STORE) == 0) {
        (void)fprintf(stderr,
                      "vigil %s: without -c FILE it is looked for in this folder; -c "
                      "/etc/vigil/vigild.yaml asks the daemon's\n",
                      command);
    }
}

struct vg_reader *vg_query_open(const struct vg_query_options *options,
                                const char *command)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};

    if (vg_store_read_open(options->settings.store_path, &reader, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil %s: %s: %s\n", command,
                      options->settings.store_path,
                      error.text[0] != '\0' ? error.text : "there is no such store");
        vg_query_say_whose(options, command);
        return NULL;
    }
    return reader;
}

static bool is_listed(const struct vg_settings *settings, const char *ward)
{
    size_t i = 0;

    while (i < settings->ward_count && strcmp(settings->ward[i].id, ward) != 0) {
        i++;
    }
    return i < settings->ward_count;
}

void vg_query_say_unlisted(const struct vg_settings *settings, const char *command,
                           const char *ward)
{
    if (settings->ward_count > 0 && !is_listed(settings, ward)) {
        (void)fprintf(
            stderr,
            "vigil %s: the settings list no ward \"%s\": is anybody there to be "
            "called?\n",
            command, ward);
    }
}

bool vg_query_ward(const struct vg_query_options *options, struct vg_reader *reader,
                   const char *command, const char *ward, int *code)
{
    struct vg_error error = {""};
    bool known = is_listed(&options->settings, ward);

    if (!known && vg_store_has_ward(reader, ward, &known, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil %s: %s\n", command, error.text);
        *code = VG_EXIT_CANNOT;
    } else if (!known) {
        (void)fprintf(stderr,
                      "vigil %s: there is no ward \"%s\": neither the settings nor the "
                      "store know it\n",
                      command, ward);
        *code = VG_EXIT_USAGE;
    }
    return known;
}

bool vg_query_patient(struct vg_reader *reader, const char *command,
                      const char *patient)
{
    struct vg_error error = {""};
    bool known = true;

    if (vg_store_has_patient(reader, patient, &known, &error) != VG_OK || known) {
        return true; /* what cannot be read the question itself will say */
    }
    (void)fprintf(stderr,
                  "vigil %s: there is no patient \"%s\": nothing was ever stored under "
                  "that name\n",
                  command, patient);
    return false;
}

bool vg_query_time(const char *text, struct vg_instant now, struct vg_instant *out)
{
    vg_ms span = 0;

    if (strcmp(text, "now") == 0) {
        *out = now;
        return true;
    }
    if (text[0] == '-' && vg_span_parse(text, strlen(text), &span) == VG_OK) {
        *out = vg_after(now, span);
        return true;
    }
    return vg_time_parse(text, strlen(text), out) == VG_OK;
}

bool vg_query_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]); /* NOLINT(concurrency-mt-unsafe) */
        if (value != NULL && value[0] != '\0') {
            return strcasestr(value, "utf-8") != NULL ||
                   strcasestr(value, "utf8") != NULL;
        }
    }
    return false;
}

bool vg_query_daemon_alive(const char *store_path)
{
    char path[VG_SETTING_LEN + 8];

    (void)snprintf(path, sizeof path, "%s.lock", store_path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool taken = flock(fd, LOCK_SH | LOCK_NB) != 0;
    (void)close(fd);
    return taken;
}
