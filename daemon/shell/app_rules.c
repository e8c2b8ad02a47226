/* SPDX-License-Identifier: Apache-2.0
 *
 * Protocols and wards: loaded whole, then swapped; a faulty file keeps the old ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"
#include "shell/audit_hash.h"
#include "shell/route.h"
#include "shell/yaml.h"

static enum vg_status match(const struct vg_settings *settings,
                            const struct vg_protocol_set *set, struct vg_ward *wards,
                            struct vg_error *error)
{
    char path[VG_PATH_SHORT + 1];

    for (size_t i = 0; i < settings->ward_count; i++) {
        const struct vg_settings_ward *from = &settings->ward[i];
        wards[i].protocol = vg_protocol_set_find(set, from->protocol);
        (void)vg_copy(wards[i].id, sizeof wards[i].id, from->id);
        if (wards[i].protocol == NULL) {
            vg_error_set(error, "ward %s: there is no protocol \"%s\" in %s", from->id,
                         from->protocol, vg_path_short(settings->protocols, path));
            vg_error_prefix(error, "%s:%u:%u", vg_path_short(settings->file, path),
                            from->place.line, from->place.column);
            return VG_REFUSED;
        }
    }
    return VG_OK;
}

static enum vg_status load(const struct vg_settings *settings, FILE *report,
                           struct vg_protocol_set *set, struct vg_ward **wards,
                           struct vg_error *error)
{
    memset(set, 0, sizeof *set);
    enum vg_status status =
        vg_protocol_set_load(settings->protocols, report, set, error);
    *wards = NULL;
    if (status != VG_OK) {
        return status;
    }
    if (set->count == 0) {
        vg_error_set(error, "%s: no protocol there", settings->protocols);
        status = VG_REFUSED;
    } else {
        *wards = calloc(settings->ward_count + 1, sizeof **wards);
        status = *wards == NULL ? VG_NO_MEMORY : match(settings, set, *wards, error);
    }
    if (status != VG_OK) {
        free(*wards);
        *wards = NULL;
        vg_protocol_set_finish(set);
    }
    return status;
}

static void make_book(struct vg_app *app, struct vg_rulebook *book)
{
    book->protocol_count = app->protocols.count;
    book->protocol = (const struct vg_protocol *const *)app->protocols.protocol;
    book->ward_count = app->settings->ward_count;
    book->ward = app->wards;
}

static enum vg_status load_and_say(struct vg_app *app, struct vg_protocol_set *set,
                                   struct vg_ward **wards, struct vg_error *error)
{
    FILE *report = vg_log_report(app->log, VG_LOG_WARNING, "protocol.fault");
    const enum vg_status status = load(app->settings, report, set, wards, error);

    vg_log_report_end(report);
    return status;
}

enum vg_status vg_app_load_rules(struct vg_app *app, struct vg_error *error)
{
    const enum vg_status status =
        load_and_say(app, &app->protocols, &app->wards, error);

    if (status == VG_OK) {
        make_book(app, &app->book);
    }
    return status;
}

enum vg_status vg_app_check(const struct vg_settings *settings, FILE *report,
                            struct vg_error *error)
{
    struct vg_protocol_set set;
    struct vg_ward *wards = NULL;
    const enum vg_status status = load(settings, report, &set, &wards, error);

    if (status == VG_OK) {
        for (size_t i = 0; i < settings->ward_count; i++) {
            (void)vg_routes_warn(settings, wards[i].id, wards[i].protocol, report);
        }
        free(wards);
        vg_protocol_set_finish(&set);
    }
    return status;
}

/* SHA-256 of the settings file as it is now; "" if there is none. */
static void digest_settings(const struct vg_app *app, char out[VG_AUDIT_HEX])
{
    FILE *in = app->settings->file[0] != '\0' ? fopen(app->settings->file, "re") : NULL;
    char *bytes = in != NULL ? malloc(VG_YAML_BYTES) : NULL;

    out[0] = '\0';
    if (bytes != NULL) {
        const size_t length = fread(bytes, 1, VG_YAML_BYTES, in);
        vg_audit_digest((struct vg_slice){bytes, length}, out);
    }
    free(bytes);
    if (in != NULL) {
        (void)fclose(in);
    }
}

