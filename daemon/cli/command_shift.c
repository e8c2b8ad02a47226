/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil accept --all-of: all that one person has becomes another's, at a change of shift. Each
 * alert is a command of its own, with its own answer and its own row in the trail; the alerts
 * and their revisions are those of the store as it is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"

struct one {
    char id[VG_ALERT_LEN + 1], ward[VG_ID_LEN + 1];
    uint32_t rev;
};

struct all {
    const struct vg_asking *asking;
    struct one *item;
    size_t count;
    bool failed;
};

static bool on_alert(void *to, const char *json, size_t length)
{
    struct all *all = to;
    const char *ward = all->asking->ward;
    struct vg_alert alert;

    if (vg_decode_alert(json, length, &alert) != VG_OK ||
        alert.offer != VG_ACCEPTED_STATE ||
        strcmp(alert.owner, all->asking->all_of) != 0 ||
        (ward != NULL && strcmp(alert.ward, ward) != 0)) {
        return true;
    }
    struct one *more = realloc(all->item, (all->count + 1) * sizeof *more);
    if (more == NULL) {
        all->failed = true;
        return false;
    }
    all->item = more;
    struct one *one = &all->item[all->count++];
    memcpy(one->id, alert.id, sizeof one->id);
    memcpy(one->ward, alert.ward, sizeof one->ward);
    one->rev = alert.rev;
    return true;
}

static bool find(const struct vg_asking *asking, struct all *all)
{
    const struct vg_alert_query open = {
        .state = VG_ALERTS_OPEN, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_error error = {"no memory"};
    struct vg_reader *reader = vg_query_open(&asking->options, asking->name);

    if (reader == NULL) {
        return false; /* which says why */
    }
    const enum vg_status status = vg_store_alerts(reader, &open, on_alert, all, &error);
    vg_store_read_close(reader);
    if (status != VG_OK || all->failed) {
        (void)fprintf(stderr, "vigil %s: %s\n", asking->name, error.text);
    }
    return status == VG_OK && !all->failed;
}

/* In a process of its own, as a message is sent once in one (post.h). */
static int take(struct vg_asking *asking, const struct one *one,
                int (*ask)(struct vg_asking *asking))
{
    int status = 0;
    const pid_t child = fork();

    if (child == 0) {
        struct vg_command *command = &asking->command;
        (void)vg_copy(command->alert, sizeof command->alert, one->id);
        (void)vg_copy(command->ward, sizeof command->ward, one->ward);
        command->rev = one->rev;
        _exit(ask(asking));
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : VG_EXIT_CANNOT;
}

int vg_asking_all(struct vg_asking *asking, int (*ask)(struct vg_asking *asking))
{
    struct all all = {.asking = asking};
    int worst = VG_EXIT_DONE;

    if (!find(asking, &all)) {
        free(all.item);
        return VG_EXIT_CANNOT;
    }
    for (size_t i = 0; i < all.count; i++) {
        const int code = take(asking, &all.item[i], ask);
        worst = code > worst ? code : worst;
    }
    free(all.item);
    if (all.count == 0) {
        (void)fprintf(stderr, "vigil %s: %s has no open alert%s%s\n", asking->name,
                      asking->all_of, asking->ward != NULL ? " of ward " : "",
                      asking->ward != NULL ? asking->ward : "");
        return VG_EXIT_NO;
    }
    return worst;
}
