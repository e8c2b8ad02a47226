/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of users, how far rights go, how guessing is slowed, and when sessions end: with a
 * clock that is handed in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shell/access.h"
#include "shell/access_sessions.h"
#include "shell/access_throttle.h"

#define HASH "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA"

static char folder[64];

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

/* ---- The file */

static void test_what_a_line_says(void **state)
{
    static const struct {
        const char *text, *sentence; /* NULL: good */
    } rows[] = {{"", NULL},
                {"# a comment\n\n  \n", NULL},
                {"li nurse onc-7 bedside-nurse,charge-nurse password " HASH "\n", NULL},
                {"wall display - - token " HASH, NULL},
                {"pc-3 nurse - - certificate pc-3.ward.example", NULL},
                {"a nurse - - certificate x\nb nurse - - certificate x",
                 ":2: this certificate"},
                {"li nurse onc-7 - password\n", ":1: a user is"},
                {"li nurse onc-7 - password " HASH " more\n", ":1: a user is"},
                {"LI nurse - - password " HASH "\n", ":1: the name"},
                {"li sister - - password " HASH "\n", ":1: the right"},
                {"li nurse ONC - password " HASH "\n", ":1: the ward"},
                {"li nurse - a,B password " HASH "\n", ":1: the roles"},
                {"li nurse - , password " HASH "\n", ":1: the roles"},
                {"li nurse - a,b,c,d,e,f,g,h,i password " HASH "\n", ":1: the roles"},
                {"a2345678901234567890123456789012 nurse - "
                 "b234567890123456789012345678901 password " HASH "\n",
                 NULL},
                {"a2345678901234567890123456789012 nurse - "
                 "a,b2345678901234567890123456789012 password " HASH "\n",
                 ":1: a role and the name together"},
                {"li nurse - - secret " HASH "\n", ":1: before the hash"},
                {"li nurse - - password plain\n", ":1: the hash"},
                {"li nurse - - password $argon2i$v=19$x\n", ":1: the hash"},
                {"#\nli nurse - - password " HASH "\nli nurse - - token " HASH "\n",
                 ":3: this name"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_users *users = NULL;
        struct vg_error error = {""};
        write_file(path_of("users"), rows[i].text);
        const enum vg_status status = vg_users_load(path_of("users"), &users, &error);
        assert_int_equal(status, rows[i].sentence == NULL ? VG_OK : VG_REFUSED);
        if (rows[i].sentence != NULL) {
            assert_non_null(strstr(error.text, rows[i].sentence));
        }
        vg_users_free(users);
    }
}

static void test_a_line_comes_back(void **state)
{
    static const char text[] =
        "li nurse onc-7 bedside-nurse,charge-nurse password " HASH;
    struct vg_users *users = NULL;
    struct vg_error error = {""};
    char line[512];

    (void)state;
    write_file(path_of("users"), text);
    assert_int_equal(vg_users_load(path_of("users"), &users, &error), VG_OK);
    assert_true(vg_user_line(&users->user[0], line, sizeof line));
    assert_string_equal(line, text);
    assert_false(vg_user_line(&users->user[0], line, 20));
    vg_users_free(users);
    assert_int_equal(vg_users_load(path_of("none"), &users, &error), VG_FAILED);
    /* A folder can be opened, but nothing is read of it: not the same as nobody. */
    assert_int_equal(vg_users_load("/", &users, &error), VG_FAILED);
    assert_non_null(strstr(error.text, "Is a directory"));
}

static void test_how_far_rights_go(void **state)
{
    (void)state;
    for (int what = 0; what < VG_DO_COUNT; what++) {
        const bool receipt = what == VG_DO_RECEIVED || what == VG_DO_DISPLAYED;
        for (int severity = 0; severity < VG_SEVERITY_COUNT; severity++) {
            const enum vg_do verb = (enum vg_do)what;
            const enum vg_severity s = (enum vg_severity)severity;
            assert_int_equal(vg_right_may(VG_RIGHT_DISPLAY, verb, s), receipt);
            if (s > VG_TECHNICAL) { /* what concerns patients */
                assert_int_equal(vg_right_may(VG_RIGHT_ADMINISTRATOR, verb, s),
                                 receipt);
            }
            /* nobody may what a physician may not */
            assert_true(vg_right_may(VG_RIGHT_PHYSICIAN, verb, s) ||
                        !vg_right_may(VG_RIGHT_NURSE, verb, s));
        }
    }
    assert_false(vg_right_may(VG_RIGHT_PHYSICIAN, VG_DO_SHELVE, VG_CRITICAL));
    assert_false(vg_right_may(VG_RIGHT_NURSE, VG_DO_SHELVE, VG_URGENT));
    assert_true(vg_right_may(VG_RIGHT_NURSE, VG_DO_ACCEPT, VG_CRITICAL));
    assert_false(vg_right_reads(VG_RIGHT_ADMINISTRATOR));
}

static void test_flags_and_names(void **state)
{
    struct vg_user user = {.name = "li", .right = VG_RIGHT_NURSE};
    char by[VG_BY_LEN + 1];

    (void)state;
    for (int i = 0; i <= VG_FLAG_COUNT; i++) {
        const enum vg_flag flag = (enum vg_flag)i;
        assert_false(vg_right_puts(VG_RIGHT_DISPLAY, flag));
        assert_false(vg_right_puts(VG_RIGHT_ADMINISTRATOR, flag));
        assert_int_equal(vg_right_puts(VG_RIGHT_PHYSICIAN, flag), i < VG_FLAG_COUNT);
    }
    assert_false(vg_right_puts(VG_RIGHT_NURSE, VG_FLAG_COMFORT_CARE));
    assert_false(vg_right_puts(VG_RIGHT_NURSE, VG_FLAG_SEDATED));
    assert_true(vg_right_puts(VG_RIGHT_NURSE, VG_FLAG_IRR_RESOLVED));
    vg_user_by(&user, by);
    assert_string_equal(by, "nurse:li");
    assert_true(vg_user_is_by(&user, by));
    (void)vg_copy(user.role[user.role_count++], VG_ID_LEN + 1, "bedside-nurse");
    (void)vg_copy(user.role[user.role_count++], VG_ID_LEN + 1, "charge-nurse");
    assert_false(vg_user_is_by(&user, by)); /* they have roles now */
    vg_user_by(&user, by);
    assert_string_equal(by, "bedside-nurse:li");
    assert_true(vg_user_is_by(&user, "charge-nurse:li"));
    static const char *const others[] = {"",
                                         "li",
                                         ":li",
                                         "charge-nurse",
                                         "charge-nurse:",
                                         "charge-nurse:l",
                                         "charge-nurse:li ",
                                         "charge-nurse:wu",
                                         "charge-nurs:li",
                                         "charge-nurse-:li"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(vg_user_is_by(&user, others[i]));
    }
}

/* ---- Guessing */

static void test_guessing_is_slowed(void **state)
{
    struct vg_throttle throttle = {0};
    vg_ms now = 1000;

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(vg_throttle_wait(&throttle, "li", "10.0.0.1", now), 0);
        vg_throttle_failed(&throttle, "li", "10.0.0.1", now);
    }
    assert_int_equal(vg_throttle_wait(&throttle, "li", "", now), 2000);
    assert_int_equal(vg_throttle_wait(&throttle, "wu", "10.0.0.1", now), 2000);
    assert_int_equal(vg_throttle_wait(&throttle, "wu", "10.0.0.2", now), 0);
    assert_int_equal(vg_throttle_wait(&throttle, "wu", "", now), 0);
    now += 2000;
    assert_int_equal(vg_throttle_wait(&throttle, "li", "", now), 0);
    vg_throttle_failed(&throttle, "li", "", now);
    assert_int_equal(vg_throttle_wait(&throttle, "li", "", now), 4000);
    for (int i = 0; i < 100; i++) {
        vg_throttle_failed(&throttle, "li", "", now);
    }
    assert_int_equal(vg_throttle_wait(&throttle, "li", "", now), 5 * VG_MINUTE);
    vg_throttle_passed(&throttle, "li", "10.0.0.1"); /* of the address only this try */
    assert_int_equal(vg_throttle_wait(&throttle, "li", "", now), 0);
    now += 16 * VG_MINUTE;
    vg_throttle_failed(&throttle, "wu", "10.0.0.1", now);
    assert_int_equal(vg_throttle_wait(&throttle, "wu", "10.0.0.1", now), 0);
    for (int i = 0; i < 1000; i++) { /* more names than places: the newest are kept */
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        for (int k = 0; k < 6; k++) {
            vg_throttle_failed(&throttle, name, "", now + i);
        }
        assert_true(vg_throttle_wait(&throttle, name, "", now + i) > 0);
    }
}

