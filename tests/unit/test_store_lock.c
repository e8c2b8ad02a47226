/* SPDX-License-Identifier: Apache-2.0
 *
 * The lock of a store: who only asks by it whether a daemon runs (`vigil status`) keeps none from starting.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vigil/store.h"

#include "lib/temp.h"
#include "lib/turn.h"
#include "shell/store_backup.h"

#define ASKED 30000 /* us: longer than anybody asks, on a machine that is busy */

/* Another process has the lock as who asks has it; it lets go after ASKED, or (0) when it is killed. */
static pid_t ask_for(const char *path, unsigned us)
{
    char name[160];
    char word = 0;
    int said[2];

    (void)snprintf(name, sizeof name, "%s.lock", path);
    assert_int_equal(pipe(said), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const int fd = open(name, O_RDWR | O_CREAT, 0600);
        if (fd < 0 || flock(fd, LOCK_SH) != 0 || write(said[1], "x", 1) != 1) {
            _exit(1);
        }
        if (us == 0) {
            pause();
        }
        usleep(us);
        _exit(0);
    }
    (void)close(said[1]);
    assert_int_equal(read(said[0], &word, 1), 1);
    (void)close(said[0]);
    return child;
}

static void who_only_asks_keeps_no_daemon_from_starting(void **state)
{
    struct temp temp;
    char path[128];
    uv_loop_t loop;
    struct vg_store *store = NULL;
    struct vg_error error = {""};
    int status = 0;

    (void)state;
    temp_create(&temp);
    (void)temp_path(&temp, "vigil.db", path, sizeof path);
    assert_int_equal(uv_loop_init(&loop), 0);
    const pid_t child = ask_for(path, ASKED);
    if (vg_store_open("sqlite", path, &loop, &store, &error) != VG_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    store->ops->close(store);
    turn_out(&loop);
    temp_remove(&temp);
}

static void nor_a_restore_but_who_stays_does(void **state)
{
    struct temp temp;
    char path[128];
    struct vg_error error = {""};
    int status = 0;

    (void)state;
    temp_create(&temp);
    (void)temp_path(&temp, "vigil.db", path, sizeof path);
    pid_t child = ask_for(path, ASKED);
    const int lock = vg_store_lock(path, &error);
    assert_true(lock >= 0);
    (void)close(lock);
    assert_int_equal(waitpid(child, &status, 0), child);
    child = ask_for(path, 0);
    assert_int_equal(vg_store_lock(path, &error), -1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    temp_remove(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_only_asks_keeps_no_daemon_from_starting),
        cmocka_unit_test(nor_a_restore_but_who_stays_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
