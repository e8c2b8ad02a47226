/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting. See store_stats.h.
 */
#include "shell/store_stats.h"

#include "shell/store_read_inside.h"

/* Rows of message that are no garbage of sealing. */
#define THERE                                                                 \
    " (kind <> 0 OR NOT (id <= (SELECT value FROM meta WHERE key = 'sealed')" \
    " OR (id <= (SELECT value FROM meta WHERE key = 'sealing')"               \
    " AND place <= (SELECT value FROM meta WHERE key = 'sealing_place'))))"

static const struct {
    const char *name, *sql;
} stats[VG_STAT_COUNT] = {
    [VG_STAT_HOT_MESSAGES] = {"hot_messages",
                              "SELECT count(*) FROM message WHERE" THERE},
    [VG_STAT_HOT_READINGS] = {"hot_readings",
                              "SELECT sum(count) FROM message WHERE" THERE},
    [VG_STAT_SEALED_MESSAGES] = {"sealed_messages",
                                 "SELECT sum(messages) FROM stretch"},
    [VG_STAT_SEALED_READINGS] = {"sealed_readings",
                                 "SELECT sum(readings) FROM stretch"},
    [VG_STAT_STRETCHES] = {"stretches", "SELECT count(*) FROM stretch"},
    [VG_STAT_BLOCKS] = {"blocks", "SELECT count(*) FROM block"},
    [VG_STAT_SEALED_BYTES] =
        {"sealed_bytes", "SELECT ifnull((SELECT sum(length(data) + length(sums)) FROM"
                         " block), 0) + ifnull((SELECT sum(length(times) +"
                         " length(rest)) FROM stretch), 0)"},
    [VG_STAT_ADMISSIONS] = {"admissions", "SELECT count(*) FROM admission"},
    [VG_STAT_QUARANTINE] = {"quarantined", "SELECT count(*) FROM quarantine"},
    [VG_STAT_EPISODES] = {"episodes", "SELECT count(*) FROM episode"},
    [VG_STAT_ALERTS] = {"alerts", "SELECT count(*) FROM alert"},
    [VG_STAT_ALERT_EVENTS] = {"alert_events", "SELECT count(*) FROM alert_event"},
    [VG_STAT_PAGES] = {"pages", "SELECT count(*) FROM page"},
    [VG_STAT_DELIVERIES] = {"deliveries", "SELECT count(*) FROM delivery"},
    [VG_STAT_COMMANDS] = {"commands", "SELECT count(*) FROM command"},
    [VG_STAT_AUDIT] = {"audit", "SELECT count(*) FROM audit"},
    [VG_STAT_FILE_BYTES] = {"file_bytes",
                            "SELECT page_count * page_size FROM pragma_page_count,"
                            " pragma_page_size"},
    [VG_STAT_FREE_BYTES] = {"free_bytes", "SELECT freelist_count * page_size FROM"
                                          " pragma_freelist_count, pragma_page_size"},
};

const char *vg_stat_text(enum vg_stat stat)
{
    return stats[stat].name;
}

static enum vg_status extent(struct vg_reader *reader, struct vg_store_stats *out,
                             struct vg_error *error)
{
    int64_t number = 0;
    enum vg_status status =
        vg_db_number(reader->db,
                     "SELECT ifnull(min(first), " VG_SQL_UNSET
                     ") FROM (SELECT received AS first FROM"
                     " message WHERE id = (SELECT min(id) FROM message) UNION ALL"
                     " SELECT min(received) FROM stretch)",
                     &number, error);

    out->oldest.ms = number;
    if (status == VG_OK) {
        status = vg_db_number(reader->db,
                              "SELECT ifnull((SELECT received FROM message ORDER BY id"
                              " DESC LIMIT 1), " VG_SQL_UNSET ")",
                              &number, error);
        out->newest.ms = number;
    }
    return status;
}

enum vg_status vg_store_stats(struct vg_reader *reader, struct vg_store_stats *out,
                              struct vg_error *error)
{
    *out = (struct vg_store_stats){.oldest = VG_UNSET, .newest = VG_UNSET};
    enum vg_status status = vg_reader_begin(reader, error);

    for (size_t i = 0; i < VG_STAT_COUNT && status == VG_OK; i++) {
        status = vg_db_number(reader->db, stats[i].sql, &out->number[i], error);
    }
    if (status == VG_OK) {
        status = extent(reader, out, error);
    }
    vg_reader_end(reader);
    return status;
}
