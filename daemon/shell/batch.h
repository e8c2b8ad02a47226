/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a batch, for stores: records one after another in one buffer that is kept
 * between batches, and how to read them back.
 */
#ifndef VIGIL_SHELL_BATCH_H
#define VIGIL_SHELL_BATCH_H

#include "vigil/store.h"

#include "shell/store_obs.h"

enum vg_record_kind {
    VG_RECORD_MESSAGE,
    VG_RECORD_QUARANTINE,
    VG_RECORD_EPISODE,
    VG_RECORD_ADMISSION,
    VG_RECORD_ALERT,
    VG_RECORD_DELIVERED,
    VG_RECORD_GATEWAY,
    VG_RECORD_MARK,
    VG_RECORD_PAGE,
    VG_RECORD_WAY,
    VG_RECORD_COMMAND,
    VG_RECORD_PAUSE,
    VG_RECORD_AUDIT,
    VG_RECORD_TIE,
    VG_RECORD_INFUSION,
    VG_RECORD_RELEASED,
    VG_RECORD_ASSESSED,
    VG_RECORD_CARRIED,
    VG_RECORD_KIND_COUNT
};

struct vg_batch {
    struct vg_pack pack;
    size_t records;
    uint64_t journal; /* 0: says nothing about the journal */
    uint64_t serial;  /* the store's, given at the first commit; 0: none yet */
    struct vg_buffer json, care; /* an alert on its way into the pack */
};

/* For the putters: where the record begins, for `end`; which takes it back whole if it did
 * not fit into memory. */
size_t vg_record_begin(struct vg_batch *batch, enum vg_record_kind kind);
enum vg_status vg_record_end(struct vg_batch *batch, size_t start);

/* Where a numbered record came from. */
struct vg_record_origin {
    struct vg_slice gateway, epoch;
    uint64_t seq, hash;
};

/* A record read back; slices point into the batch. Fields that the kind does not have are
 * zero. */
struct vg_record {
    enum vg_record_kind kind;
    struct vg_instant received;
    struct vg_record_origin origin; /* message, quarantine, admission, gateway, mark */
    union {
        struct {
            enum vg_kind kind;
            struct vg_instant measured, oldest, newest; /* of all its parts */
            uint64_t readings, signals;                 /* signals: a bit for each */
            struct vg_slice ward, bed, episode, patient, device;
            struct vg_slice obs; /* store_obs.h */
        } message;
        struct {
            bool retained;
            struct vg_slice topic, payload;
            struct vg_slice reason, detail; /* quarantine */
            int64_t item;                   /* quarantine: index in obs, or -1 */
        } letter;
        struct {
            struct vg_slice id, patient, ward, bed, product, protocol, donor, chain_id;
            int64_t age;
            bool outpatient;
            struct vg_instant begin, end;
        } episode;
        struct {
            bool open;
            uint64_t rev, n;
            struct vg_slice id, ward, bed, patient, rule, severity, event;
            struct vg_instant onset, at;
            struct vg_slice owner, remark, json;
            struct vg_slice care; /* "" if it is not open */
        } alert;                  /* DELIVERED: id and rev only */
        struct {
            uint64_t rev;
            struct vg_slice id, alert, ward, role, kind, json, care;
            struct vg_instant at;
        } page;
        struct {
            bool settled;
            struct vg_slice page, channel, way, detail;
            struct vg_instant at;
        } way;
        struct {
            uint64_t seen, rev; /* of the alert: when asked; as answered */
            int64_t span;
            struct vg_slice client, id, ward, by, what, alert, page, bed, reason;
            struct vg_slice judgement, result, detail; /* judgement "": none */
            struct vg_instant at, ts;
        } command;
        struct {
            struct vg_slice ward, bed, by, reason;
            struct vg_instant at, until; /* VG_UNSET: it is back */
        } pause;
        struct {
            struct vg_slice ward, bed, patient, episode, part, json;
            struct vg_instant at;
        } assessed;
        struct {
            struct vg_slice kind, subject, text;
            struct vg_instant at;
        } audit;
        struct {
            struct vg_slice ward, bed, episode, patient;
            struct vg_instant from, to; /* to VG_NEVER: still there */
        } tie;
        struct {
            struct vg_slice ward, bed, episode, patient, what, product, dose_id;
            struct vg_slice donor, chain_id;
            bool taken_back;
            struct vg_instant at;
        } infusion;
        struct {
            uint64_t quarantine;
            struct vg_slice patient;
        } released;
        struct {
            struct vg_slice episode;
            struct vg_carried value;
        } carried;
        struct {
            uint64_t upto;          /* GATEWAY: the first number it can still send */
            struct vg_slice ranges; /* varints; vg_ranges_unpack */
        } mark;
    };
};

/* Walks the records of packed bytes; `at` from 0. False at the end. What a batch holds is
 * always whole, so damage is our own fault and asserted. */
bool vg_record_next(const struct vg_pack *pack, size_t *at, struct vg_record *out);

/* Calls nothing and allocates: *out is malloc'ed (NULL if there are none). VG_OK, VG_REFUSED or
 * VG_NO_MEMORY. */
enum vg_status vg_ranges_unpack(struct vg_slice packed, struct vg_range **out,
                                size_t *count);

/* The message of a record: copied into `out`, readings and entries into `obs`. VG_REFUSED:
 * the bytes cannot be right. */
enum vg_status vg_record_message(const struct vg_record *record, struct vg_message *out,
                                 struct vg_obs *obs);

/* The answer and the pause of a record. */
void vg_record_answer(const struct vg_record *record, struct vg_answer *out);
void vg_record_pause(const struct vg_record *record, struct vg_pause *out);

/* What stands in the column `care`. What cannot be read is empty care: an alert without its
 * ladder is worth more than none. */
void vg_care_read(struct vg_slice json, struct vg_care *out);

#endif
