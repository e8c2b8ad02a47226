/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings against the machine: what would otherwise come out only when the daemon starts.
 * The files' contents are not judged here but those of HTTP's certificates, nor whether anybody answers at an address.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/clock.h"
#include "shell/curl_loop.h"
#include "shell/http.h"
#include "shell/mqtt_options.h"
#include "shell/mqtt_settings.h"
#include "shell/secret.h"
#include "shell/settings.h"
#include "shell/store_file.h"
#include "shell/tls.h"
#include "shell/users.h"

/* The name of the setting at fault, with a sentence; NULL: none. */
typedef const char *fault_fn(const struct vg_settings *settings,
                             struct vg_error *error);

static const char *mqtt_fault(const struct vg_settings *settings,
                              struct vg_error *error)
{
    const struct vg_mqtt_options options = vg_mqtt_by_settings(settings);

    return vg_mqtt_fault(&options, error);
}

/* The folder of "store.path", "." for a bare name. */
static void folder_of(const char *path, char out[VG_SETTING_LEN])
{
    const char *slash = strrchr(path, '/');
    const size_t length = slash == NULL ? 0 : (size_t)(slash - path);

    (void)vg_copy(out, VG_SETTING_LEN, path);
    if (slash == NULL) {
        (void)vg_copy(out, VG_SETTING_LEN, ".");
    } else if (length == 0) {
        out[1] = '\0'; /* "/" itself */
    } else {
        out[length] = '\0';
    }
}

/* As this process would be allowed to when it opens them. */
static bool may(const char *path, int what)
{
    return faccessat(AT_FDCWD, path, what, AT_EACCESS) == 0;
}

static const char *store_fault(const struct vg_settings *settings,
                               struct vg_error *error)
{
    const char *path = settings->store_path;
    char folder[VG_SETTING_LEN];
    struct stat about;

    folder_of(path, folder);
    if (stat(folder, &about) != 0) {
        vg_error_set(error, "store.path: cannot use the folder \"%.120s\": %s", folder,
                     strerrordesc_np(errno));
    } else if (!S_ISDIR(about.st_mode)) {
        vg_error_set(error, "store.path: \"%.120s\" is not a folder", folder);
    } else if (!may(folder, W_OK | X_OK)) {
        vg_error_set(error, "store.path: cannot write into the folder \"%.120s\": %s",
                     folder, strerrordesc_np(errno));
    } else if (vg_file_plain(path, error) != VG_OK) {
        vg_error_prefix(error, "store.path");
    } else if (may(path, F_OK) && !may(path, R_OK | W_OK)) {
        vg_error_set(error, "store.path: cannot read and write \"%.120s\": %s", path,
                     strerrordesc_np(errno));
    } else {
        return NULL;
    }
    return "store.path";
}

static const char *users_fault(const struct vg_settings *settings,
                               struct vg_error *error)
{
    struct vg_users *users = NULL;

    if (settings->users[0] == '\0' ||
        vg_users_load(settings->users, &users, error) == VG_OK) {
        vg_users_free(users);
        return NULL;
    }
    return "users";
}

static const char *http_fault(const struct vg_settings *s, struct vg_error *error)
{
    const struct vg_tls_files files = {s->http_cert, s->http_key, s->http_client_ca};
    const char *setting = vg_http_settings_fault(s, error);
    struct vg_tls *tls = NULL;

    if (setting != NULL || files.cert[0] == '\0') {
        return setting;
    }
    const enum vg_status status = vg_tls_load(&files, &tls, error);
    vg_tls_drop(tls);
    if (status == VG_OK) {
        return NULL;
    }
    return strncmp(error->text, "http.key", 8) == 0    ? "http.key"
           : strncmp(error->text, "http.cert", 9) == 0 ? "http.cert"
                                                       : "http.client_ca";
}

static void print_at(const struct vg_settings *settings, struct vg_place place,
                     const char *text, FILE *report)
{
    if (place.line != 0) {
        (void)fprintf(report, "%s:%u:%u: ", settings->file, place.line, place.column);
    }
    (void)fprintf(report, "%s\n", text);
}

/* A certificate that does not hold now is used all the same: no fault. */
static void warn_of_certificate(const struct vg_settings *s, FILE *report)
{
    const struct vg_tls_files files = {s->http_cert, s->http_key, s->http_client_ca};
    struct vg_error text = {""};
    struct vg_tls *tls = NULL;

    if (files.cert[0] == '\0' || vg_tls_load(&files, &tls, &text) != VG_OK) {
        return; /* there is none; or it was told */
    }
    const char *wrong = vg_tls_complaint(tls, vg_clock_wall());
    vg_tls_drop(tls);
    if (wrong != NULL) {
        vg_error_set(&text, "warning: http.cert: the certificate \"%.120s\" %s",
                     files.cert, wrong);
        print_at(s, vg_settings_place(s, "http.cert"), text.text, report);
    }
}

/* The files that a channel names. */
static size_t channel_faults(const struct vg_settings *settings,
                             const struct vg_settings_channel *channel, FILE *report)
{
    const struct {
        const char *name, *path;
        struct vg_place place;
    } files[] = {
        {"secret_file", channel->secret_file, channel->secret_place},
        {"password_file", channel->password_file, channel->password_place},
        {"ca", channel->ca, channel->ca_place},
    };
    char line[VG_SECRET_LEN];
    size_t faults = 0;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct vg_error error = {""};
        if (files[i].path[0] == '\0' ||
            vg_secret_read(files[i].name, files[i].path, line, &error)) {
            continue;
        }
        print_at(settings, files[i].place, error.text, report);
        faults++;
    }
    explicit_bzero(line, sizeof line);
    return faults;
}

/* Each kind of channel that the settings can list goes out through libcurl. */
static size_t library_faults(const struct vg_settings *settings, FILE *report)
{
    struct vg_error error = {""};

    if (settings->channel_count == 0 || vg_curl_present(&error)) {
        return 0;
    }
    vg_error_prefix(&error, "channel %s", settings->channel[0].name);
    print_at(settings, settings->channel[0].place, error.text, report);
    return 1;
}

size_t vg_settings_check(const struct vg_settings *settings, FILE *report)
{
    static fault_fn *const checks[] = {mqtt_fault, store_fault, users_fault,
                                       http_fault};
    size_t faults = 0;

    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct vg_error error = {""};
        const char *name = checks[i](settings, &error);

        if (name == NULL) {
            continue;
        }
        print_at(settings, vg_settings_place(settings, name), error.text, report);
        faults++;
    }
    warn_of_certificate(settings, report);
    for (size_t i = 0; i < settings->channel_count; i++) {
        faults += channel_faults(settings, &settings->channel[i], report);
    }
    return faults + library_faults(settings, report);
}
