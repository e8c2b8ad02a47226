/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's parts as its own files see them:
 *   app.c          start, stop, signals
 *   app_rules.c    protocols and wards, reload
 *   app_restore.c  rebuilding from store and journal
 *   app_letters.c  one letter: decode, number, engine, records
 *   app_whose.c    under whom a message is stored
 *   app_assign.c   messages of a wrong identity, given to the right patient
 *   app_effects.c  what the engine answered becomes records, notices, pages
 *   app_commit.c   batches and the notices that wait for them
 *   app_gateways.c numbers, committed marks, answers
 *   app_status.c   node status, heartbeat, ward index, housekeeping
 *   app_pages.c    pages on their way to people
 *   app_receipts.c which pages were received
 *   app_flood.c    many calls to one role become one page with a list
 *   app_commands.c commands and their answers
 *   app_trouble.c  what is wrong with the node becomes alerts; the clock
 *   app_senders.c  what gateways do as senders
 *   app_gateway_clocks.c  their clocks against ours
 *   app_checks.c   self-check, auditor; app_certificates.c
 *   app_notify.c   what the service manager is told
 *   app_posts.c    who waits for a letter to be stored; app_entries.c  what people enter by HTTP
 *   app_leftovers.c  retained alerts that are open nowhere; app_live.c  what is going on, for HTTP
 */
#ifndef VIGIL_SHELL_APP_INSIDE_H
#define VIGIL_SHELL_APP_INSIDE_H

#include "vigil/store.h"

#include "shell/access.h"
#include "shell/answers.h"
#include "shell/app.h"
#include "shell/app_parts.h"
#include "shell/app_seen.h"
#include "shell/channel.h"
#include "shell/clock.h"
#include "shell/clock_watch.h"
#include "shell/confine.h"
#include "shell/http.h"
#include "shell/large_pages.h"
#include "shell/limits_shown.h"
#include "shell/live.h"
#include "shell/protocol_file.h"
#include "shell/store_file.h"

/* Group commit: a batch with a notice goes at once, with its list of letters; others after this long or this many. */
#define VG_COMMIT_AFTER   100 /* ms */
#define VG_COMMIT_RECORDS 2048
/* A batch takes no more than this of a backlog: an alert must not wait for a long commit. */
#define VG_COMMIT_BEHIND 512
/* A notice waits for its batch no longer than this: storage may never silence an alarm. */
#define VG_NOTICE_WAIT (250 * (vg_ms)1)
#define VG_MARK_EVERY  (500 * (vg_ms)1)
#define VG_HEARTBEAT   5000 /* ms */
#define VG_HOUSEKEEP   100  /* ms */
#define VG_HINTS       1024 /* power of two; gateways beyond are found more slowly */

struct vg_app_certificate {
    struct vg_instant until; /* VG_NEVER: there is none */
    char whose[64];
};
#define VG_APP_CERTIFICATE_TEXT 160

struct vg_app {
    const struct vg_settings *settings;
    struct vg_log *log;
    int ready_fd;
    const struct vg_notify *notify;
    bool manager_knows;   /* that we are ready */
    vg_excesses excesses; /* as found at the start */
    uv_loop_t loop;
    uv_signal_t signals[3];
    uv_timer_t deadline, commit, housekeeping, heartbeat, ending;
    bool stopping, said_offline, ready;
    vg_ms stop_begun;          /* boot clock */
    char epoch[VG_ID_LEN + 1]; /* of this run */
    struct vg_instant now;

    struct vg_protocol_set protocols;
    struct vg_ward *wards;
    struct vg_rulebook book;
    struct vg_engine *engine;
    struct vg_effects effects;
    struct vg_decoder *decoder;
    struct vg_buffer json;

    struct vg_store *store;
    struct vg_journal *journal;
    struct vg_inbox *inbox;
    struct vg_mqtt *intake, *outlet;
    struct vg_channel *channel;
    struct vg_http *http;
    struct vg_limits_shown *limits; /* of the protocols in force */
    struct vg_live *live;
    struct vg_access *access;
    struct vg_live_node live_node; /* as last told */
    vg_ms live_looked;             /* boot clock */
    vg_ms live_counted;            /* the same, beds and patients; 0: not yet */

