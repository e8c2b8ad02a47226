/* SPDX-License-Identifier: Apache-2.0
 *
 * Rights that are given up, and those that are found. Each in a child: what is given up is
 * given up for good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/temp.h"
#include "shell/confine.h"

#define NOBODY 65534

static bool has(vg_excesses found, enum vg_excess excess)
{
    return (found >> excess & 1) != 0;
}

/* What `child` answers, 0 or 1; anything else: it ended badly. */
static int in_child(bool (*child)(const struct vg_settings *),
                    const struct vg_settings *settings)
{
    int status = 0;
    const pid_t pid = fork();

    if (pid == 0) {
        _exit(child(settings) ? 1 : 0);
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool gives_up(const struct vg_settings *settings)
{
    struct rlimit limit = {1, 1};

    vg_confine(false);
    const vg_excesses found = vg_confine_look(settings);
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
           prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 &&
           !has(found, VG_EXCESS_PRIVILEGES) && !has(found, VG_EXCESS_CORES);
}

static bool leaves_cores(const struct vg_settings *settings)
{
    struct rlimit limit = {0, 0};

    if (getrlimit(RLIMIT_CORE, &limit) != 0) {
        return false;
    }
    vg_confine(true);
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 &&
           has(vg_confine_look(settings), VG_EXCESS_CORES) == (limit.rlim_max > 0) &&
           !has(vg_confine_look(settings), VG_EXCESS_PRIVILEGES);
}

static void test_what_is_given_up(void **state)
{
    static struct vg_settings settings;

    (void)state;
    assert_int_equal(in_child(gives_up, &settings), 1);
    assert_int_equal(in_child(leaves_cores, &settings), 1);
}

/* As root: has no capability left, is nobody's superuser. */
static bool as_nobody(const struct vg_settings *settings)
{
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) {
        return false;
    }
    const vg_excesses found = vg_confine_look(settings);
    return !has(found, VG_EXCESS_ROOT) && !has(found, VG_EXCESS_CAPABILITIES) &&
           !has(found, VG_EXCESS_RULES);
}

/* A user with a right of root's. */
static bool with_capability(const struct vg_settings *settings)
{
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setuid(NOBODY) != 0) {
        return false;
    }
    return has(vg_confine_look(settings), VG_EXCESS_CAPABILITIES);
}

static void test_root_and_capabilities(void **state)
{
    static struct vg_settings settings;

    (void)state;
    assert_int_equal(has(vg_confine_look(&settings), VG_EXCESS_ROOT), geteuid() == 0);
    assert_int_equal(in_child(as_nobody, &settings), 1);
    if (geteuid() == 0) {
        assert_int_equal(in_child(with_capability, &settings), 1);
    }
}

static void make(const char *path, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* Each file by itself, closed and then open. */
static void test_files(void **state)
{
    static struct vg_settings settings;
    struct temp temp;
    char path[VG_SETTING_LEN];
    const struct {
        char *setting;
        const char *suffix;
        enum vg_excess excess;
        mode_t open;
    } cases[] = {
        {settings.store_path, "", VG_EXCESS_STORE, 0604},
        {settings.store_path, ".inbox-1", VG_EXCESS_STORE, 0604},
        {settings.store_path, ".inbox-63", VG_EXCESS_STORE, 0604},
        {settings.store_path, "-wal", VG_EXCESS_STORE, 0602},
        {settings.mqtt_password_file, "", VG_EXCESS_SECRETS, 0604},
        {settings.mqtt_key, "", VG_EXCESS_SECRETS, 0604},
        {settings.http_key, "", VG_EXCESS_SECRETS, 0604},
        {settings.users, "", VG_EXCESS_SECRETS, 0604},
        {settings.channel[0].secret_file, "", VG_EXCESS_SECRETS, 0604},
        {settings.channel[1].password_file, "", VG_EXCESS_SECRETS, 0604},
        {settings.file, "", VG_EXCESS_RULES, 0602},
        {settings.protocols, "", VG_EXCESS_RULES, 0602},
    };

    (void)state;
    temp_create(&temp);
    settings.channel_count = 2;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)temp_path(&temp, "thing", cases[i].setting, VG_SETTING_LEN);
        (void)snprintf(path, sizeof path, "%.400s%s", cases[i].setting,
                       cases[i].suffix);
        make(path, 0440);
        assert_false(has(vg_confine_look(&settings), cases[i].excess));
        assert_int_equal(chmod(path, cases[i].open), 0);
        assert_true(has(vg_confine_look(&settings), cases[i].excess));
        assert_int_equal(unlink(path), 0);
        cases[i].setting[0] = '\0';
    }
    temp_remove(&temp);
}

static void test_the_way_to_the_broker(void **state)
{
    static struct vg_settings settings;
    static const struct {
        const char *url;
        bool plain;
    } rows[] = {{"mqtt://127.0.0.1:1883", false},   {"mqtt://localhost", false},
                {"mqtt://[::1]:1883", false},       {"mqtts://10.7.0.5:8883", false},
                {"mqtt://10.7.0.5:1883", true},     {"mqtt://broker.example", true},
                {"mqtt://localhost.example", true}, {"mqtt://127.example:1883", true},
                {"mqtt://localhost:1883", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)vg_copy(settings.mqtt_url, sizeof settings.mqtt_url, rows[i].url);
        assert_int_equal(vg_confine_is_plain(rows[i].url), rows[i].plain);
        assert_int_equal(has(vg_confine_look(&settings), VG_EXCESS_PLAIN),
                         rows[i].plain);
    }
}

static void test_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VG_EXCESS_COUNT; i++) {
        const enum vg_excess excess = (enum vg_excess)i;
        const char *text = vg_excess_text(excess);
        assert_int_equal(vg_excess_find(vg_excess_word(excess)), excess);
        assert_int_equal(text[strlen(text) - 1], '.');
        assert_true(strlen(vg_excess_mend(excess)) > 0);
    }
    assert_int_equal(vg_excess_find("nothing"), VG_EXCESS_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_given_up),
        cmocka_unit_test(test_root_and_capabilities),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_the_way_to_the_broker),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
