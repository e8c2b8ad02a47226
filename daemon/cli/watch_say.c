/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of a daemon that is not heard: an alert MONITORING_LOST of each ward,
 * retained, and a page to each role, said again while it lasts, and taken back.
 *
 * It takes the daemon's place, so it looks like the daemon's alerts, but stands in no
 * ward's index and no events (their counting is the daemon's), and nobody can answer it.
 * The loss of one daemon at one moment is the same alert whoever saw it.
 */
#include <string.h>

#include "cli/watch.h"
#include "shell/clock.h"
#include "shell/route.h"
#include "wire/encode_parts.h"

#define SKEW   VG_MINUTE /* a daemon's clock that is further away is not believed */
#define AFRESH VG_SECOND /* after a failure */

static const char rule[] = "MONITORING_LOST";

static void on_published(void *to, void *tag, enum vg_status status);

void vg_watch_print(const struct vg_watch_node *node, const char *what,
                    const char *text)
{
    char at[VG_TIME_TEXT];

    vg_time_format(vg_clock_wall(), at);
    (void)printf("%s %s %s%s%s\n", at, node->id, what, text[0] != '\0' ? ": " : "",
                 text);
}

/* ---- The alert */

void vg_watch_alert_id(const char *node, const char *ward, struct vg_instant onset,
                       char out[VG_ALERT_LEN + 1])
{
    const uint64_t of = vg_hash(vg_hash(0, node, strlen(node)), "/", 1);
    const uint64_t high = vg_hash(of, ward, strlen(ward));

    vg_content_id(out, onset, high, vg_hash(high, rule, sizeof rule - 1));
}

/* When it was last heard; by its own clock, which all watchers hear alike, if that is
 * about right. */
static struct vg_instant last_heard(const struct vg_watch_node *node)
{
    const struct vg_instant ours =
        vg_after(vg_clock_wall(), node->pulse.heard_at - vg_clock_boot());
    const struct vg_instant theirs = node->pulse.last.ts;
    const bool good = node->pulse.heard && vg_is_set(theirs) &&
                      vg_since(ours, theirs) < SKEW && vg_since(theirs, ours) < SKEW;

    return good ? theirs : ours;
}

static void span_text(vg_ms span, char out[32])
{
    const long long seconds = (long long)((span + VG_SECOND / 2) / VG_SECOND);

    if (seconds < 120) {
        (void)snprintf(out, 32, "%lld s", seconds);
    } else {
        (void)snprintf(out, 32, "%lld min", seconds / 60);
    }
}

static void put_loss_text(const struct vg_watch *watch,
                          const struct vg_watch_node *node, char out[VG_ALERT_TEXT])
{
    static const char *const reasons[VG_WATCH_WHYS] = {
        [VG_WATCH_SILENT] = "vigil has not been heard of for %s",
        [VG_WATCH_STOPPED] = "vigil was stopped: not heard of for %s",
        [VG_WATCH_BROKE_OFF] = "vigil broke off: not heard of for %s",
        [VG_WATCH_STUCK] = "vigil is stuck: nothing new heard of it for %s",
        [VG_WATCH_OLD] = "vigil has not been heard of for %s, only messages of an "
                         "earlier run",
        [VG_WATCH_UNWELL] = "vigil says that it is not well: no good word of it for %s",
        [VG_WATCH_NO_BROKER] = "vigil has not been heard of for %s: the broker cannot "
                               "be reached",
    };
    const enum vg_watch_why why =
        vg_mqtt_up(watch->mqtt) ? node->why : VG_WATCH_NO_BROKER;
    const char *form = reasons[why];
    const char *mark = strstr(form, "%s");
    char span[32];

    span_text(vg_clock_boot() - node->pulse.heard_at, span);
    (void)snprintf(out, VG_ALERT_TEXT, "%.*s%s%s: watch the patients yourselves.",
                   (int)(mark - form), form, span, mark + 2);
}

