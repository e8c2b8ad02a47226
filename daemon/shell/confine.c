/* SPDX-License-Identifier: Apache-2.0
 *
 * Rights that are not needed. See confine.h.
 */
#include "shell/confine.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shell/journal_file.h"

static const struct {
    const char *word;
    enum vg_level level;
    const char *text, *mend;
} rows[VG_EXCESS_COUNT] = {
    [VG_EXCESS_ROOT] = {"root", VG_LOG_WARNING,
                        "vigild runs as root, which it never needs.",
                        "Give it a user of its own: contrib/vigild.service does."},
    [VG_EXCESS_CAPABILITIES] = {"capabilities", VG_LOG_WARNING,
                                "vigild has capabilities, and needs none.",
                                "Start it with an empty CapabilityBoundingSet."},
    [VG_EXCESS_PRIVILEGES] =
        {"new_privileges", VG_LOG_WARNING,
         "vigild could get more rights by starting another program.",
         "Start it with NoNewPrivileges: contrib/vigild.service."},
    [VG_EXCESS_CORES] =
        {"core_dumps", VG_LOG_WARNING,
         "A crash of vigild may leave patients' data and keys in a core "
         "file.",
         "Leave out the setting core_dumps."},
    [VG_EXCESS_CALLS] =
        {"system_calls", VG_LOG_NOTICE,
         "No filter keeps vigild from system calls that it does not use.",
         "Start it with SystemCallFilter: contrib/vigild.service."},
    [VG_EXCESS_STORE] = {"store_open", VG_LOG_WARNING,
                         "Files of the store are open to everybody on this machine.",
                         "chmod o-rwx the files at store.path."},
    [VG_EXCESS_SECRETS] =
        {"secrets_open", VG_LOG_WARNING,
         "A file with a password, a key or users is open to everybody on "
         "this machine.",
         "chmod o-rwx it, and change the secret: it may be known."},
    [VG_EXCESS_RULES] =
        {"rules_writable", VG_LOG_NOTICE,
         "The settings or protocols can be changed by vigild itself, or by "
         "everybody.",
         "Let them belong to root, readable by vigild's group."},
    [VG_EXCESS_PLAIN] =
        {"plain_broker", VG_LOG_WARNING,
         "What patients' monitors say goes over the network unencrypted.",
         "Use mqtts:// with mqtt.ca: contrib/mosquitto has a broker with TLS."},
};

const char *vg_excess_word(enum vg_excess excess)
{
    return rows[excess].word;
}

const char *vg_excess_text(enum vg_excess excess)
{
    return rows[excess].text;
}

const char *vg_excess_mend(enum vg_excess excess)
{
    return rows[excess].mend;
}

enum vg_excess vg_excess_find(const char *word)
{
    unsigned i = 0;

    while (i < VG_EXCESS_COUNT && strcmp(rows[i].word, word) != 0) {
        i++;
    }
    return (enum vg_excess)i;
}

void vg_confine(bool cores)
{
    const struct rlimit none = {0, 0};

    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!cores) {
        /* Both: a core_pattern that pipes into a program does not heed the limit. */
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
}

/* ---- The process */

static bool has_capabilities(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};

    if (syscall(SYS_capget, &head, held) != 0) {
        return false;
    }
    return (held[0].permitted | held[1].permitted) != 0;
}

static bool may_dump(void)
{
    struct rlimit limit = {0, 0};

    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 &&
           (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max > 0);
}

/* ---- Files */

static bool open_to_all(const char *path, mode_t bits)
{
    struct stat about;

    return path[0] != '\0' && stat(path, &about) == 0 && (about.st_mode & bits) != 0;
}

static bool store_open(const struct vg_settings *settings)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[VG_SETTING_LEN + 16];
    bool found = false;

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", settings->store_path, suffixes[i]);
        found = found || open_to_all(path, 07);
    }
    for (unsigned i = 0; i < VG_JOURNAL_SEGMENTS; i++) { /* after a hard day */
        (void)snprintf(path, sizeof path, "%s.inbox-%u", settings->store_path, i);
        found = found || open_to_all(path, 07);
    }
    return found;
}

static bool secrets_open(const struct vg_settings *s)
{
    bool found = open_to_all(s->mqtt_password_file, 07) ||
                 open_to_all(s->mqtt_key, 07) || open_to_all(s->http_key, 07) ||
                 open_to_all(s->users, 07);

    for (size_t i = 0; i < s->channel_count; i++) {
        found = found || open_to_all(s->channel[i].password_file, 07) ||
                open_to_all(s->channel[i].secret_file, 07);
    }
    return found;
}

bool vg_confine_is_here(const char *url)
{
    const char *host = strstr(url, "://");

    host = host != NULL ? host + 3 : url;
    const size_t length = strcspn(host, host[0] == '[' ? "]" : ":/");
    return (length == 9 && strncmp(host, "localhost", 9) == 0) ||
           (length == 4 && strncmp(host, "[::1]", 5) == 0) ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length);
}

bool vg_confine_is_plain(const char *url)
{
    return strstr(url, "://") != NULL && strncmp(url, "mqtts:", 6) != 0 &&
           !vg_confine_is_here(url);
}

/* Root may change everything: of it only what others may do is asked. */
static bool rules_writable(const struct vg_settings *s)
{
    const char *const paths[] = {s->protocols, s->file};
    bool found = false;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        found = found || open_to_all(paths[i], 02) ||
                (geteuid() != 0 && paths[i][0] != '\0' && access(paths[i], W_OK) == 0);
    }
    return found;
}

vg_excesses vg_confine_look(const struct vg_settings *settings)
{
    const bool root = geteuid() == 0;
    const bool found[VG_EXCESS_COUNT] = {
        [VG_EXCESS_ROOT] = root,
        [VG_EXCESS_CAPABILITIES] = !root && has_capabilities(),
        [VG_EXCESS_PRIVILEGES] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1,
        [VG_EXCESS_CORES] = may_dump(),
        [VG_EXCESS_CALLS] = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2,
        [VG_EXCESS_STORE] = store_open(settings),
        [VG_EXCESS_SECRETS] = secrets_open(settings),
        [VG_EXCESS_RULES] = rules_writable(settings),
        [VG_EXCESS_PLAIN] = vg_confine_is_plain(settings->mqtt_url),
    };
    vg_excesses bits = 0;

    for (unsigned i = 0; i < VG_EXCESS_COUNT; i++) {
        bits |= found[i] ? 1U << i : 0;
    }
    return bits;
}

void vg_confine_say(vg_excesses found, struct vg_log *log)
{
    for (unsigned i = 0; i < VG_EXCESS_COUNT; i++) {
        if ((found >> i & 1) != 0) {
            vg_log_write(log, rows[i].level, "excess", "%s %s", rows[i].text,
                         rows[i].mend);
        }
    }
}
