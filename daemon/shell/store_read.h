/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking things up in the SQLite store: read only, beside a running daemon or without
 * one, over a connection of its own. For the tool, and for HTTP's threads (one reader for
 * each thread).
 *
 * Each call ends within the reader's deadline: a query that takes longer is VG_FAILED and
 * says so, because an old snapshot holds up the writer's checkpoints.
 */
#ifndef VIGIL_SHELL_STORE_READ_H
#define VIGIL_SHELL_STORE_READ_H

#include "vigil/engine.h"
#include "vigil/store.h"

struct vg_reader;

/* VG_OK, VG_NO_MEMORY, VG_ABSENT (no such file) or VG_FAILED. The deadline is 2 s at first. */
enum vg_status vg_store_read_open(const char *path, struct vg_reader **out,
                                  struct vg_error *error);
void vg_store_read_close(struct vg_reader *reader); /* NULL is fine */
void vg_store_read_within(struct vg_reader *reader, vg_ms span);
/* How much of the file it may keep in memory, within a call and between them, 2,000 KiB at first:
 * more for those who ask for months again and again, less for who reads everything once. */
void vg_store_read_keep(struct vg_reader *reader, unsigned kibibytes);

/* All below: VG_OK also if there is nothing or the callback answered false; VG_NO_MEMORY;
 * VG_FAILED. Everything pointed to is good for the call only. */

/* Readings and where they came from. */
struct vg_reading_query {
    const char *patient;        /* NULL: any; or: */
    const char *ward, *bed;     /* NULL: any */
    uint64_t signals;           /* bit per measured signal; 0: all */
    struct vg_instant from, to; /* measured: from inclusive, to exclusive */
};
struct vg_reading_row {
    const char *ward, *bed;
    const char *episode, *patient, *device; /* as stored with the message, or "" */
    struct vg_instant received;
    enum vg_kind kind;
    const struct vg_reading *reading; /* exactly as it was put */
    int64_t order; /* of arrival, in the whole store: rises with it */
    /* when it was on its way to disk, at the latest, and at most 1 s before; VG_UNSET: not asked
     * for, or from before this was kept */
    struct vg_instant committed;
};
typedef bool vg_reading_fn(void *to, const struct vg_reading_row *row);
/* Oldest first by measured time, then in the order of arrival. A patient's readings are
 * those of messages of one of their episodes, or that name them, and those that came before it
 * was known who lay there and were measured in a bed while they did. VG_FULL: more than
 * VG_READ_ROWS at once that are not sealed, ask for a shorter span. In pages: history.h. */
#define VG_READ_ROWS ((size_t)4 << 20)
enum vg_status vg_store_readings(struct vg_reader *reader,
                                 const struct vg_reading_query *query,
                                 vg_reading_fn *each, void *to, struct vg_error *error);

/* Alerts as they last were, in the order of their ids, which is that of their onset. */
enum vg_alert_state { VG_ALERTS_ALL, VG_ALERTS_OPEN, VG_ALERTS_CLOSED };
struct vg_alert_query {
    enum vg_alert_state state;
    const char *id, *ward, *patient; /* NULL: any */
    struct vg_instant from, to;      /* onset, as above; VG_UNSET and VG_NEVER: any */
};
typedef bool vg_json_fn(void *to, const char *json, size_t length);
enum vg_status vg_store_alerts(struct vg_reader *reader,
                               const struct vg_alert_query *query, vg_json_fn *each,
                               void *to, struct vg_error *error);

/* Changes of a ward's alerts with a number above `after`, rising. */
typedef bool vg_alert_event_fn(void *to, uint64_t n, const char *json, size_t length);
enum vg_status vg_store_alert_events(struct vg_reader *reader, const char *ward,
                                     uint64_t after, vg_alert_event_fn *each, void *to,
                                     struct vg_error *error);
/* All changes of one alert, in order. */
enum vg_status vg_store_alert_history(struct vg_reader *reader, const char *alert,
                                      vg_json_fn *each, void *to,
                                      struct vg_error *error);

/* Whether anything was ever stored of this ward. */
enum vg_status vg_store_has_ward(struct vg_reader *reader, const char *ward, bool *has,
                                 struct vg_error *error);

/* Whether anything was ever stored under this patient's name. */
enum vg_status vg_store_has_patient(struct vg_reader *reader, const char *patient,
                                    bool *has, struct vg_error *error);

/* Episodes, newest first; each filter may be NULL. */
typedef bool vg_episode_fn(void *to, const struct vg_episode *episode);
enum vg_status vg_store_episodes(struct vg_reader *reader, const char *id,
                                 const char *patient, vg_episode_fn *each, void *to,
                                 struct vg_error *error);

/* Where the patient lay, oldest first. */
typedef bool vg_tie_fn(void *to, const struct vg_tie *tie);
enum vg_status vg_store_ties(struct vg_reader *reader, const char *patient,
                             vg_tie_fn *each, void *to, struct vg_error *error);

/* What was infused, oldest first, under the episode it belongs to by its time ("": under none, the
 * message only named the patient). The same infusion charted twice is told twice. */
struct vg_infusion_row {
    const char *episode, *what, *product, *dose_id; /* what: "start", "end" */
    const char *donor,
        *chain_id; /* as the admission had them then; "": it had none yet */
    struct vg_instant at;
    bool taken_back;
};
typedef bool vg_infusion_fn(void *to, const struct vg_infusion_row *row);
enum vg_status vg_store_infusions(struct vg_reader *reader, const char *patient,
                                  vg_infusion_fn *each, void *to,
                                  struct vg_error *error);

/* The devices seen under the patient's episodes: where, from when to when. A device is no longer
 * there when the patient has left, or when after its latest reading it was seen elsewhere or
 * another began to measure there what it did. */
struct vg_device_row {
    const char *episode, *device, *ward, *bed;
    struct vg_instant since; /* its first reading there; VG_UNSET: not known */
    struct vg_instant seen;  /* its latest; VG_UNSET: not known */
    bool there; /* still the bed's and the patient's; else since `seen` not any more */
};
typedef bool vg_device_fn(void *to, const struct vg_device_row *row);
enum vg_status vg_store_devices(struct vg_reader *reader, const char *patient,
                                vg_device_fn *each, void *to, struct vg_error *error);

struct vg_store_counts {
    uint64_t messages, readings, admissions, quarantined, alerts, open_alerts, unsent;
    uint64_t reason[VG_REASON_COUNT]; /* quarantined, by reason */
    struct vg_instant newest;         /* received, VG_UNSET if there is none */
};
enum vg_status vg_store_counts(struct vg_reader *reader, struct vg_store_counts *out,
                               struct vg_error *error);

#endif