    struct vg_load filling, flying;
    bool busy;        /* flying is with the store */
    bool gathers;     /* letters are there that may be urgent too: they fly together */
    vg_ms busy_since; /* boot clock */
    bool store_failed;
    uint64_t batches;
    uint64_t stored_batch; /* the last one on disk */
    struct vg_pending_notice *notices, **notices_end;
    struct vg_page_out *pages, **pages_end;
    struct vg_pending_answer *answers;
    struct vg_answers *telling;            /* those and refusals, on their way */
    struct vg_assignment *assignments;     /* oldest first */
    struct vg_post_in *posts, **posts_end; /* stored letters somebody waits for */
    struct vg_post_in *post;               /* the one whose letter is being taken */
    struct vg_receipt *receipt;            /* a ring */
    size_t receipt_next;
    struct vg_paged *paged;
    size_t way_count; /* channels beside MQTT */
    struct {
        const char *name;
        struct vg_channel *channel;
    } way[VG_CHANNELS];
    uint64_t
        behind; /* ordinal of the letter of a backlog that is being taken; 0: none */
    bool quiet; /* recovering: no answers are published */
    struct vg_instant
        lived; /* the latest change of a restored alert: time had come so far */

    size_t gateway_count, gateway_size;
    size_t mark_next, store_next; /* whose turn it is */
    struct vg_gateway_epoch **gateway;
    uint32_t gateway_hint[VG_HINTS]; /* by hash of its name: where it was found last */
    struct vg_seen *seen;            /* unnumbered letters */
    size_t ward_count, ward_size;
    struct vg_dirty_ward *ward;
    vg_ms leftovers_asked; /* app_leftovers.c: boot clock, 0: not asked */
    uint64_t
        elsewhere[VG_WARDS / 64];   /* the same: wards that another node watches, too */
    vg_ms canary_sent, canary_back; /* boot clock, 0: none */
    /* app_trouble.c, app_senders.c, app_checks.c: boot clock, 0: none */
    bool trouble[VG_TROUBLE_COUNT];
    vg_ms store_bad, broker_bad, troubles_seen, clock_said;
    size_t unreadable;            /* rows of the store, at the start */
    char aside[VG_ASIDE_LEN + 1]; /* a damaged store that lies beside ours; "" */
    struct vg_clock_watch clock_watch;
    bool clocks_news, clock_off; /* app_gateway_clocks.c */
    vg_ms clock_ahead;           /* engine's now less wall */
    size_t flood_count, flood_size;
    struct vg_flood *flood;
    size_t sender_count, sender_size;
    struct vg_sender *sender;
    uint32_t sender_hint[VG_HINTS];
    struct vg_assessed_bed *assessed; /* app_assess.c */
    size_t *assessed_slot;            /* places + 1, by hash of ward and bed */
    size_t assessed_count, assessed_slots;
    vg_ms assess_looked, sealing_looked;
    uint64_t sealing_said;          /* hash of the latest failure */
    bool auditor_busy, audit_doubt; /* doubt: the last look found something */
    vg_ms auditor_begun, audited, certificates_seen;
    size_t audit_faults;
    struct vg_app_certificate certificate_file; /* of files: which ends first */
    bool certificate_known;                     /* they were looked at */
    size_t certificate_stage;
    char certificate_text[VG_APP_CERTIFICATE_TEXT]; /* as it was said */
    struct vg_large_pages large;
    vg_ms lag_worst, ticked; /* of the loop, since the last heartbeat */
    vg_ms committed_at;
    uint64_t beats;
    struct {
        uint64_t letters, repeats, refused, dropped, notices, early, pages, commands;
    } count;
};

/* ---- app_rules.c */
enum vg_status vg_app_load_rules(struct vg_app *app, struct vg_error *error);
void vg_app_reload(struct vg_app *app);
void vg_app_audit_start(struct vg_app *app);
void vg_app_audit_protocols(struct vg_app *app);

