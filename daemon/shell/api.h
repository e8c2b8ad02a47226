/* SPDX-License-Identifier: Apache-2.0
 *
 * The paths of the HTTP API (config/openapi.yaml), without a socket: a call goes in, an answer
 * comes out. http*.c carries both.
 *
 * A call may take as long as its reader's deadline, or wait for the answer to a command: it is
 * made on a worker's thread, each with an api of its own.
 */
#ifndef VIGIL_SHELL_API_H
#define VIGIL_SHELL_API_H

#include <stdatomic.h>

#include "vigil/wire.h"

#include "shell/access.h"
#include "shell/inbox.h"
#include "shell/live.h"
#include "shell/settings.h"
#include "shell/store_read.h"

#define VG_API_PARTS       8
#define VG_API_ARGUMENTS   16
#define VG_API_LIMIT       10000 /* rows of an answer, at most */
#define VG_API_USUAL       1000
#define VG_API_READ_WITHIN (4 * VG_SECOND) /* a question to the store */
#define VG_API_COOKIE      "vigil"         /* the session's */
/* What people ask is answered by the loop thread when it is on disk, within */
#define VG_API_ANSWER_WITHIN (5 * VG_SECOND)

/* Texts are borrowed for the call. */
struct vg_api_call {
    const char *method; /* "GET" also for HEAD */
    const char *path;
    size_t part_count; /* of the path, between its slashes */
    char part[VG_API_PARTS][VG_PATIENT_LEN + 1];
    size_t argument_count;
    struct {
        const char *name, *value;
    } argument[VG_API_ARGUMENTS];
    bool too_long;            /* more parts or arguments than there is room for */
    const char *content_type; /* "" : none */
    const char *accept, *prefer, *host; /* heads of these names; "" : none */
    bool secure; /* it came by TLS, as far as a proxy in front says so */
    struct vg_who who;
    const char *cookie; /* of a session, "" : none */
    char from[48];   /* the peer's address; "" : this machine, perhaps a proxy's peer */
    bool wants_page; /* a person's browser asks */
    const char *body;
    size_t body_length;
    struct vg_instant now;
};

struct vg_api_answer {
    unsigned status;
    const char *type;  /* a constant */
    const char *allow; /* of a 405, else NULL */
    const char *file;  /* name to save it under, or NULL */
    char *next;        /* where a list without a place for it goes on; owned, or NULL */
    bool changing;     /* never the same twice: no ETag */
    int retry_s;       /* after so long it may be asked again; 0: not said */
    const char *location;  /* where to go instead, or NULL */
    char cookie[160];      /* to be set, or "" */
    struct vg_buffer text; /* the caller's to finish */
};

/* What calls are answered from; one for each thread. */
struct vg_api {
    const struct vg_settings *settings;
    struct vg_live *live;
    struct vg_inbox *inbox;
    struct vg_access *access;
    struct vg_log *log;
    struct vg_limits_shown *limits;
    struct vg_reader *reader;    /* opened when first needed */
    struct vg_http_counts *http; /* for /metrics; may be NULL */
    atomic_uint_fast64_t *turns; /* of all threads: numbers of messages so far */
};

/* What the server counts of itself. */
struct vg_http_counts {
    uint64_t requests, refused, timeouts, streams, resyncs;
    uint64_t connections, open_streams;
};

void vg_api_answer(struct vg_api *api, const struct vg_api_call *call,
                   struct vg_api_answer *answer);
void vg_api_finish(struct vg_api *api); /* closes its reader */

/* Cuts the path; false: too long or empty parts. */
void vg_api_cut_path(struct vg_api_call *call, const char *path);

/* Whether it is answered also to who is not known: a log-in. */
bool vg_api_is_open(const struct vg_api_call *call);

/* Whether the path is one that vg_api_answer knows. */
bool vg_api_knows(const struct vg_api_call *call);

/* ---- For the parts: api_*.c */

typedef void vg_api_fn(struct vg_api *api, const struct vg_api_call *call,
                       struct vg_api_answer *answer);
vg_api_fn vg_api_trends;                                       /* api_trends.c */
vg_api_fn vg_api_wards, vg_api_beds, vg_api_limits;            /* api_live.c */
vg_api_fn vg_api_metrics;                                      /* api_metrics.c */
vg_api_fn vg_api_alerts, vg_api_alert;                         /* api_alerts.c */
vg_api_fn vg_api_episodes, vg_api_episode, vg_api_assessments; /* api_episodes.c */
vg_api_fn vg_api_readings;                                     /* api_readings.c */
vg_api_fn vg_api_charted;                                      /* api_charted.c */
vg_api_fn vg_api_coverage;                                     /* api_coverage.c */
vg_api_fn vg_api_command;                                      /* api_command.c */
vg_api_fn vg_api_message;                                      /* api_message.c */
vg_api_fn vg_api_fhir_metadata, vg_api_fhir_search, vg_api_fhir_read; /* api_fhir.c */
vg_api_fn vg_api_login, vg_api_logout, vg_api_session; /* api_session.c */

