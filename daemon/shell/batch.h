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
    VG_RECORD_KIND_COUNT
};

struct vg_batch {
    struct vg_pack pack;
    size_t records;
    uint64_t journal;      /* 0: says nothing about the journal */
    struct vg_buffer json; /* an alert on its way into the pack */
};

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
            uint64_t readings;
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
            struct vg_slice id, patient, ward, bed, product, protocol;
            int64_t age;
            bool outpatient;
            struct vg_instant begin, end;
        } episode;
        struct {
            bool open;
            uint64_t rev, n;
            struct vg_slice id, ward, bed, patient, rule, severity, event, json;
            struct vg_instant onset, at;
        } alert; /* DELIVERED: id and rev only */
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

#endif
