/* SPDX-License-Identifier: Apache-2.0
 *
 * The end: all is quiet and everything must have arrived.
 */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "shell/app_inside.h"
#include "sim/sim.h"

bool check_drained(void)
{
    const struct vg_app *app = sim.app;

    if (app == NULL || !loop_alive() || !broker_drained() || !gateway_drained() ||
        app->busy || app->notices != NULL || vg_batch_records(app->filling.batch) > 0) {
        return false;
    }
    for (size_t i = 0; i < app->ward_count; i++) {
        if (app->ward[i].dirty) {
            return false;
        }
    }
    return true;
}

static const char *why_not(void)
{
    const struct vg_app *app = sim.app;

    if (app == NULL || !loop_alive()) {
        return "the daemon is down";
    }
    return !gateway_drained()     ? "a gateway still keeps what no mark has passed"
           : app->notices != NULL ? "a notice was not delivered"
           : app->busy            ? "a batch is not on disk"
                                  : "messages are still on their way";
}

static struct {
    char id[VG_ALERT_LEN + 1];
    unsigned rev;
    bool engine, retained;
    bool stored; /* what is retained was on disk when it was told */
} open_[512];
static size_t open_count;

static size_t place_of(const char *id)
{
    for (size_t i = 0; i < open_count; i++) {
        if (strcmp(open_[i].id, id) == 0) {
            return i;
        }
    }
    if (open_count == sizeof open_ / sizeof open_[0]) {
        sim_violation("more open alerts than a run can have");
        exit(3);
    }
    (void)snprintf(open_[open_count].id, sizeof open_[open_count].id, "%s", id);
    return open_count++;
}

static bool engine_has(void *unused, const struct vg_alert *alert)
{
    const size_t at = place_of(alert->id);

    (void)unused;
    open_[at].engine = true;
    open_[at].rev = alert->rev;
    return true;
}

static void retained_has(const char *topic, const char *payload, size_t length)
{
    const char *at = strstr(topic, "/alerts/");
    cJSON *alert = at == NULL ? NULL : cJSON_ParseWithLength(payload, length);

    if (alert != NULL) {
        const size_t place = place_of(at + 8);
        const unsigned rev =
            (unsigned)cJSON_GetNumberValue(cJSON_GetObjectItem(alert, "rev"));
        open_[place].retained = true;
        open_[place].stored = cJSON_IsTrue(cJSON_GetObjectItem(alert, "persisted"));
        /* what was told from memory while the disk was dead may be beyond what the next one knows */
        if (open_[place].engine && open_[place].rev != rev &&
            !(rev > open_[place].rev && !open_[place].stored)) {
            sim_violation("%s is retained as rev %u, the engine has %u",
                          open_[place].id, rev, open_[place].rev);
        }
    }
    cJSON_Delete(alert);
}

void check_end(void)
{
    if (!check_drained()) {
        sim_violation("not drained: %s", why_not());
        return;
    }
    vg_engine_open_alerts(sim.app->engine, NULL, engine_has, NULL);
    broker_retained(retained_has);
    for (size_t i = 0; i < open_count; i++) {
        if (open_[i].engine != open_[i].retained) {
            sim_violation("%s is %s", open_[i].id,
                          open_[i].engine ? "open and not retained"
                                          : "retained and not open");
        }
    }
    ledger_look(false);
}
