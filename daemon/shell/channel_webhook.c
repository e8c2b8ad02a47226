/* SPDX-License-Identifier: Apache-2.0
 *
 * The webhook channel. It tries once: the outbox tries again, with the same page id, which
 * the receiver finds in Idempotency-Key.
 */
#include "shell/channel_webhook.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/curl_queue.h"
#include "shell/secret.h"
#include "shell/webhook_template.h"

#define FLIGHTS 16 /* requests under way at once */
#define HEADERS 4
#define SHA256  32

struct webhook {
    struct vg_channel channel; /* first, so that it can be turned back */
    struct vg_curl_queue *queue;
    const struct vg_webhook_template *template_;
    bool full, signs, logs_in;
    char url[VG_SETTING_LEN + 32], ca[VG_SETTING_LEN], topic[VG_SETTING_LEN];
    char username[VG_SETTING_LEN];
    char node[VG_SETTING_LEN];
    char secret[VG_SECRET_LEN], password[VG_SECRET_LEN];
};

/* ---- One request */

struct headers {
    size_t count;
    const char *line[HEADERS];
    char text[HEADERS][128];
};

static void add_header(struct headers *headers, const char *name, const char *value)
{
    char *text = headers->text[headers->count];

    (void)snprintf(text, sizeof headers->text[0], "%s: %s", name, value);
    headers->line[headers->count++] = text;
}

/* HMAC-SHA256 over "<seconds since 1970>.<body>": the receiver sees that it came from us,
 * that nobody has changed it and, by the time, that nobody has kept it. */
static bool sign(const struct webhook *hook, struct headers *headers,
                 const struct vg_buffer *body)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char time[24];
    char hex[8 + 2 * SHA256] = "sha256=";
    struct vg_buffer what = {0};

    (void)snprintf(time, sizeof time, "%lld",
                   (long long)(vg_clock_wall().ms / VG_SECOND));
    vg_put_raw(&what, time);
    vg_put_raw(&what, ".");
    vg_buffer_add(&what, body->bytes, body->length);
    const bool good =
        !what.failed &&
        HMAC(EVP_sha256(), hook->secret, (int)strlen(hook->secret),
             (const unsigned char *)what.bytes, what.length, hash, &length) != NULL;
    vg_buffer_finish(&what);
    for (size_t i = 0; good && i < SHA256; i++) {
        (void)snprintf(hex + 7 + 2 * i, 3, "%02x", hash[i]);
    }
    add_header(headers, "X-Vigil-Timestamp", time);
    add_header(headers, "X-Vigil-Signature", hex);
    return good;
}

static enum vg_status post(struct webhook *hook, const struct vg_notice *notice,
                           const struct vg_buffer *body)
{
    struct headers headers = {0};

    add_header(&headers, "Content-Type", "application/json");
    add_header(&headers, "Idempotency-Key", notice->page->id);
    if (hook->signs && !sign(hook, &headers, body)) {
        return VG_FAILED;
    }
    const struct vg_curl_request request = {
        .url = hook->url,
        .ca = hook->ca[0] != '\0' ? hook->ca : NULL,
        .username = hook->logs_in ? hook->username : NULL,
        .password = hook->logs_in ? hook->password : NULL,
        .header_count = headers.count,
        .header = headers.line,
        .body = body->bytes,
        .length = body->length,
    };
    return vg_curl_queue_add(hook->queue, notice, &request);
}

static enum vg_status send_notice(struct vg_channel *channel,
                                  const struct vg_notice *notice)
{
    struct webhook *hook = (struct webhook *)channel;
    struct vg_push push;
    struct vg_buffer body = {0};

    if (notice->page == NULL || vg_push_text(notice, &push) != VG_OK) {
        return VG_FAILED;
    }
    const struct vg_webhook_words words = {notice, &push, hook->node, hook->topic,
                                           hook->full};
    hook->template_->write(&body, &words);
    const enum vg_status status = body.failed ? VG_FAILED : post(hook, notice, &body);
    vg_buffer_finish(&body);
    return status;
}

/* ---- Life */

static void destroy(struct webhook *hook)
{
    explicit_bzero(hook->secret, sizeof hook->secret);
    explicit_bzero(hook->password, sizeof hook->password);
    free(hook);
}

static void close_channel(struct vg_channel *channel)
{
    struct webhook *hook = (struct webhook *)channel;

    vg_curl_queue_close(hook->queue);
    destroy(hook);
}

static const struct vg_channel_ops ops = {"webhook", send_notice, close_channel};

static void copy_url(struct webhook *hook, const char *url)
{
    size_t length = strlen(url);

    while (length > 0 && url[length - 1] == '/' && hook->template_->path[0] != '\0') {
        length--;
    }
    (void)snprintf(hook->url, sizeof hook->url, "%.*s%s", (int)length, url,
                   hook->template_->path);
}

static enum vg_status set_up(struct webhook *hook, const struct vg_channel_setup *setup,
                             struct vg_error *error)
{
    const struct vg_settings_channel *from = setup->settings;

    hook->channel = (struct vg_channel){&ops, setup->done, setup->to};
    hook->template_ = vg_webhook_template(from->template_);
    if (hook->template_ == NULL) {
        vg_error_set(error, "there is no template \"%.40s\"", from->template_);
        return VG_REFUSED;
    }
    copy_url(hook, from->url);
    hook->full = strcmp(from->content, "full") == 0;
    hook->signs = from->secret_file[0] != '\0';
    hook->logs_in = from->username[0] != '\0';
    (void)vg_copy(hook->ca, sizeof hook->ca, from->ca);
    (void)vg_copy(hook->topic, sizeof hook->topic, from->topic);
    (void)vg_copy(hook->username, sizeof hook->username, from->username);
    (void)vg_copy(hook->node, sizeof hook->node, setup->node);
    const bool read =
        (!hook->signs ||
         vg_secret_read("secret_file", from->secret_file, hook->secret, error)) &&
        (!hook->logs_in ||
         vg_secret_read("password_file", from->password_file, hook->password, error));
    return read ? VG_OK : VG_REFUSED;
}

enum vg_status vg_channel_open_webhook(const struct vg_channel_setup *setup,
                                       struct vg_channel **out, struct vg_error *error)
{
    struct webhook *hook = calloc(1, sizeof *hook);

    if (hook == NULL) {
        return VG_NO_MEMORY;
    }
    enum vg_status status = set_up(hook, setup, error);
    if (status == VG_OK) {
        status = vg_curl_queue_open(setup->loop, FLIGHTS, &hook->channel, &hook->queue,
                                    error);
    }
    if (status != VG_OK) {
        vg_error_prefix(error, "channel %s", setup->settings->name);
        destroy(hook);
        return status;
    }
    *out = &hook->channel;
    return VG_OK;
}
