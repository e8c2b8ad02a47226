/* SPDX-License-Identifier: Apache-2.0
 *
 * Between bytes and values: topics and JSON to messages, values to JSON. Pure, and the
 * whole attack surface. config/MESSAGES.md is the contract in words.
 */
#ifndef VIGIL_WIRE_H
#define VIGIL_WIRE_H

#include "vigil/alert.h"
#include "vigil/engine.h"

/* ---- Time */

/* RFC 3339 with zone, or 13-ish digits of milliseconds. VG_REFUSED: neither, or before
 * 2000-01-01 or after 2100-01-01. */
enum vg_status vg_time_parse(const char *text, size_t length, struct vg_instant *out);
#define VG_TIME_TEXT 25
/* "2026-11-23T06:12:00.000Z" and a NUL. */
void vg_time_format(struct vg_instant at, char out[VG_TIME_TEXT]);
/* "90s", "10m", "4h", "7d", "500ms"; several joined by blanks add up ("48h 5m"). Negative
 * with a leading "-". VG_REFUSED otherwise. */
enum vg_status vg_span_parse(const char *text, size_t length, vg_ms *out);

/* ---- Topics */

enum vg_topic_kind { VG_TOPIC_BED, VG_TOPIC_GATEWAY_STATUS, VG_TOPIC_COMMAND };

struct vg_topic {
    enum vg_topic_kind kind;
    enum vg_kind message; /* VG_TOPIC_BED */
    char ward[VG_ID_LEN + 1];
    char bed[VG_ID_LEN + 1];
    char gateway[VG_ID_LEN + 1];
    char client[VG_ID_LEN + 1];
};

/* `root` is "vigil/v1" or the setting. VG_ABSENT: not one of ours; VG_REFUSED: ours, but an id
 * in it is malformed. */
enum vg_status vg_topic_parse(const char *root, const char *topic, size_t length,
                              struct vg_topic *out);

#define VG_TOPIC_LEN 200
/* Joins root and parts ("wards", ward, "events", NULL), each checked. VG_REFUSED if a part
 * has '+', '#', '/', a control character or is empty, or the whole is too long. */
enum vg_status vg_topic_build(char out[VG_TOPIC_LEN + 1], const char *root, ...)
    __attribute__((sentinel));

/* ---- Messages in */

/* Decodes one letter at a time; owns the arrays its messages point to, which are good until
 * the next call. NULL: no memory. One decoder for one thread. */
struct vg_decoder;
struct vg_decoder *vg_decoder_create(const char *root);
void vg_decoder_destroy(struct vg_decoder *decoder);

struct vg_letter {
    const char *topic;
    size_t topic_length;
    const void *payload;
    size_t payload_length;
    bool retained;
};

/* Whether it looks like part of a backlog: numbered vital signs, measured longer ago than
 * VG_BACKLOG (a project proposal: no feed lags so far, and an outage soon does). A glance
 * that may err: it decides in which order letters are taken, and nothing else. */
#define VG_BACKLOG (2 * VG_MINUTE)
bool vg_letter_backlog(const struct vg_letter *letter, struct vg_instant received);

/* Whether it looks as if nothing had happened: vital signs of a bed of which none is beyond a fixed limit
 * (vg_field_limits) that none was beyond in the bed's last 16 messages that were looked at (up to 31). A second glance
 * that may err: units are not looked at, a protocol has limits of its own, and a second low value matters as well. It
 * decides whether a letter may lie for 10 ms, and nothing else. The glance remembers beds, as far as it has room. One
 * thread. */
struct vg_glance;
struct vg_glance *vg_glance_create(void); /* NULL: no memory */
void vg_glance_destroy(struct vg_glance *glance);
bool vg_letter_calm(struct vg_glance *glance, const struct vg_letter *letter);

enum vg_decoded_kind {
    VG_DECODED_MESSAGE,
    VG_DECODED_EPISODE,
    VG_DECODED_GATEWAY,
    VG_DECODED_COMMAND, /* a malformed one too: `invalid` says why, to be answered */
    VG_DECODED_REFUSED  /* nothing usable: see refusal[0] */
};

struct vg_gateway_status {
    char gateway[VG_ID_LEN + 1];
    char epoch[VG_ID_LEN + 1];
    bool online;
    struct vg_instant ts; /* VG_UNSET if not sent */
    uint64_t from;        /* 0 if not sent */
};

struct vg_decoded {
    enum vg_decoded_kind kind;
    struct vg_topic topic;
    struct vg_origin origin; /* as far as it could be read, refused or not */
    union {
        struct vg_message message;
        struct vg_admission admission;
        struct vg_gateway_status status;
        struct {
            struct vg_command command;
            char invalid[VG_DETAIL_LEN + 1]; /* "" : well formed */
        };
    };
    size_t refusal_count; /* items refused beside good ones, or the one of the whole */
    const struct vg_refusal *refusal;
};