/* ---- Sessions */

static void put_line(FILE *out, const char *first, const char *kind, const char *secret)
{
    char hash[VG_USER_HASH];

    assert_true(vg_secret_hash(secret, hash));
    (void)fprintf(out, "%s %s %s\n", first, kind, hash);
}

static struct vg_access *open_access(void)
{
    struct vg_access *access = NULL;
    struct vg_error error = {""};
    FILE *out = fopen(path_of("people"), "w");

    assert_non_null(out);
    put_line(out, "li nurse - -", "password", "secret-of-li");
    put_line(out, "wall display - -", "password", "secret-of-wall");
    (void)fclose(out);
    assert_int_equal(vg_access_create(path_of("people"), NULL, &access, &error), VG_OK);
    return access;
}

static enum vg_status login(struct vg_access *access, const char *name, vg_ms now,
                            char key[VG_TOKEN_LEN + 1])
{
    struct vg_who who = {.known = false};
    char password[64];
    vg_ms wait = 0;

    (void)snprintf(password, sizeof password, "secret-of-%s", name);
    const struct vg_attempt attempt = {name, password, "", now};
    return vg_access_login(access, &attempt, key, &who, &wait);
}

static void test_when_sessions_end(void **state)
{
    struct vg_access *access = open_access();
    char key[VG_TOKEN_LEN + 1];
    char other[VG_TOKEN_LEN + 1];
    struct vg_who who = {.known = false};
    vg_ms now = VG_DAY;

    (void)state;
    assert_int_equal(login(access, "li", now, key), VG_OK);
    assert_int_equal(login(access, "li", now, other), VG_OK);
    assert_string_not_equal(key, other);
    now += VG_SESSION_IDLE;
    assert_int_equal(vg_access_session(access, key, now, true, &who), VG_OK);
    assert_true(vg_access_still(access, &who, now));
    now +=
        VG_SESSION_IDLE; /* `other` was not used meanwhile; looking is no use of it */
    assert_int_equal(vg_access_session(access, key, now, true, &who), VG_OK);
    assert_int_equal(vg_access_session(access, other, now, true, &who), VG_REFUSED);
    for (vg_ms spent = 2 * VG_SESSION_IDLE; spent <= VG_SESSION_MOST;
         spent += VG_SESSION_IDLE) {
        assert_int_equal(vg_access_session(access, key, VG_DAY + spent, true, &who),
                         VG_OK);
    }
    assert_int_equal(
        vg_access_session(access, key, VG_DAY + VG_SESSION_MOST + 1, true, &who),
        VG_REFUSED);
    assert_int_equal(login(access, "wall", now, key), VG_OK);
    assert_int_equal(vg_access_session(access, key, now + 30 * VG_DAY, true, &who),
                     VG_OK);
    vg_access_logout(access, key);
    assert_int_equal(vg_access_session(access, key, now, true, &who), VG_REFUSED);
    assert_int_equal(vg_access_session(access, "", now, true, &who), VG_REFUSED);
    vg_access_destroy(access);
}