/* Settings change with a start only: each start says which were in force. */
void vg_app_audit_start(struct vg_app *app)
{
    const struct vg_settings *s = app->settings;
    char digest[VG_AUDIT_HEX];
    char text[512];

    digest_settings(app, digest);
    (void)vg_batch_audit(app->filling.batch, app->now, "start", s->node,
                         VG_VERSION ", research use only");
    (void)snprintf(
        text, sizeof text,
        "file %.100s sha256 %s mqtt.url %.100s store %.100s protocols %.100s",
        s->file[0] != '\0' ? s->file : "none", digest, s->mqtt_url, s->store_path,
        s->protocols);
    (void)vg_batch_audit(app->filling.batch, app->now, "setting", s->node, text);
}

void vg_app_audit_protocols(struct vg_app *app)
{
    for (size_t i = 0; i < app->protocols.count; i++) {
        const struct vg_protocol *p = app->protocols.protocol[i];
        char text[160];
        (void)snprintf(text, sizeof text, "version %.40s digest %s", p->version,
                       p->digest);
        (void)vg_batch_audit(app->filling.batch, app->now, "protocol", p->name, text);
    }
}

/* Whoever changed a ward or a channel and reloads would believe that it holds. */
static void say_old_settings(const struct vg_app *app)
{
    if (vg_settings_changed(app->settings)) {
        vg_log_write(app->log, VG_LOG_WARNING, "settings.changed",
                     "%s has changed since the start, and is read at a start only: "
                     "what was set then holds until a restart",
                     app->settings->file);
    }
}

void vg_app_reload(struct vg_app *app)
{
    struct vg_protocol_set next;
    struct vg_ward *wards = NULL;
    struct vg_error error = {""};
    struct vg_protocol_set old = app->protocols;
    struct vg_ward *old_wards = app->wards;

    vg_http_reload(app->http); /* its certificates */
    say_old_settings(app);
    app->certificates_seen = 0;
    if (load_and_say(app, &next, &wards, &error) != VG_OK) {
        vg_log_write(app->log, VG_LOG_ERROR, "protocol.refused",
                     "the protocols were not reloaded, the old ones stay: %s",
                     error.text);
        (void)vg_batch_audit(app->filling.batch, app->now, "protocol",
                             app->settings->protocols, error.text);
        vg_app_trouble(app, VG_PROTOCOL_REFUSED, true, error.text);
        vg_app_commit_soon(app); /* nothing else may happen for seconds */
        return;
    }
    app->protocols = next;
    app->wards = wards;
    make_book(app, &app->book);
    if (vg_engine_adopt(app->engine, &app->book) != VG_OK) {
        app->protocols = old;
        app->wards = old_wards;
        make_book(app, &app->book);
        vg_protocol_set_finish(&next);
        free(wards);
        vg_log_write(app->log, VG_LOG_ERROR, "protocol.memory",
                     "no memory to adopt the new protocols: the old ones stay");
        return;
    }
    vg_protocol_set_finish(&old);
    free(old_wards);
    vg_log_write(app->log, VG_LOG_NOTICE, "protocol.loaded", "%zu protocols reloaded",
                 app->protocols.count);
    vg_app_time(app); /* tells what the change itself had to say */
    vg_app_audit_protocols(app);
    vg_app_trouble(app, VG_PROTOCOL_REFUSED, false, NULL);
    vg_app_keep(app); /* they may look further back */
    vg_app_status(app, "online");
    vg_app_live_wards(app);
    vg_app_arm(app);
    vg_app_commit_soon(app);
}
