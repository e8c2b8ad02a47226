/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of the writer, shared by store_write.c (connection and transactions),
 * store_write_rows.c and store_write_care.c (a row for each record), store_write_bundle.c
 * (messages), store_write_names.c
 * (dictionary rows), store_write_ties.c (who lay where), store_write_seen.c (where devices
 * were seen, when messages were committed) and store_write_chain.c (chains and segments).
 */
#ifndef VIGIL_SHELL_STORE_WRITE_INSIDE_H
#define VIGIL_SHELL_STORE_WRITE_INSIDE_H

#include "shell/store_bundle.h"
#include "shell/store_db.h"
#include "shell/store_file.h"
#include "shell/store_gather.h"
#include "shell/store_names.h"
#include "shell/store_trail.h"
#include "shell/store_write.h"

/* Rows of the table in store_write_sql.c. */
enum vg_writer_sql {
    VG_SQL_BEGIN,
    VG_SQL_COMMIT,
    VG_SQL_MESSAGE,
    VG_SQL_BUNDLE,
    VG_SQL_PLACE,
    VG_SQL_SUBJECT,
    VG_SQL_EPOCH,
    VG_SQL_STAY,
    VG_SQL_SEEN,
    VG_SQL_COMMITTED,
    VG_SQL_SEGMENT,
    VG_SQL_ADMISSION,
    VG_SQL_QUARANTINE,
    VG_SQL_EPISODE,
    VG_SQL_CARRIED,
    VG_SQL_ALERT,
    VG_SQL_ALERT_EVENT,
    VG_SQL_WARD,
    VG_SQL_OUTBOX,
    VG_SQL_DELIVERED,
    VG_SQL_FIRST,
    VG_SQL_MARK,
    VG_SQL_MARK_MOVED,
    VG_SQL_META,
    VG_SQL_PAGE,
    VG_SQL_SETTLED,
    VG_SQL_DELIVERY,
    VG_SQL_COMMAND,
    VG_SQL_PAUSE,
    VG_SQL_AUDIT,
    VG_SQL_ASSESSED,
    VG_SQL_TIE,
    VG_SQL_INFUSION,
    VG_SQL_INFUSION_NONE,
    VG_SQL_RELEASED,
    VG_SQL_COUNT
};
extern const char *const vg_writer_statements[VG_SQL_COUNT];

/* The end of a place's chain and the segment that is still growing. */
struct vg_place_state {
    int64_t last;  /* id of its latest message, 0: none */
    int64_t stay;  /* the latest of its stays, 0: none; in writer->seen */
    int64_t first; /* first id of the growing segment, 0: there is none */
    struct vg_instant oldest, newest;
    unsigned rows;
    vg_ms opened; /* boot clock */
};

/* What was seen of a subject in a place since its row was written. */
struct vg_seen {
    int64_t subject, next; /* next: another of the place's stays, 0: none */
    bool dirty;
    struct vg_instant first, last; /* measured */
    uint64_t signals;              /* a bit for each number of the table `word` */
};

/* Up to which rows an epoch's mark counts; dirty: numbered rows came after them. */
struct vg_epoch_state {
    int64_t message, admission, quarantine;
    bool dirty;
};

/* A batch of which it is not known whether it was written: its commit failed. */
struct vg_doubt {
    uint64_t serial; /* 0: there is none */
    size_t length;   /* bytes of it that were handed over then */
    bool written;    /* found in the file when that was opened again */
};

struct vg_writer {
    char *path;
    struct vg_file_id file;   /* of the first opening: no other is written to */
    sqlite3 *db;              /* NULL after a failure, until the next commit */
    struct vg_gather *gather; /* before its log; NULL: none */
    sqlite3_stmt *statement[VG_SQL_COUNT];
    struct vg_names places, subjects, epochs, stays;
    size_t place_capacity, epoch_capacity, seen_capacity;
    struct vg_seen *seen;         /* by the numbers in `stays`, from 1 */
    struct vg_place_state *place; /* by id */
    struct vg_epoch_state *epoch; /* by id */
    struct vg_bundle bundle;      /* the one that is being filled */
    bool bundle_changed;          /* since its row was written */
    struct vg_pack bundled;       /* its row */
    int64_t last_message, last_admission, last_quarantine;
    int64_t tail, readings; /* as in meta */
    int64_t covered;        /* the last message that has a row in `committed` */
    int64_t committed_at;   /* as in meta: when those after it went to disk */
    vg_ms committed_since;  /* boot clock: when the first of them did */
    uint64_t journal;       /* committed */
    vg_ms swept;            /* boot clock */
    int log_pages, checkpointed_pages;
    uint64_t serial; /* the last one given to a batch */
    struct vg_doubt doubt;
    struct vg_audit_chain audit;     /* with the batch that is being written */
    struct vg_audit_chain committed; /* the trail as of the last batch on disk */
    struct vg_buffer body;           /* of a row of the trail */
    struct vg_sealer *sealer;        /* store_seal.h; NULL until it is asked for */
    struct vg_retainer *retainer;    /* store_retain.h; the same */
};

