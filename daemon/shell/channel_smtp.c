/* SPDX-License-Identifier: Apache-2.0
 *
 * The mail channel. Delivered means that the server has taken the message; whether
 * somebody reads it only an answer can tell.
 */
#include "shell/channel_smtp.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vigil/wire.h"

#include "shell/channel_text.h"
#include "shell/clock.h"
#include "shell/curl_queue.h"
#include "shell/secret.h"

#define FLIGHTS 4 /* connections at once: mail servers allow few to one client */

struct smtp {
    struct vg_channel channel; /* first, so that it can be turned back */
    struct vg_curl_queue *queue;
    bool plain, logs_in;
    char url[VG_SETTING_LEN], ca[VG_SETTING_LEN], from[VG_SETTING_LEN];
    char username[VG_SETTING_LEN], password[VG_SECRET_LEN];
};

/* ---- One message (RFC 5322) */

static void put_line(struct vg_buffer *b, const char *before, const char *text,
                     const char *after)
{
    vg_put_raw(b, before);
    vg_put_raw(b, text);
    vg_put_raw(b, after);
    vg_put_raw(b, "\r\n");
}

/* The daemon never leaves the C locale, so the names of days and months are English. */
static void put_date(struct vg_buffer *b)
{
    const time_t seconds = (time_t)(vg_clock_wall().ms / VG_SECOND);
    struct tm tm;
    char text[48] = "";

    if (gmtime_r(&seconds, &tm) != NULL) {
        (void)strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
    }
    put_line(b, "Date: ", text, "");
}

/* <id@domain>, with the domain of the sender. */
static void put_id(struct vg_buffer *b, const struct smtp *smtp, const char *header,
                   const char *id)
{
    vg_put_raw(b, header);
    vg_put_raw(b, "<");
    vg_put_raw(b, id);
    put_line(b, strchr(smtp->from, '@'), ">", "");
}

/* The alert's id is what mail programs gather the pages of one alert by. */
static void put_head(struct vg_buffer *b, const struct smtp *smtp,
                     const struct vg_notice *notice, const struct vg_push *push)
{
    put_date(b);
    put_line(b, "From: <", smtp->from, ">");
    put_line(b, "To: <", notice->page->address, ">");
    put_line(b, "Subject: ", push->title, "");
    put_id(b, smtp, "Message-ID: ", notice->page->id);
    put_id(b, smtp, "References: ", notice->alert->id);
    vg_put_raw(b, "Auto-Submitted: auto-generated\r\n"
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
}

static void put_body(struct vg_buffer *b, const struct vg_notice *notice,
                     const struct vg_push *push)
{
    char by[VG_TIME_TEXT];

    put_line(b, push->title, "", "");
    put_line(b, push->message, "", "");
    vg_put_raw(b, "\r\n");
    if (notice->page->kind == VG_PAGE_CALL && vg_is_set(notice->alert->respond_by) &&
        !vg_is_never(notice->alert->respond_by)) {
        vg_time_format(notice->alert->respond_by, by);
        put_line(b, "Answer by: ", by, "");
    }
    put_line(b, "Role: ", notice->page->role, "");
    put_line(b, "Alert: ", notice->alert->id, "");
    put_line(b, "Page: ", notice->page->id, "");
    vg_put_raw(b,
               "\r\nWho it is about, and its values, are not sent by mail: they are "
               "on the ward's board.\r\nThis mail box is not read: answers are given "
               "at the board.\r\n");
}

static enum vg_status send_notice(struct vg_channel *channel,
                                  const struct vg_notice *notice)
{
    struct smtp *smtp = (struct smtp *)channel;
    struct vg_push push;
    struct vg_buffer text = {0};

    if (notice->page == NULL || vg_push_text(notice, &push) != VG_OK ||
        !vg_mailbox_valid(notice->page->address)) {
        return VG_FAILED;
    }
    put_head(&text, smtp, notice, &push);
    put_body(&text, notice, &push);
    const struct vg_curl_request request = {
        .url = smtp->url,
        .ca = smtp->ca[0] != '\0' ? smtp->ca : NULL,
        .username = smtp->logs_in ? smtp->username : NULL,
        .password = smtp->logs_in ? smtp->password : NULL,
        .mail_from = smtp->from,
        .mail_to = notice->page->address,
        .plain = smtp->plain,
        .body = text.bytes,
        .length = text.length,
    };
    const enum vg_status status =
        text.failed ? VG_FAILED : vg_curl_queue_add(smtp->queue, notice, &request);
    vg_buffer_finish(&text);
    return status;
}

/* ---- Life */

static void destroy(struct smtp *smtp)
{
    explicit_bzero(smtp->password, sizeof smtp->password);
    free(smtp);
}

static void close_channel(struct vg_channel *channel)
{
    struct smtp *smtp = (struct smtp *)channel;

    vg_curl_queue_close(smtp->queue);
    destroy(smtp);
}

static const struct vg_channel_ops ops = {"smtp", send_notice, close_channel};

static enum vg_status set_up(struct smtp *smtp, const struct vg_channel_setup *setup,
                             struct vg_error *error)
{
    const struct vg_settings_channel *from = setup->settings;

    smtp->channel = (struct vg_channel){&ops, setup->done, setup->to};
    smtp->plain = strcmp(from->tls, "none") == 0;
    smtp->logs_in = from->username[0] != '\0';
    (void)vg_copy(smtp->url, sizeof smtp->url, from->url);
    (void)vg_copy(smtp->ca, sizeof smtp->ca, from->ca);
    (void)vg_copy(smtp->from, sizeof smtp->from, from->from);
    (void)vg_copy(smtp->username, sizeof smtp->username, from->username);
    if (!vg_mailbox_valid(smtp->from)) {
        vg_error_set(error, "from must be a mail box like vigil@hospital.example");
        return VG_REFUSED;
    }
    return !smtp->logs_in || vg_secret_read("password_file", from->password_file,
                                            smtp->password, error)
               ? VG_OK
               : VG_REFUSED;
}

enum vg_status vg_channel_open_smtp(const struct vg_channel_setup *setup,
                                    struct vg_channel **out, struct vg_error *error)
{
    struct smtp *smtp = calloc(1, sizeof *smtp);

    if (smtp == NULL) {
        return VG_NO_MEMORY;
    }
    enum vg_status status = set_up(smtp, setup, error);
    if (status == VG_OK) {
        status = vg_curl_queue_open(setup->loop, FLIGHTS, &smtp->channel, &smtp->queue,
                                    error);
    }
    if (status != VG_OK) {
        vg_error_prefix(error, "channel %s", setup->settings->name);
        destroy(smtp);
        return status;
    }
    *out = &smtp->channel;
    return VG_OK;
}