static void test_who_is_taken_out_is_out(void **state)
{
    struct vg_access *access = open_access();
    char key[VG_TOKEN_LEN + 1];
    struct vg_who who = {.known = false};
    const vg_ms now = VG_DAY;

    (void)state;
    assert_int_equal(login(access, "li", now, key), VG_OK);
    assert_int_equal(vg_access_session(access, key, now, true, &who), VG_OK);
    write_file(path_of("people"), "this is no file of users\n");
    assert_true(vg_access_still(access, &who, now + 2000)); /* the old ones stay */
    write_file(path_of("people"), "# nobody\n");
    assert_false(vg_access_still(access, &who, now + 4000));
    assert_int_equal(vg_access_session(access, key, now + 4000, true, &who),
                     VG_REFUSED);
    assert_int_equal(login(access, "li", now + 4000, key), VG_REFUSED);
    vg_access_destroy(access);
}

/* A session is of the user as they were: what has changed since ends it, and its stream, also
 * where the name goes on. */
static void test_who_has_changed_logs_in_anew(void **state)
{
    static const struct {
        const char *first, *kind, *secret;
    } now_they_are[] = {{"li nurse - -", "password", "another-one"},
                        {"li physician - -", "password", "secret-of-li"},
                        {"li nurse onc-7 -", "password", "secret-of-li"},
                        {"li nurse - charge-nurse", "password", "secret-of-li"},
                        {"li nurse - -", "token", "secret-of-li"}};

    (void)state;
    for (size_t i = 0; i < sizeof now_they_are / sizeof now_they_are[0]; i++) {
        struct vg_access *access = open_access();
        char key[VG_TOKEN_LEN + 1];
        struct vg_who who = {.known = false};

        assert_int_equal(login(access, "li", VG_DAY, key), VG_OK);
        assert_int_equal(vg_access_session(access, key, VG_DAY, true, &who), VG_OK);
        FILE *out = fopen(path_of("people"), "w");
        assert_non_null(out);
        put_line(out, now_they_are[i].first, now_they_are[i].kind,
                 now_they_are[i].secret);
        (void)fclose(out);
        assert_false(vg_access_still(access, &who, VG_DAY + 2000));
        assert_int_equal(vg_access_session(access, key, VG_DAY + 2000, true, &who),
                         VG_REFUSED);
        vg_access_destroy(access);
    }
}

