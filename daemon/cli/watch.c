/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil watch: listens for the heartbeats of vigild, and says so when they stop.
 */
#include "cli/watch.h"

#include <signal.h>
#include <stdlib.h>

#include "cli/post.h"
#include "shell/clock.h"
#include "shell/confine.h"
#include "shell/mqtt_settings.h"

#define TICK          100 /* ms */
#define DEAF          (2 * VG_SECOND)
#define INBOX_LETTERS 10000
#define INBOX_BYTES   ((size_t)16 << 20)

static void deliver(void *to, const struct vg_item *list)
{
    struct vg_watch *watch = to;

    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        if (item->kind == VG_ITEM_LINK) {
            vg_mqtt_handle(item->link, item);
        } else {
            struct vg_letter letter = item->letter;
            letter.retained = item->retained;
            vg_watch_hear(watch, &letter);
        }
    }
}

/* What was lost before the broker was back is given time to be heard before the ward is
 * told so. */
static void on_state(void *to, struct vg_mqtt *mqtt, enum vg_mqtt_state state,
                     const char *reason)
{
    struct vg_watch *watch = to;
    const vg_ms now = vg_clock_boot();
    const bool up = state == VG_MQTT_UP;

    (void)mqtt;
    (void)fprintf(stderr, "vigil watch: the broker %.80s%s: %.160s\n",
                  watch->options.common.settings.mqtt_url, up ? " is there" : "",
                  reason);
    for (size_t i = 0; i < watch->options.node_count; i++) {
        struct vg_watch_node *node = &watch->node[i];
        vg_pulse_link(&node->pulse, up, now);
        if (up && node->pulse.lost) {
            node->owed_from = now + watch->options.limits.after;
        }
    }
}

/* ---- The clock */

static void judge(struct vg_watch *watch, struct vg_watch_node *node, vg_ms now)
{
    switch (vg_pulse_judge(&node->pulse, &watch->options.limits, now)) {
    case VG_PULSE_LOST:
        vg_watch_lost(watch, node);
        break;
    case VG_PULSE_AGAIN:
        vg_watch_again(watch, node);
        break;
    case VG_PULSE_BACK:
        vg_watch_back(watch, node);
        break;
    case VG_PULSE_NOTHING:
    default:
        vg_watch_pump(watch, node);
        break;
    }
}

static void look_once(struct vg_watch *watch, vg_ms now)
{
    bool all = true;

    for (size_t i = 0; i < watch->options.node_count; i++) {
        all = all && watch->node[i].pulse.heard;
    }
    const bool late = now - watch->begun >= watch->options.limits.after;
    if (!all && !late) {
        return;
    }
    for (size_t i = 0; i < watch->options.node_count; i++) {
        vg_watch_print(&watch->node[i], watch->node[i].pulse.heard ? "alive" : "lost",
                       "");
    }
    watch->code = all ? VG_EXIT_DONE : VG_EXIT_NO;
    uv_stop(&watch->loop);
}

