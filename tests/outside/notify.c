/* SPDX-License-Identifier: Apache-2.0
 *
 * A channel of a settings file with pages from standard input, for test_channels.py:
 *
 *   notify SETTINGS CHANNEL
 *   <tag> <kind> <severity> <peak> <n> <role> [<address>]     n tells one alert from another;
 *                                                             peak "rose": to the severity
 *   close                                                     with requests under way
 *
 * Says "<tag> ok" or "<tag> failed: <why>" for each page, "closed", and at the end of its
 * input, when all is told, "lag <ms>": the longest that the loop did not turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "lib/sample.h"
#include "shell/channel.h"
#include "shell/clock.h"

/* Outlives its page: a channel that is closed never gives it back. */
struct tag {
    struct tag *next;
    char text[32];
};

struct driver {
    uv_loop_t loop;
    uv_pipe_t input;
    uv_timer_t beat;
    struct vg_channel *channel;
    struct vg_settings settings;
    char line[65536];
    size_t length, open;
    bool ended;
    struct tag *tags;
    uint64_t turned, lag;
};

static void leave(struct driver *driver)
{
    if (driver->channel != NULL) {
        driver->channel->ops->close(driver->channel);
        driver->channel = NULL;
    }
    uv_close((uv_handle_t *)&driver->input, NULL);
    uv_close((uv_handle_t *)&driver->beat, NULL);
    (void)printf("lag %llu\n", (unsigned long long)driver->lag);
    (void)fflush(stdout);
}

static void on_done(void *to, void *tag, enum vg_status status, const char *why)
{
    struct driver *driver = to;

    (void)printf("%s %s%s\n", ((struct tag *)tag)->text,
                 status == VG_OK ? "ok" : "failed: ", why);
    (void)fflush(stdout);
    driver->open--;
}

static struct vg_alert make_alert(const char *const word[7], struct vg_page *page)
{
    struct vg_alert alert = sample_alert("onc-7", (unsigned)strtoul(word[4], NULL, 10));

    const bool rose = strcmp(word[3], "rose") == 0;
    *page = (struct vg_page){.kind = VG_PAGE_NONE};
    if (vg_page_find(word[1], &page->kind) != VG_OK ||
        vg_severity_find(word[2], &alert.severity) != VG_OK ||
        (!rose && vg_severity_find(word[3], &alert.peak) != VG_OK)) {
        (void)fprintf(stderr, "notify: unknown word\n");
        exit(2);
    }
    alert.care.rose_rev = rose ? 2 : 1;
    alert.peak = rose ? alert.severity : alert.peak;
    alert.at = vg_clock_wall();
    alert.raised = vg_after(alert.at, -VG_MINUTE);
    alert.respond_by = vg_after(alert.at, VG_MINUTE);
    (void)vg_copy(page->role, sizeof page->role, word[5]);
    (void)vg_copy(page->address, sizeof page->address, word[6]);
    vg_page_id(&alert, page->kind, page->role, page->id);
    return alert;
}

static void send_line(struct driver *driver, char *line)
{
    const char *word[7] = {"", "", "", "", "", "", ""};
    char *rest = NULL;
    size_t count = 0;

    for (char *at = strtok_r(line, " ", &rest); at != NULL && count < 7;
         at = strtok_r(NULL, " ", &rest)) {
        word[count++] = at;
    }
    if (strcmp(word[0], "close") == 0) {
        driver->channel->ops->close(driver->channel);
        driver->channel = NULL;
        driver->open = 0;
        (void)printf("closed\n");
        (void)fflush(stdout);
        return;
    }
    struct vg_page page;
    const struct vg_alert alert = make_alert(word, &page);
    struct tag *tag = calloc(1, sizeof *tag);
    if (tag == NULL) {
        exit(3);
    }
    (void)vg_copy(tag->text, sizeof tag->text, word[0]);
    tag->next = driver->tags;
    driver->tags = tag;
    const struct vg_notice notice = {&alert, &page, true, false, tag};
    driver->open++;
    const enum vg_status status = driver->channel->ops->send(driver->channel, &notice);
    if (status != VG_OK) {
        on_done(driver, tag, status, status == VG_FULL ? "full" : "not taken");
    }
}

static void on_beat(uv_timer_t *timer)
{
    struct driver *driver = timer->data;
    const uint64_t now = uv_hrtime() / 1000000;

    if (now - driver->turned > driver->lag) {
        driver->lag = now - driver->turned;
    }
    driver->turned = now;
    if (driver->ended && driver->open == 0) {
        leave(driver);
    }
}

static void on_space(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    struct driver *driver = handle->data;

    (void)wanted;
    *out = uv_buf_init(driver->line + driver->length,
                       (unsigned)(sizeof driver->line - 1 - driver->length));
}

static void on_input(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct driver *driver = stream->data;
    char *from = driver->line, *end = NULL;

    (void)buffer;
    if (count < 0) {
        driver->ended = true;
        (void)uv_read_stop(stream);
        return;
    }
    driver->length += (size_t)count;
    driver->line[driver->length] = '\0';
    while ((end = strchr(from, '\n')) != NULL) {
        *end = '\0';
        send_line(driver, from);
        from = end + 1;
    }
    driver->length -= (size_t)(from - driver->line);
    memmove(driver->line, from, driver->length);
}

static bool open_channel(struct driver *driver, const char *file, const char *name)
{
    struct vg_error error = {""};

    vg_settings_default(&driver->settings);
    if (vg_settings_load(&driver->settings, file, stderr, &error) != VG_OK) {
        (void)fprintf(stderr, "notify: %s\n", error.text);
        return false;
    }
    const struct vg_settings_channel *settings =
        vg_settings_channel_find(&driver->settings, name);
    if (settings == NULL) {
        (void)fprintf(stderr, "notify: no channel %s\n", name);
        return false;
    }
    const struct vg_channel_setup setup = {.kind = settings->kind,
                                           .done = on_done,
                                           .to = driver,
                                           .loop = &driver->loop,
                                           .node = driver->settings.node,
                                           .settings = settings};
    if (vg_channel_open(&setup, &driver->channel, &error) != VG_OK) {
        (void)fprintf(stderr, "notify: %s\n", error.text);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct driver *driver = calloc(1, sizeof *driver);

    if (driver == NULL || argc != 3 || uv_loop_init(&driver->loop) != 0 ||
        !open_channel(driver, argv[1], argv[2])) {
        return 3;
    }
    (void)uv_pipe_init(&driver->loop, &driver->input, 0);
    (void)uv_timer_init(&driver->loop, &driver->beat);
    driver->input.data = driver->beat.data = driver;
    driver->turned = uv_hrtime() / 1000000;
    if (uv_pipe_open(&driver->input, 0) != 0 ||
        uv_read_start((uv_stream_t *)&driver->input, on_space, on_input) != 0) {
        return 3;
    }
    (void)uv_timer_start(&driver->beat, on_beat, 5, 5);
    (void)uv_run(&driver->loop, UV_RUN_DEFAULT);
    const bool clean = uv_loop_close(&driver->loop) == 0;
    while (driver->tags != NULL) {
        struct tag *tag = driver->tags;
        driver->tags = tag->next;
        free(tag);
    }
    free(driver);
    return clean ? 0 : 1;
}