/* ---- app_restore.c */
enum vg_status vg_app_restore(struct vg_app *app, struct vg_error *error);

/* ---- app_letters.c */
void vg_app_letter(struct vg_app *app, const struct vg_letter *letter,
                   struct vg_instant received, uint64_t ordinal, bool again,
                   size_t whole_length);
/* app_deadline.c */
void vg_app_time(struct vg_app *app);
void vg_app_arm(struct vg_app *app); /* the deadline timer */

/* ---- app_effects.c */
void vg_app_effects(struct vg_app *app);

/* ---- app_commit.c */
enum vg_status vg_app_batches(struct vg_app *app);
void vg_app_commit_soon(struct vg_app *app);
void vg_app_commit_now(struct vg_app *app);
void vg_app_hold_backlog(struct vg_app *app); /* or goes on with it */
/* NULL: no memory. One reference is the caller's. */
struct vg_told *vg_app_told(const struct vg_alert *alert);
void vg_app_told_done(struct vg_told *told);
void vg_app_notice(struct vg_app *app, struct vg_told *told, bool stored, bool lost);
void vg_app_release(struct vg_app *app); /* notices that may go */
bool vg_app_notice_may(const struct vg_app *app, const struct vg_pending_notice *notice,
                       vg_ms now);
/* The link is up: the retained state of each open alert once more. The broker may have lost it, or hold one
 * that was told from memory by a daemon that died before it was stored. */
void vg_app_states_due(struct vg_app *app);
void vg_app_states(struct vg_app *app); /* as far as they are taken */
void vg_app_delivered(void *to, void *tag, enum vg_status status, const char *why);

/* Where a gateway of that name may stand in the lists of hints: a guess, to be looked at. */
size_t vg_app_hint(const char *gateway);

/* ---- app_gateways.c */
struct vg_gateway_epoch *vg_app_gateway(struct vg_app *app, const char *gateway,
                                        const char *epoch, size_t *index);
void vg_app_gateway_current(struct vg_app *app, size_t index);
/* Whether a message of this number has come; whether there is no room to note one more hole; it has. */
bool vg_app_number_known(const struct vg_gateway_epoch *g, uint64_t seq);
bool vg_app_numbers_full(const struct vg_gateway_epoch *g, uint64_t seq);
void vg_app_number_came(struct vg_gateway_epoch *g, uint64_t seq);
/* Numbers below `from` leave the marks. What of them is under way, in the broker or behind what is live
 * here, is taken when it comes. */
void vg_app_numbers_end(struct vg_gateway_epoch *g, uint64_t from);
void vg_app_answer(struct vg_app *app, const struct vg_letter *letter,
                   const struct vg_origin *origin, const struct vg_refusal *refusal);
void vg_app_marks(struct vg_app *app, bool all);
void vg_app_store_marks(struct vg_app *app);
/* What is in app->json, once: a refusal, or what a command came to. */
void vg_app_tell(struct vg_app *app, const char *topic);
bool vg_app_publish(struct vg_app *app, const char *topic, const void *payload,
                    size_t length, bool retained);

/* ---- app_whose.c */
/* Sorts the message's readings by whose they are. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_app_record_message(struct vg_app *app,
                                     const struct vg_message *message,
                                     struct vg_instant received, uint64_t hash);
/* `episode`: whose the message is. */
void vg_app_show_message(struct vg_app *app, const struct vg_message *message,
                         const char *episode);

/* ---- app_pages.c */
bool vg_app_page(struct vg_app *app, struct vg_told *told, enum vg_page_kind kind,
                 const char *role, bool stored, bool first);
void vg_app_page_again(struct vg_app *app, struct vg_told *told, const char *role);
void vg_app_pages(struct vg_app *app); /* those that may go */
void vg_app_pages_up(
    struct vg_app *app); /* the broker is back: nothing waits to try again */
