/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server as its own files see it:
 *   http.c         start and stop; a request from its first line to its answer
 *   http_head.c    what is wrong with a request by its head alone
 *   http_guard.c   which connections there are; what takes too long is ended
 *   http_work.c    the workers, who ask the store and wait for answers
 *   http_stream.c  server-sent events
 *   http_reply.c   an answer's head; validators; compression
 *   http_access.c  who asks
 *   http_form.c    the log-in form
 *   http_language.c  what a display speaks
 *   http_tls.c     certificates: ours, renewed while it runs, and the clients'
 *
 * Threads. libmicrohttpd's one calls on_request, the streams' reader and what ends them; it
 * never waits. A request that needs a worker is suspended and belongs to the worker until it is
 * resumed. A stream without news is suspended and belongs to the watch, the thread of
 * http_guard.c. `lock` covers the lists and the links' states; nothing of libmicrohttpd is
 * called with it held but shutdown(2) of a socket, which cannot have been closed before its
 * link has left the list.
 */
#ifndef VIGIL_SHELL_HTTP_INSIDE_H
#define VIGIL_SHELL_HTTP_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <microhttpd.h>

#include "shell/api.h"
#include "shell/http.h"
#include "shell/tls.h"

#define VG_HTTP_WORKERS 4
#define VG_HTTP_JOBS    256 /* requests that wait for a worker */

enum vg_http_state {
    VG_HTTP_READING,   /* waits for a request, or for the rest of one */
    VG_HTTP_WORKING,   /* suspended; a worker's */
    VG_HTTP_SENDING,   /* an answer is on its way */
    VG_HTTP_STREAMING, /* a stream, running */
    VG_HTTP_WAITING    /* a stream, suspended; the watch's */
};

/* One connection, from its accept to its close. */
struct vg_http_link {
    struct vg_http_link *next, **link;
    struct MHD_Connection *connection;
    int socket;
    enum vg_http_state state;
    vg_ms since; /* boot clock: of the state; of a stream: its reader was last asked */
    bool ended;  /* shut down: only the close is awaited */
    struct vg_http_stream *stream; /* or NULL */
    struct vg_tls *tls;            /* the set that it uses, or NULL: plain */
    bool peer_asked, peer_known;   /* whose certificate it showed */
    struct vg_tls_peer peer;
};

/* One request. */
struct vg_http_request {
    struct vg_http_request *next; /* among the jobs */
    struct vg_http *http;
    struct MHD_Connection *connection;
    struct vg_http_link *link;
    struct vg_api_call call;
    struct vg_api_answer answer;
    struct vg_buffer body;
    char etag[40];
    const char *if_none_match; /* or NULL */
    bool gzip;                 /* the client takes it */
    bool packed;               /* the text is */
    bool unmodified;           /* 304 */
    bool done;                 /* the answer is there */
    const char *authorization; /* or NULL */
    bool allowed;    /* who asks is known and may: the rest is the server thread's */
    bool close;      /* the connection ends with it */
    bool too_big;    /* its body is */
    bool head;       /* only the head of the answer is wanted */
    bool at_board;   /* a log-in form, sent to the board's own address */
    char where[512]; /* answer.location, where it depends on what was asked */
};

#define VG_HTTP_TLS_FILES   3
#define VG_HTTP_TLS_OPTIONS 3

struct vg_http {
    struct MHD_Daemon *daemon;
    const struct vg_settings *settings;
    struct vg_live *live;
    struct vg_inbox *inbox;
    struct vg_access *access;
    struct vg_log *log;
    struct vg_limits_shown *limits;
    vg_ms deadline;
    size_t body_most, streams_most;
    atomic_bool ready, closing;
    atomic_uint_fast64_t turns;
    atomic_uint_fast64_t requests, refused, timeouts, streams, resyncs;
    pthread_mutex_t lock;
    struct vg_http_link *links;
    size_t link_count, stream_count;
    pthread_t watch;
    bool watching;
    bool stands_back; /* libmicrohttpd's thread does */
    vg_ms admitted;   /* boot clock: the latest connection; its thread's */
    int64_t credit;   /* thousandths of connections that may come at once; the same */
    struct {
        struct vg_tls *now;                  /* under the lock; NULL: plain HTTP */
        struct stat file[VG_HTTP_TLS_FILES]; /* at the last look; the watch's */
        vg_ms looked;                        /* boot clock; the watch's */
        atomic_bool asked;                   /* to read them again */
        vg_ms faulty; /* boot clock: since when the new files are; 0: they are not */
        char fault[VG_HTTP_TLS_FAULT];
    } tls;
    /* workers */
    pthread_cond_t work;
    struct vg_http_request *jobs, **jobs_end;
    size_t job_count;
    size_t worker_count;
    pthread_t worker[VG_HTTP_WORKERS];
};

