/* SPDX-License-Identifier: Apache-2.0
 *
 * Subscribes, then publishes, then waits. The message is published again after each loss of
 * the connection: what is posted this way does nothing the second time.
 */
#include "cli/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "shell/clock.h"
#include "shell/mqtt_settings.h"

#define TICK          100 /* ms */
#define INBOX_LETTERS 1000
#define INBOX_BYTES   ((size_t)4 << 20)

struct run {
    const struct vg_post *post;
    struct vg_error *error;
    uv_loop_t loop;
    uv_timer_t timer;
    struct vg_inbox *inbox;
    struct vg_mqtt *mqtt;
    vg_ms begun; /* boot clock */
    bool delivered;
    enum vg_status status;
};

bool vg_post_client(char out[VG_POST_CLIENT])
{
    uint64_t number;

    if (uv_random(NULL, NULL, &number, sizeof number, 0, NULL) != 0) {
        return false;
    }
    (void)snprintf(out, VG_POST_CLIENT, "vigil-%016llx", (unsigned long long)number);
    return true;
}

static void end(struct run *run, enum vg_status status)
{
    run->status = status;
    uv_stop(&run->loop);
}

static void on_published(void *to, void *tag, enum vg_status status)
{
    struct run *run = to;

    (void)tag;
    run->delivered = run->delivered || status == VG_OK;
}

static void on_state(void *to, struct vg_mqtt *mqtt, enum vg_mqtt_state state,
                     const char *reason)
{
    struct run *run = to;
    const struct vg_publication publication = {.topic = run->post->topic,
                                               .payload = run->post->payload->bytes,
                                               .length = run->post->payload->length,
                                               .done = on_published,
                                               .to = run};
    struct vg_publisher *publisher = vg_mqtt_publisher(mqtt);

    if (state == VG_MQTT_DOWN) {
        vg_error_set(run->error, "the broker %.80s: %.120s",
                     run->post->settings->mqtt_url, reason);
        if (!run->delivered) {
            end(run, VG_FAILED);
        }
        return;
    }
    if (publisher->publish(publisher, &publication) != VG_OK) {
        vg_error_set(run->error, "the broker does not take the message");
        end(run, VG_FAILED);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct run *run = timer->data;

    if (run->delivered && run->post->look != NULL && run->post->look(run->post->to)) {
        end(run, VG_OK);
    } else if (vg_clock_boot() - run->begun >= run->post->within) {
        vg_error_set(run->error, "the broker %.80s does not answer",
                     run->post->settings->mqtt_url);
        end(run, run->delivered ? VG_ABSENT : VG_FAILED);
    }
}

static void deliver(void *to, const struct vg_item *list)
{
    struct run *run = to;

    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        if (item->kind == VG_ITEM_LINK) {
            vg_mqtt_handle(item->link, item);
        } else if (run->post->letter(run->post->to, &item->letter)) {
            end(run, VG_OK);
        }
    }
}

static enum vg_status connect_run(struct run *run)
{
    const char *const subscription[] = {run->post->answers};
    struct vg_mqtt_options options = vg_mqtt_by_settings(run->post->settings);
    options.client_id = run->post->client;
    options.clean_session = true;
    options.subscription_count = 1;
    options.subscription = subscription;
    const struct vg_mqtt_owner owner = {
        .loop = &run->loop, .inbox = run->inbox, .on_state = on_state, .to = run};

    return vg_mqtt_open(&options, &owner, &run->mqtt, run->error);
}

static enum vg_status start(struct run *run)
{
    vg_error_set(run->error, "no memory");
    vg_mqtt_library();
    if (run->post->payload->failed || uv_loop_init(&run->loop) != 0) {
        return VG_NO_MEMORY;
    }
    const enum vg_status status = vg_inbox_create(
        &run->loop, INBOX_LETTERS, INBOX_BYTES, deliver, run, &run->inbox);
    return status == VG_OK ? connect_run(run) : status;
}

enum vg_status vg_post_run(const struct vg_post *post, struct vg_error *error)
{
    struct run *run = calloc(1, sizeof *run);

    vg_error_set(error, "no memory");
    if (run == NULL) {
        return VG_NO_MEMORY;
    }
    run->post = post;
    run->error = error;
    enum vg_status status = start(run);
    if (status != VG_OK) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the process ends, and paho's threads with it */
        return status;
    }
    run->begun = vg_clock_boot();
    (void)uv_timer_init(&run->loop, &run->timer);
    run->timer.data = run;
    (void)uv_timer_start(&run->timer, on_tick, TICK, TICK);
    (void)uv_run(&run->loop, UV_RUN_DEFAULT);
    vg_mqtt_close(run->mqtt);
    return run->status;
}

void vg_post_leave(int code)
{
    if (fflush(stdout) != 0 && code == VG_EXIT_DONE) {
        code = VG_EXIT_CANNOT;
    }
    _exit(code);
}