/* Whether the body says that it is JSON; else a problem. */
bool vg_api_json(const struct vg_api_call *call, struct vg_api_answer *answer);

/* A problem (RFC 9457), or an OperationOutcome below /fhir. */
void vg_api_problem(const struct vg_api_call *call, struct vg_api_answer *answer,
                    unsigned status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for who failed too often: in `wait` again. */
void vg_api_slow_down(const struct vg_api_call *call, struct vg_api_answer *answer,
                      vg_ms wait);
/* A problem for a status of the store. */
void vg_api_failed(struct vg_api *api, const struct vg_api_call *call,
                   struct vg_api_answer *answer, enum vg_status status,
                   const struct vg_error *error);
/* The reader, or NULL and a problem. */
struct vg_reader *vg_api_reader(struct vg_api *api, const struct vg_api_call *call,
                                struct vg_api_answer *answer);

/* A letter to the loop thread, and under which name its answer will come (http.h). */
struct vg_api_question {
    struct vg_item *item; /* it is the inbox's after the call; NULL: it was not taken */
    char client[VG_ID_LEN + 1];
    const char *late; /* the sentence where no answer comes in time */
};
/* Posts it and waits. The answer, to be given back; NULL: a problem has been answered. */
struct vg_shared *vg_api_ask(struct vg_api *api, const struct vg_api_call *call,
                             struct vg_api_answer *answer,
                             const struct vg_api_question *question);

/* ---- Rights (api_rights.c). False: a problem has been answered. */

/* Only this ward's, where who asks is of one: an absent ward becomes it. */
bool vg_api_ward(const struct vg_api_call *call, struct vg_api_answer *answer,
                 const char **ward);
/* The ward is listed, or something was heard or said of it once; NULL: none was asked for. */
bool vg_api_ward_known(struct vg_live *live, const struct vg_api_call *call,
                       struct vg_api_answer *answer, const char *ward);
/* The patient lies, or lay last, where who asks may look; and it is written down that they
 * looked. `what`: "readings". */
bool vg_api_may_read(struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer, const char *patient,
                     const char *what);
/* The same where the ward is known. */
bool vg_api_reads_in(struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer, const char *ward,
                     const char *patient, const char *what);
/* A row of the audit trail; false: it is not taken just now. */
bool vg_api_audit(struct vg_api *api, const char *kind, const char *subject,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- Arguments. False: a problem has been answered. */

/* Only these names (NULL ends them), each once. */
bool vg_api_only(const struct vg_api_call *call, struct vg_api_answer *answer,
                 const char *const *names);
/* NULL: not given. */
const char *vg_api_argument(const struct vg_api_call *call, const char *name);
bool vg_api_time(const struct vg_api_call *call, struct vg_api_answer *answer,
                 const char *name, struct vg_instant *out); /* unchanged if absent */
/* "from" and "to", in this order: the other way round an empty list would read as "nothing was". */
bool vg_api_span(const struct vg_api_call *call, struct vg_api_answer *answer,
                 struct vg_instant *from, struct vg_instant *to);
bool vg_api_limit(const struct vg_api_call *call, struct vg_api_answer *answer,
                  size_t *out);
/* Required, and a patient's pseudonym. */
bool vg_api_patient(const struct vg_api_call *call, struct vg_api_answer *answer,
                    const char **out);
/* "code=temp,sbp", required: bits of measured signals. */
bool vg_api_codes(const struct vg_api_call *call, struct vg_api_answer *answer,
                  uint64_t *out);
struct vg_cursor;
bool vg_api_after(const struct vg_api_call *call, struct vg_api_answer *answer,
                  struct vg_cursor *out); /* "after", of a next link */

/* Percent-escaped where it must be. */
void vg_api_put_escaped(struct vg_buffer *b, const char *text);

/* `,"next":"<the same question, after the cursor>"`, or nothing. */
struct vg_page_end;
void vg_api_put_next(const struct vg_api_call *call, struct vg_buffer *b,
                     const struct vg_page_end *end);
/* `,"known":false` where a patient is asked for under whose name nothing was ever stored. */
struct vg_reader;
void vg_api_put_known(const struct vg_api_call *call, struct vg_buffer *b,
                      struct vg_reader *reader);
/* The end of a list in an object, with that and the link to what comes next. */
void vg_api_history_end(const struct vg_api_call *call, struct vg_api_answer *answer,
                        struct vg_reader *reader, const struct vg_page_end *end);

#endif