/* ---- http_address.c */
struct sockaddr_in;
/* What is wrong with it, or NULL and the address. */
const char *vg_http_address(const char *listen, struct sockaddr_in *address);

/* ---- http_head.c */
const char *vg_http_header(struct MHD_Connection *connection,
                           const char *name); /* or NULL */
/* Why it could be read in two ways, or NULL. */
const char *vg_http_ambiguity(struct MHD_Connection *connection, const char *version);
/* Whether it is a Content-Length that the library reads. */
bool vg_http_is_length(const char *text);
bool vg_http_is_foreign(struct MHD_Connection *connection);
/* Whether Host ("" : none was sent) is a name or an address of loopback, or one of `names`. */
bool vg_http_is_ours(const char *host, const char *names);

/* ---- http_guard.c */
size_t vg_http_unescape(void *to, struct MHD_Connection *connection, char *text);
/* Before a connection is there: not too many a second. Never refuses. */
enum MHD_Result vg_http_admit(void *to, const struct sockaddr *address,
                              socklen_t length);
void vg_http_connected(void *http, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode code);
struct vg_http_link *vg_http_link_of(struct MHD_Connection *connection); /* or NULL */
void vg_http_state_set(struct vg_http *http, struct vg_http_link *link,
                       enum vg_http_state state);
bool vg_http_watch_begin(struct vg_http *http);
void vg_http_watch_end(struct vg_http *http); /* and every stream */

/* ---- http_work.c */
bool vg_http_work_begin(struct vg_http *http);
void vg_http_work_end(struct vg_http *http);
/* Suspends the request and hands it to a worker. False: too many wait; nothing was done. */
bool vg_http_work(struct vg_http_request *request);

/* ---- http_tls.c */
bool vg_http_tls_on(const struct vg_http *http);
/* What vg_tls_load says; VG_OK too where no certificate is set. */
enum vg_status vg_http_tls_begin(struct vg_http *http, struct vg_error *error);
void vg_http_tls_end(struct vg_http *http);
/* The server's flag, and its options up to MHD_OPTION_END. */
unsigned vg_http_tls_options(const struct vg_http *http,
                             struct MHD_OptionItem out[VG_HTTP_TLS_OPTIONS]);
/* Before its handshake. */
void vg_http_tls_connected(struct vg_http *http, struct vg_http_link *link);
/* On the watch's thread: looks whether the files have changed. */
void vg_http_tls_watch(struct vg_http *http, vg_ms now);
/* Whose certificate it showed, or NULL: none that holds now. On the server's thread, or a
 * worker's whose the request is. */
const struct vg_tls_peer *vg_http_tls_peer(struct vg_http *http,
                                           struct vg_http_link *link);

/* ---- http_access.c */
/* On a worker's thread: finds out who asks. False: the answer says what is missing. */
bool vg_http_gate(struct vg_http_request *request);
/* Whether it is answered by the server's thread, once who asks is known. */
bool vg_http_is_at_once(const struct vg_http_request *request);

/* ---- http_language.c */
/* "en", "zh", or "": its browser's own. */
const char *vg_http_language(const struct vg_http_request *request);

/* ---- http_form.c */
extern const char vg_http_form_policy[]; /* Content-Security-Policy of the form */
/* Into the answer. `tried`: with a sentence about its status. */
void vg_http_form(struct vg_http_request *request, bool tried);
/* A form that was sent to the board's address is a log-in. */
void vg_http_form_taken(struct vg_http_request *request);
/* A person's browser gets no problem+json from a log-in, and goes on to what it asked for. */
void vg_http_form_answer(struct vg_http_request *request);

/* ---- http_reply.c */
/* Queues request->answer. */
enum MHD_Result vg_http_reply(struct vg_http_request *request);
/* Validators and compression, on whatever thread has the time. */
void vg_http_prepare(struct vg_http_request *request);
void vg_http_common_headers(struct MHD_Response *response);
/* The same with another Content-Security-Policy. */
void vg_http_page_headers(struct MHD_Response *response, const char *policy);
bool vg_http_takes_gzip(const char *accept_encoding);
/* Whether one of the list of If-None-Match is this tag. */
bool vg_http_matches(const char *list, const char *etag);

/* ---- http_stream.c */
bool vg_http_is_stream(const struct vg_api_call *call);
enum MHD_Result vg_http_stream(struct vg_http_request *request);
void vg_http_stream_free(struct vg_http_stream *stream);
void vg_http_stream_unlink(struct vg_http_stream *stream); /* under the lock */
/* Under the lock: whether a waiting stream has something to say. `last`: latest event. */
bool vg_http_stream_due(const struct vg_http_stream *stream, uint64_t last, vg_ms now);

/* ---- http_board.c */
/* Whether one has this path; the page, or false: there is none, or it is not asked for. */
bool vg_http_is_board(const char *path);
bool vg_http_board(struct vg_http_request *request, enum MHD_Result *result);

#endif