/* Runs a bound statement once and resets it. */
enum vg_status vg_writer_run(struct vg_writer *writer, enum vg_writer_sql which,
                             struct vg_error *error);

/* Forgets the connection and everything learnt through it. The next commit opens another. */
void vg_writer_disconnect(struct vg_writer *writer);
/* The same after a failure of the disk: nothing of the log is carried over into the file by the closing. What
 * of it is on disk is not known before the next connection has written it again (store_harden.c). */
void vg_writer_suspect(struct vg_writer *writer);

/* One record. */
enum vg_status vg_writer_record(struct vg_writer *writer,
                                const struct vg_record *record, struct vg_error *error);

/* One of each of what concerns people. */
enum vg_status vg_writer_page(struct vg_writer *writer, const struct vg_record *record,
                              struct vg_error *error);
enum vg_status vg_writer_way(struct vg_writer *writer, const struct vg_record *record,
                             struct vg_error *error);
enum vg_status vg_writer_command(struct vg_writer *writer,
                                 const struct vg_record *record,
                                 struct vg_error *error);
enum vg_status vg_writer_pause(struct vg_writer *writer, const struct vg_record *record,
                               struct vg_error *error);

/* One of each of who lay where. */
enum vg_status vg_writer_tie(struct vg_writer *writer, const struct vg_record *record,
                             struct vg_error *error);
enum vg_status vg_writer_infusion(struct vg_writer *writer,
                                  const struct vg_record *record,
                                  struct vg_error *error);
enum vg_status vg_writer_released(struct vg_writer *writer,
                                  const struct vg_record *record,
                                  struct vg_error *error);

/* One message that was numbered: into the bundle that is being filled, or as a row. */
enum vg_status vg_writer_message(struct vg_writer *writer,
                                 const struct vg_bundle_message *message,
                                 const struct vg_record *record,
                                 struct vg_error *error);
/* Writes the bundle's row, if there is more in it: at the end of a transaction. */
enum vg_status vg_writer_bundle(struct vg_writer *writer, struct vg_error *error);

/* The id of a dictionary row, which is added if need be. */
enum vg_status vg_writer_place(struct vg_writer *writer, struct vg_slice ward,
                               struct vg_slice bed, int64_t *id,
                               struct vg_error *error);
enum vg_status vg_writer_subject(struct vg_writer *writer,
                                 const struct vg_record *record, int64_t *id,
                                 struct vg_error *error);
enum vg_status vg_writer_epoch(struct vg_writer *writer,
                               const struct vg_record_origin *origin, int64_t *id,
                               struct vg_error *error);
/* The subject was seen in the place, as the message says. */
struct vg_sight {
    int64_t subject, place;
    struct vg_instant first, last;
    uint64_t signals; /* a bit for each measured signal */
};
enum vg_status vg_writer_sight(struct vg_writer *writer, const struct vg_sight *sight,
                               struct vg_error *error);
/* Writes what was seen in the place. */
enum vg_status vg_writer_seen(struct vg_writer *writer, int64_t place,
                              struct vg_error *error);
/* The messages after `before` go to disk now; the last thing in a transaction. */
enum vg_status vg_writer_committed(struct vg_writer *writer, int64_t before,
                                   struct vg_error *error);
enum vg_status vg_writer_meta(struct vg_writer *writer, const char *key, int64_t value,
                              struct vg_error *error);
/* Reads the dictionaries of a store that was just opened. */
enum vg_status vg_writer_load_names(struct vg_writer *writer, struct vg_error *error);

/* Adds message `id` to its place's chain. */
enum vg_status vg_writer_chain(struct vg_writer *writer, int64_t place, int64_t id,
                               const struct vg_record *record, struct vg_error *error);
/* Now and then: closes old segments, moves the tail and the marks of idle gateways. */
enum vg_status vg_writer_sweep(struct vg_writer *writer, struct vg_error *error);
/* Finds the ends of all chains of a store that was just opened. */
enum vg_status vg_writer_load_chains(struct vg_writer *writer, struct vg_error *error);

#endif
