/* SPDX-License-Identifier: Apache-2.0
 *
 * See thread.h.
 */
#include "shell/thread.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE 10

void vg_thread_stand_back(void)
{
    const struct sched_param none = {.sched_priority = 0};

    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    (void)sched_setscheduler(0, SCHED_BATCH, &none);
}