/* Never fails: what cannot be understood comes back as VG_DECODED_REFUSED. */
void vg_decode(struct vg_decoder *decoder, const struct vg_letter *letter,
               struct vg_decoded *out);
/* Who sent the next letter has logged in: which flags they may put is judged by their right (users.h), not
 * by the role that the letter names. */
void vg_decoder_known(struct vg_decoder *decoder, bool logged_in);

/* ---- JSON out: a writer over a buffer that grows. */

struct vg_buffer {
    char *bytes; /* always terminated once something was written */
    size_t length, capacity;
    bool failed; /* no memory: contents are not to be used */
};
void vg_buffer_clear(struct vg_buffer *buffer);
void vg_buffer_finish(struct vg_buffer *buffer);
void vg_buffer_add(struct vg_buffer *buffer, const char *bytes, size_t length);

void vg_put_raw(struct vg_buffer *b, const char *text);
void vg_put_string(struct vg_buffer *b,
                   const char *text); /* quoted, escaped, UTF-8 kept */
void vg_put_int(struct vg_buffer *b, int64_t number);
void vg_put_decimal(struct vg_buffer *b, struct vg_decimal number);
void vg_put_time(struct vg_buffer *b, struct vg_instant at); /* quoted; null if unset */

/* The alert as in the contract, one JSON object. */
void vg_encode_alert(struct vg_buffer *b, const struct vg_alert *alert, bool persisted);
/* The page that `role` gets: the alert and "page", "kind", "role", "step", "respond_by", "answers" (what may be
 * answered: none unless it is a call or a reminder). */
void vg_encode_page(struct vg_buffer *b, const struct vg_alert *alert, bool persisted,
                    enum vg_page_kind kind, const char *role);
/* The same of several alerts at once: kind "digest", "digest":[{"alert":…,"bed":…,"rule":…,"severity":…,
 * "text":…,"respond_by":…}] with the first alert too. */
void vg_encode_digest(struct vg_buffer *b, const struct vg_alert *alert, bool persisted,
                      const char *role, const struct vg_alert *const *also,
                      size_t also_count);
/* {"id":…,"result":…,"rev":…,"detail":…,"ts":…} */
void vg_encode_answer(struct vg_buffer *b, const struct vg_answer *answer,
                      struct vg_instant at);
/* The care of an alert beyond what people see: for our own reading back after a restart. */
void vg_encode_care(struct vg_buffer *b, const struct vg_care *care);
/* VG_REFUSED: not what vg_encode_care wrote. */
enum vg_status vg_decode_care(const char *json, size_t length, struct vg_care *out);
/* A stored message as a gateway could have sent it; decoded, it is the message again. */
void vg_encode_message(struct vg_buffer *b, const struct vg_message *message);
/* A command's payload as `vigil acknowledge` and its like send it. */
void vg_encode_command(struct vg_buffer *b, const struct vg_command *command);
/* A command whose verb and alert stand elsewhere, as in a path: `body` is the rest of it, one
 * JSON object; "do" and "alert" in it do not count. */
struct vg_command_frame {
    const char *what, *alert;
    const char *bed;             /* for a pause that names none; "" : none */
    char id[VG_COMMAND_LEN + 1]; /* of the body; if that has none, this is put */
    /* Of the body; if that has none, this is put, "" : none. */
    char by[VG_BY_LEN + 1];
};
/* Appends the whole payload. VG_OK, VG_REFUSED (the body is no object of JSON: see `error`) or
 * VG_NO_MEMORY. What else may be wrong with it is found when it is decoded. */
enum vg_status vg_complete_command(struct vg_buffer *b, struct vg_command_frame *frame,
                                   const char *body, size_t length,
                                   struct vg_error *error);
/* {"epoch":…,"seq":…,"topic":…,"reason":…,"detail":…,"ts":…} */
void vg_encode_refusal(struct vg_buffer *b, const struct vg_origin *origin,
                       const char *topic, size_t topic_length,
                       const struct vg_refusal *refusal, struct vg_instant at);
/* "crs":{…},"icans":{…},…: every score of the outside contract, null where unknown; NULL:
 * nothing is assessed. */
struct vg_assessment;
void vg_put_assessment(struct vg_buffer *b, const struct vg_assessment *assessment);

/* {"at":…,"assess":{…}}: every field present, null where unknown. */
void vg_encode_assessed(struct vg_buffer *b, const struct vg_assessed *assessed,
                        struct vg_instant at);

/* Reads back what vg_encode_alert wrote (restart, queries). VG_REFUSED if it is none. */
enum vg_status vg_decode_alert(const char *json, size_t length, struct vg_alert *out);

/* A line of a replay file: {"at":…,"topic":…,"payload":…}. topic NULL if there is none;
 * topic and payload are copied into `keep`, good until its next use. */
struct vg_replay_line {
    struct vg_instant at;
    struct vg_letter letter; /* letter.topic NULL: only time passes */
};
enum vg_status vg_replay_parse(const char *line, size_t length, struct vg_buffer *keep,
                               struct vg_replay_line *out, struct vg_error *error);

#endif