void vg_app_paged(void *to, void *tag, enum vg_status status, const char *why);
/* Of the MQTT channel: its tag says which of the two it was. */
void vg_app_arrived(void *to, void *tag, enum vg_status status, const char *why);

/* ---- app_receipts.c */
/* Notes that there is such a page, before anybody can have it. */
void vg_app_is_paged(struct vg_app *app, const char *ward, const char *page);
bool vg_app_was_paged(const struct vg_app *app, const char *ward, const char *page);
/* Of a page that there was. */
void vg_app_receipt(struct vg_app *app, const struct vg_command *command);
struct vg_receipt *vg_app_receipt_of(struct vg_app *app,
                                     const char *page); /* or NULL */
bool vg_app_proven(const struct vg_app *app, const char *ward, const char *role);
void vg_app_expect_receipt(struct vg_app *app, const struct vg_page_out *page);

/* ---- app_restore.c */
/* Tells the store what must stay as it came, and for how long what is kept. */
void vg_app_keep(struct vg_app *app);
/* Says in the log when sealing or purging fails: nothing is lost, but room. */
void vg_app_sealing(struct vg_app *app, vg_ms now);

/* ---- app_assess.c */
/* Something of the bed was told. */
void vg_app_assess(struct vg_app *app, const struct vg_decoded *told);
void vg_app_assess_due(struct vg_app *app, vg_ms now);

/* ---- app_flood.c */
/* True: it waits to be sent in a list with others. */
bool vg_app_flood_joins(struct vg_app *app, struct vg_page_out *page, vg_ms now);
void vg_app_floods(struct vg_app *app, vg_ms now); /* lists that are due */
size_t vg_app_carried(const struct vg_app *app, const struct vg_page_out *carrier,
                      const struct vg_alert *out[VG_FLOOD_LIST]);
/* It will not go out: those on its list go by themselves. */
void vg_app_carrier_gone(struct vg_app *app, const struct vg_page_out *carrier);

/* ---- app_commands.c */
void vg_app_command(struct vg_app *app, const struct vg_decoded *decoded);
void vg_app_answers(struct vg_app *app);
/* Records the command and its answer, which goes out once that is on disk. */
void vg_app_record_command(struct vg_app *app, const struct vg_command *command,
                           const struct vg_answer *answer);

/* ---- app_assign.c */
/* Begins an assignment that the engine allows; it is answered when it is done. False: no
 * memory. */
bool vg_app_assign(struct vg_app *app, const struct vg_command *command,
                   const struct vg_answer *answer);
/* The same command is under way: its answer will come. */
bool vg_app_assigning(const struct vg_app *app, const struct vg_command *command);
/* A piece of the assignments that may go on. */
void vg_app_assignments(struct vg_app *app);

/* ---- app_trouble.c */
/* One event of our own, and its effects. Not from inside vg_app_effects. */
void vg_app_step(struct vg_app *app, const struct vg_event *event);
/* In all wards, of this severity at least; one that is open rises to it. */
void vg_app_trouble_grave(struct vg_app *app, enum vg_trouble trouble,
                          enum vg_severity severity, const char *text);
void vg_app_trouble(struct vg_app *app, enum vg_trouble trouble, bool on,
                    const char *text);
void vg_app_trouble_ward(struct vg_app *app, enum vg_trouble trouble, const char *ward,
                         bool on, const char *text);
void vg_app_trouble_gateway(struct vg_app *app, enum vg_trouble trouble,
                            const char *ward, const char *gateway, bool on,
                            const char *text);
/* An alert that was open before a restart: its end is told when what it says is over. */
bool vg_app_known_trouble(void *app, const struct vg_alert *alert);
void vg_app_clock(struct vg_app *app); /* app->now becomes now */
void vg_app_troubles(struct vg_app *app);
/* Whether a damaged store lies beside ours; once, at the start. */
void vg_app_look_aside(struct vg_app *app);