static void begin_alert(const struct vg_watch *watch, struct vg_watch_node *node)
{
    const struct vg_watch_options *options = &watch->options;
    struct vg_alert *alert = &node->alert;

    *alert = (struct vg_alert){
        .class_ = VG_CLASS_TECHNICAL,
        .severity = VG_CRITICAL,
        .peak = VG_CRITICAL,
        .onset = last_heard(node),
        .clear_since = VG_UNSET,
        .respond_by = VG_UNSET,
        .since_infusion = VG_NO_VALUE,
        .scores = {.crs = VG_GRADE_NULL,
                   .icans = VG_GRADE_NULL,
                   .news2 = VG_GRADE_NULL},
        .care = {.hold_until = VG_NEVER},
    };
    /* by the same clock as the onset, so that page ids are everybody's too */
    alert->raised = vg_after(alert->onset, options->limits.after);
    (void)vg_copy(alert->rule, sizeof alert->rule, rule);
    for (size_t i = 0; i < options->role_count && i < VG_TARGETS; i++) {
        (void)vg_copy(alert->target[i], sizeof alert->target[i], options->role[i]);
        alert->target_count = i + 1;
    }
    node->open = true;
}

static void change(struct vg_watch_node *node, enum vg_change event)
{
    struct vg_alert *alert = &node->alert;
    const bool over = event == VG_ENDED_CHANGE;

    alert->rev++;
    alert->event = event;
    alert->at = vg_clock_wall();
    alert->condition = over ? VG_ENDED : VG_ACTIVE;
    alert->offer = over ? VG_OFFER_CLOSED : VG_OFFERED_STATE;
}

static bool is_over(const struct vg_watch_node *node)
{
    return node->alert.condition == VG_ENDED;
}

static void tell(struct vg_watch *watch, struct vg_watch_node *node)
{
    const struct vg_watch_options *options = &watch->options;
    const enum vg_page_kind kind = is_over(node) ? VG_PAGE_END : VG_PAGE_CALL;

    node->owed = 0;
    node->owed_from = 0;
    for (size_t w = 0; w < options->ward_count; w++) {
        struct vg_alert alert = node->alert;
        (void)vg_copy(alert.ward, sizeof alert.ward, options->ward[w]);
        vg_watch_alert_id(node->id, alert.ward, alert.onset, alert.id);
        for (size_t r = 0; r < options->role_count; r++) {
            vg_watch_others_send(watch, &alert, kind, options->role[r]);
        }
    }
    vg_watch_pump(watch, node);
}

void vg_watch_lost(struct vg_watch *watch, struct vg_watch_node *node)
{
    const bool relapse = node->open; /* its end is not even told */

    if (!relapse) {
        begin_alert(watch, node);
    }
    node->alert.care.run++;
    node->alert.care.repeat = 0;
    change(node, relapse ? VG_RELAPSED : VG_RAISED);
    put_loss_text(watch, node, node->alert.text);
    vg_watch_print(node, "lost", node->alert.text);
    tell(watch, node);
}

void vg_watch_again(struct vg_watch *watch, struct vg_watch_node *node)
{
    node->alert.care.repeat++;
    change(node, VG_REPEATED);
    put_loss_text(watch, node, node->alert.text);
    vg_watch_print(node, "still lost", node->alert.text);
    tell(watch, node);
}

void vg_watch_back(struct vg_watch *watch, struct vg_watch_node *node)
{
    change(node, VG_ENDED_CHANGE);
    (void)vg_copy(node->alert.text, sizeof node->alert.text,
                  "vigil is heard of again. What happened meanwhile it may not have "
                  "seen: look at the patients.");
    vg_watch_print(node, "back", node->alert.text);
    tell(watch, node);
}

/* ---- To the broker: for each ward its pages, the state, and when it is over nothing */

static const char *address_of(const struct vg_watch *watch, const char *ward,
                              const char *role, struct vg_way_out way[VG_WAYS])
{
    const size_t count =
        vg_routes_find(&watch->options.common.settings, ward, role, way);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(way[i].kind, "mqtt") == 0 && way[i].address[0] != '\0') {
            return way[i].address;
        }
    }
    return role;
}

/* Nobody could take an answer, so none is offered. */
static void put_page(struct vg_buffer *b, const struct vg_alert *alert,
                     enum vg_page_kind kind, const char *role)
{
    char id[VG_ALERT_LEN + 1];

    vg_page_id(alert, kind, role, id);
    vg_put_alert_open(b, alert, false);
    vg_key_text(b, "page", id);
    vg_key_text(b, "kind", vg_page_text(kind));
    vg_key_text(b, "role", role);
    vg_key_int(b, "step", alert->step);
    vg_key_time(b, "respond_by", VG_UNSET);
    vg_key(b, "answers");
    vg_put_raw(b, "[]}");
}

static size_t parts(const struct vg_watch *watch, const struct vg_watch_node *node)
{
    return watch->options.role_count + 1 + (is_over(node) ? 1 : 0);
}