/* The same user beside a line that is another's: nothing has changed for them. */
static void test_who_has_not_changed_stays(void **state)
{
    struct vg_access *access = open_access();
    char key[VG_TOKEN_LEN + 1];
    struct vg_who who = {.known = false};

    (void)state;
    assert_int_equal(login(access, "li", VG_DAY, key), VG_OK);
    FILE *out = fopen(path_of("people"), "a");
    assert_non_null(out);
    put_line(out, "chen nurse - -", "password", "secret-of-chen");
    (void)fclose(out);
    assert_int_equal(vg_access_session(access, key, VG_DAY + 2000, true, &who), VG_OK);
    assert_true(vg_access_still(access, &who, VG_DAY + 2000));
    assert_int_equal(login(access, "chen", VG_DAY + 2000, key), VG_OK);
    vg_access_destroy(access);
}

static void test_the_same_look_is_one(void **state)
{
    struct vg_access *access = open_access();

    (void)state;
    assert_false(vg_access_noted(access, "li", "p-1 readings", VG_DAY));
    vg_access_note(access, "li", "p-1 readings", VG_DAY);
    assert_true(vg_access_noted(access, "li", "p-1 readings", VG_DAY + VG_MINUTE));
    assert_false(vg_access_noted(access, "li", "p-2 readings", VG_DAY));
    assert_false(vg_access_noted(access, "wu", "p-1 readings", VG_DAY));
    assert_false(vg_access_noted(access, "li", "p-1 readings", VG_DAY + VG_HOUR));
    vg_access_destroy(access);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/vigil-users-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path_of("users"));
    (void)unlink(path_of("people"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_line_says),
        cmocka_unit_test(test_a_line_comes_back),
        cmocka_unit_test(test_how_far_rights_go),
        cmocka_unit_test(test_flags_and_names),
        cmocka_unit_test(test_guessing_is_slowed),
        cmocka_unit_test(test_when_sessions_end),
        cmocka_unit_test(test_who_is_taken_out_is_out),
        cmocka_unit_test(test_who_has_changed_logs_in_anew),
        cmocka_unit_test(test_who_has_not_changed_stays),
        cmocka_unit_test(test_the_same_look_is_one),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