/* ---- app_senders.c */
void vg_app_heard(struct vg_app *app, const struct vg_decoded *decoded, bool refused);
void vg_app_gateway_state(struct vg_app *app, const struct vg_gateway_status *status);
/* At a start, for each message of the store, in their order: its wards, epoch and usual pauses are
 * known again, and its silence counts from now on. */
void vg_app_sender_was(struct vg_app *app, const struct vg_message *message,
                       struct vg_instant received);
void vg_app_known_sender(struct vg_app *app, const struct vg_alert *alert,
                         enum vg_trouble trouble);
void vg_app_silent_gateways(struct vg_app *app, vg_ms now);

/* NULL: no memory. */
struct vg_sender *vg_app_sender(struct vg_app *app, const char *gateway);
void vg_app_tell_sender(struct vg_app *app, const struct vg_sender *sender,
                        enum vg_trouble trouble, bool on, const char *what);
/* The same number came with other content. */
void vg_app_number_twice(struct vg_app *app, const char *gateway);

/* ---- app_gateway_clocks.c */
/* A message that is new. */
void vg_app_gateway_clock(struct vg_app *app, const struct vg_message *message,
                          struct vg_instant received);
void vg_app_gateway_clocks(struct vg_app *app); /* every second */

/* ---- app_notify.c */
void vg_app_progress(struct vg_app *app);
void vg_app_stopping(const struct vg_app *app);

/* ---- app_checks.c */
void vg_app_audit(struct vg_app *app);
/* NULL: all is well; else what is wrong. */
const char *vg_app_self_check(const struct vg_app *app);
void vg_app_certificates(struct vg_app *app, vg_ms now);

/* ---- app_posts.c */
void vg_app_audit_said(struct vg_app *app, const struct vg_item *item);
/* False: no memory; the letter is not to be taken, and its sender, who is not told, asks again. */
bool vg_app_post_begin(struct vg_app *app, const struct vg_item *item);
void vg_app_post_end(struct vg_app *app);
/* Of the post that is being taken: who entered it, or NULL; why they may not. */
const struct vg_user *vg_app_post_who(const struct vg_app *app);
void vg_app_post_forbid(struct vg_app *app, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void vg_app_post_refused(struct vg_app *app, const struct vg_refusal *refusal);
void vg_app_posts(struct vg_app *app); /* those whose batch is on disk */

/* ---- app_entries.c: what people enter by HTTP; app->post is there */
/* Makes it theirs. False: they may not, and are told why. */
bool vg_app_entry_may(struct vg_app *app, struct vg_decoded *decoded);
/* It was taken: a row of the audit trail. */
void vg_app_entry_taken(struct vg_app *app, const struct vg_message *message);

/* ---- app_leftovers.c */
void vg_app_leftovers_ask(struct vg_app *app); /* the outlet is up */
void vg_app_leftovers_due(struct vg_app *app, vg_ms now);
/* True: a retained alert or a node's status, or an echo of ours; it is no letter of a gateway. */
bool vg_app_leftover(struct vg_app *app, const struct vg_letter *letter);

/* ---- app_live.c */
void vg_app_live_begin(struct vg_app *app); /* wards, and what was open before */
void vg_app_live_wards(struct vg_app *app); /* their protocols have changed */
void vg_app_live(struct vg_app *app);       /* every VG_HOUSEKEEP */
void vg_app_live_now(struct vg_app *app);   /* somebody waits for it */
void vg_app_live_beat(struct vg_app *app, const char *wrong); /* NULL: all is well */
void vg_app_live_notices(struct vg_app *app);                 /* those that may go */

/* ---- app_status.c */
void vg_app_status(struct vg_app *app, const char *state);
size_t vg_app_status_text(struct vg_app *app, const char *state);
/* NULL: no memory */
struct vg_dirty_ward *vg_app_ward(struct vg_app *app, const char *ward);
void vg_app_ward_dirty(struct vg_app *app, const char *ward);
void vg_app_indexes(struct vg_app *app);
void vg_app_canary(struct vg_app *app);
void vg_app_heartbeat(struct vg_app *app);
void vg_app_check_ready(struct vg_app *app);

#endif