static void on_tick(uv_timer_t *timer)
{
    struct vg_watch *watch = timer->data;
    const vg_ms now = vg_clock_boot();
    const vg_ms stood = now - watch->ticked;

    watch->ticked = now;
    if (watch->options.once) {
        look_once(watch, now);
        return;
    }
    if (stood > DEAF) {
        (void)fprintf(stderr, "vigil watch: itself stood still for %lld ms\n",
                      (long long)stood);
    }
    for (size_t i = 0; i < watch->options.node_count; i++) {
        if (stood > DEAF) {
            vg_pulse_deaf(&watch->node[i].pulse, stood);
        }
        judge(watch, &watch->node[i], now);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct vg_watch *watch = handle->data;

    (void)number;
    watch->code = watch->options.once ? VG_EXIT_NO : VG_EXIT_DONE;
    uv_stop(&watch->loop);
}

/* ---- Beginning */

static enum vg_status name_topics(struct vg_watch *watch)
{
    const struct vg_watch_options *options = &watch->options;
    const char *root = options->common.settings.mqtt_root;
    enum vg_status status = VG_OK;

    for (size_t i = 0; i < options->node_count && status == VG_OK; i++) {
        struct vg_watch_node *node = &watch->node[i];
        node->id = options->node[i];
        vg_pulse_begin(&node->pulse, watch->begun);
        status = vg_topic_build(node->beat_topic, root, "nodes", node->id, "heartbeat",
                                NULL);
        if (status == VG_OK) {
            status = vg_topic_build(node->status_topic, root, "nodes", node->id,
                                    "status", NULL);
        }
    }
    return status;
}

static enum vg_status connect_with(struct vg_watch *watch, size_t count,
                                   const char *const *subscription,
                                   struct vg_error *error)
{
    struct vg_mqtt_options options =
        vg_mqtt_by_settings(&watch->options.common.settings);
    char client[VG_POST_CLIENT];

    if (!vg_post_client(client)) {
        vg_error_set(error, "the system gives no random number");
        return VG_FAILED;
    }
    options.client_id = client;
    options.clean_session = true;
    options.subscription_count = count;
    options.subscription = subscription;
    const struct vg_mqtt_owner owner = {
        .loop = &watch->loop, .inbox = watch->inbox, .on_state = on_state, .to = watch};
    return vg_mqtt_open(&options, &owner, &watch->mqtt, error);
}

static enum vg_status connect_watch(struct vg_watch *watch, struct vg_error *error)
{
    const struct vg_watch_options *options = &watch->options;
    const size_t wards = options->once ? 0 : options->ward_count;
    const size_t count = 2 * options->node_count + wards;
    const char **subscription = calloc(count + 1, sizeof *subscription);
    char(*alerts)[VG_TOPIC_LEN + 1] = calloc(wards + 1, sizeof *alerts);
    enum vg_status status = VG_NO_MEMORY;

    if (subscription != NULL && alerts != NULL) {
        for (size_t i = 0; i < options->node_count; i++) {
            subscription[2 * i] = watch->node[i].beat_topic;
            subscription[2 * i + 1] = watch->node[i].status_topic;
        }
        for (size_t i = 0; i < wards; i++) {
            (void)snprintf(alerts[i], sizeof alerts[i], "%.100s/wards/%.32s/alerts/+",
                           options->common.settings.mqtt_root, options->ward[i]);
            subscription[2 * options->node_count + i] = alerts[i];
        }
        status = connect_with(watch, count, subscription, error);
    }
    free(alerts);
    free((void *)subscription);
    return status;
}

static void start_handles(struct vg_watch *watch)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)uv_signal_init(&watch->loop, &watch->signals[i]);
        watch->signals[i].data = watch;
        (void)uv_signal_start(&watch->signals[i], on_signal, numbers[i]);
    }
    (void)uv_timer_init(&watch->loop, &watch->timer);
    watch->timer.data = watch;
    (void)uv_timer_start(&watch->timer, on_tick, TICK, TICK);
}

static enum vg_status start(struct vg_watch *watch, struct vg_error *error)
{
    vg_error_set(error, "no memory");
    vg_mqtt_library();
    watch->json = vg_json_create((size_t)4 * VG_BEAT_BYTES);
    if (watch->json == NULL || uv_loop_init(&watch->loop) != 0 ||
        vg_inbox_create(&watch->loop, INBOX_LETTERS, INBOX_BYTES, deliver, watch,
                        &watch->inbox) != VG_OK) {
        return VG_NO_MEMORY;
    }
    watch->begun = watch->ticked = vg_clock_boot();
    if (name_topics(watch) != VG_OK) {
        vg_error_set(error, "mqtt.root and the node make no topic");
        return VG_REFUSED;
    }
    if (!watch->options.once) {
        vg_watch_others_open(watch);
    }
    const enum vg_status status = connect_watch(watch, error);
    if (status == VG_OK) {
        start_handles(watch);
    }
    return status;
}

int vg_cli_watch(int argc, char **argv)
{
    static struct vg_watch watch; /* large, and there is one */
    struct vg_error error = {""};

    if (vg_watch_options_read(argc, argv, &watch.options, &error) != VG_OK) {
        if (error.text[0] != '\0') {
            (void)fprintf(stderr, "vigil watch: %s\n", error.text);
        }
        return watch.options.common.wrong != 0 ? watch.options.common.wrong
                                               : VG_EXIT_USAGE;
    }
    if (watch.options.help) {
        (void)fputs(vg_watch_usage, stdout);
        return VG_EXIT_DONE;
    }
    vg_confine(false); /* it holds the passwords of broker and channels for months */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (start(&watch, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil watch: %s\n", error.text);
        vg_post_leave(VG_EXIT_CANNOT);
    }
    (void)uv_run(&watch.loop, UV_RUN_DEFAULT);
    vg_mqtt_close(watch.mqtt);
    vg_post_leave(watch.code);
}
