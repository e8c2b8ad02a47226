/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates that run out, and new ones that are faulty, become alerts before nobody can
 * reach the daemon, or it nobody.
 */
#include <stdio.h>
#include <string.h>

#include "shell/app_inside.h"
#include "shell/certificate.h"

#define LOOK_EVERY VG_HOUR /* into files; what HTTP has in use is known at once */

/* Reliability list F64: said 30, 7 and 1 day before, and once it is too late; each time graver.
 * The severities are a project proposal. */
static const struct stage {
    vg_ms left; /* at most */
    enum vg_severity severity;
} stages[] = {{0, VG_URGENT},
              {VG_DAY, VG_URGENT},
              {7 * VG_DAY, VG_WATCH},
              {30 * VG_DAY, VG_TECHNICAL}};
#define STAGES (sizeof stages / sizeof stages[0])

static void look(struct vg_app_certificate *first, struct vg_instant until,
                 const char *whose)
{
    if (until.ms < first->until.ms) {
        first->until = until;
        (void)vg_copy(first->whose, sizeof first->whose, whose);
    }
}

static void look_at_file(struct vg_app_certificate *first, const char *path,
                         const char *whose)
{
    if (path[0] != '\0') {
        look(first, vg_certificate_until(path), whose);
    }
}

static void look_at_files(struct vg_app *app)
{
    const struct vg_settings *s = app->settings;
    struct vg_app_certificate *first = &app->certificate_file;
    char whose[64];

    first->until = VG_NEVER;
    look_at_file(first, s->mqtt_ca, "mqtt.ca");
    look_at_file(first, s->mqtt_cert, "mqtt.cert");
    for (size_t i = 0; i < s->channel_count; i++) {
        (void)snprintf(whose, sizeof whose, "ca of channel %s", s->channel[i].name);
        look_at_file(first, s->channel[i].ca, whose);
    }
}

/* STAGES: it lasts. */
static size_t stage_of(vg_ms left)
{
    size_t i = 0;

    while (i < STAGES && left > stages[i].left) {
        i++;
    }
    return i;
}

/* What was said before, also by an earlier run, stays as long as it is true; it rises with the
 * days. Another certificate is another alert. */
static void say(struct vg_app *app, const struct vg_app_certificate *first)
{
    const vg_ms left = vg_since(first->until, app->now);
    const size_t stage = vg_is_never(first->until) ? STAGES : stage_of(left);
    char when[VG_TIME_TEXT];
    char text[VG_APP_CERTIFICATE_TEXT] = "";

    if (stage < STAGES) {
        vg_time_format(first->until, when);
        (void)snprintf(text, sizeof text,
                       left <= 0 ? "A certificate (%.70s) ran out on %.10s %.5s UTC."
                                 : "A certificate (%.70s) runs out on %.10s %.5s UTC.",
                       first->whose, when, when + 11);
    }
    if (app->certificate_known && stage == app->certificate_stage &&
        strcmp(text, app->certificate_text) == 0) {
        return;
    }
    if (strcmp(text, app->certificate_text) != 0) {
        vg_app_trouble(app, VG_CERT_EXPIRING, false, NULL);
    }
    if (stage < STAGES) {
        vg_app_trouble_grave(app, VG_CERT_EXPIRING, stages[stage].severity, text);
    }
    app->certificate_known = true;
    app->certificate_stage = stage;
    (void)vg_copy(app->certificate_text, sizeof app->certificate_text, text);
}

void vg_app_certificates(struct vg_app *app, vg_ms now)
{
    struct vg_http_tls_state state;
    const bool tls = vg_http_tls_look(app->http, &state);

    if (app->certificates_seen == 0 || now - app->certificates_seen >= LOOK_EVERY) {
        app->certificates_seen = now;
        look_at_files(app);
    }
    struct vg_app_certificate first = app->certificate_file;
    if (tls) {
        look(&first, state.until, "http.cert");
        look(&first, state.ca_until, "http.client_ca");
    }
    say(app, &first);
    vg_app_trouble(app, VG_CERT_REFUSED, tls && state.fault[0] != '\0', state.fault);
}