static size_t all_owed(const struct vg_watch *watch, const struct vg_watch_node *node)
{
    return node->open ? watch->options.ward_count * parts(watch, node) : 0;
}

static enum vg_status publish(struct vg_watch *watch, struct vg_watch_node *node,
                              size_t number)
{
    const struct vg_watch_options *options = &watch->options;
    struct vg_publisher *publisher = vg_mqtt_publisher(watch->mqtt);
    const size_t part = number % parts(watch, node);
    struct vg_way_out way[VG_WAYS];
    char topic[VG_TOPIC_LEN + 1];
    struct vg_alert alert = node->alert;
    const bool page = part < options->role_count;
    const char *last = alert.id;

    (void)vg_copy(alert.ward, sizeof alert.ward,
                  options->ward[number / parts(watch, node)]);
    vg_watch_alert_id(node->id, alert.ward, alert.onset, alert.id);
    vg_buffer_clear(&watch->text);
    if (page) {
        put_page(&watch->text, &alert, is_over(node) ? VG_PAGE_END : VG_PAGE_CALL,
                 options->role[part]);
        last = address_of(watch, alert.ward, options->role[part], way);
    } else if (part == options->role_count) {
        vg_encode_alert(&watch->text, &alert, false);
    }
    if (watch->text.failed ||
        vg_topic_build(topic, options->common.settings.mqtt_root, "wards", alert.ward,
                       page ? "pages" : "alerts", last, NULL) != VG_OK) {
        return VG_REFUSED;
    }
    const struct vg_publication publication = {
        .topic = topic,
        .payload = watch->text.length > 0 ? watch->text.bytes : "",
        .length = watch->text.length,
        .retained = !page,
        .done = on_published,
        .to = watch,
        .tag = node};
    return publisher->publish(publisher, &publication);
}

void vg_watch_pump(struct vg_watch *watch, struct vg_watch_node *node)
{
    while (vg_mqtt_up(watch->mqtt) && vg_clock_boot() >= node->owed_from &&
           node->owed < all_owed(watch, node)) {
        const enum vg_status status = publish(watch, node, node->owed);
        if (status == VG_REFUSED) {
            (void)fprintf(stderr, "vigil watch: one message could not be made\n");
        } else if (status != VG_OK) {
            node->owed_from = status == VG_FULL ? 0 : vg_clock_boot() + AFRESH;
            return;
        }
        node->in_flight += status == VG_OK ? 1 : 0;
        node->owed++;
    }
    if (node->open && is_over(node) && node->in_flight == 0 &&
        node->owed >= all_owed(watch, node)) {
        node->open = false;
    }
}

static void on_published(void *to, void *tag, enum vg_status status)
{
    struct vg_watch *watch = to;
    struct vg_watch_node *node = tag;

    node->in_flight--;
    if (status != VG_OK) {
        const vg_ms later = vg_clock_boot() + AFRESH;
        node->owed = 0;
        node->owed_from = node->owed_from > later ? node->owed_from : later;
    }
    vg_watch_pump(watch, node);
}

/* ---- What the watcher before us left */

static struct vg_watch_node *owner_of(struct vg_watch *watch,
                                      const struct vg_alert *alert)
{
    char id[VG_ALERT_LEN + 1];

    for (size_t i = 0; i < watch->options.node_count; i++) {
        vg_watch_alert_id(watch->node[i].id, alert->ward, alert->onset, id);
        if (strcmp(id, alert->id) == 0) {
            return &watch->node[i];
        }
    }
    return NULL;
}

void vg_watch_adopt(struct vg_watch *watch, const char *json, size_t length)
{
    static struct vg_alert alert; /* large, and there is one thread */

    if (vg_decode_alert(json, length, &alert) != VG_OK ||
        strcmp(alert.rule, rule) != 0) {
        return;
    }
    struct vg_watch_node *node = owner_of(watch, &alert);
    if (node == NULL || node->open) {
        return;
    }
    begin_alert(watch, node);
    node->alert.onset = alert.onset;
    node->alert.raised = alert.raised;
    node->alert.rev = alert.rev;
    /* how often it was said is not known: `rev` is more than that */
    node->alert.care.run = 1;
    node->alert.care.repeat = (uint16_t)alert.rev;
    node->owed = all_owed(watch, node);
    vg_pulse_adopt(&node->pulse, &watch->options.limits, vg_clock_boot());
    vg_watch_print(node, "was lost", "an alert stands from before this watcher began");
}
