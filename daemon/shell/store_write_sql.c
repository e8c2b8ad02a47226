/* SPDX-License-Identifier: Apache-2.0
 *
 * What the writer says to SQLite.
 */
#include "shell/store_trail.h"
#include "shell/store_write_inside.h"

const char *const vg_writer_statements[VG_SQL_COUNT] = {
    [VG_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [VG_SQL_COMMIT] = "COMMIT",
    [VG_SQL_MESSAGE] = "INSERT INTO message_row VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [VG_SQL_BUNDLE] = "INSERT OR REPLACE INTO bundle VALUES(?,?,?)",
    [VG_SQL_PLACE] = "INSERT INTO place(ward, bed) VALUES(?,?)",
    [VG_SQL_SUBJECT] = "INSERT INTO subject(episode, patient, device) VALUES(?,?,?)",
    [VG_SQL_EPOCH] = "INSERT INTO epoch(gateway, epoch, message, admission, quarantine)"
                     " VALUES(?,?,?,?,?)",
    [VG_SQL_STAY] = "INSERT OR IGNORE INTO stay(subject, place, since, seen, signals)"
                    " VALUES(?,?,?,?,?)",
    [VG_SQL_SEEN] =
        "UPDATE stay SET since = min(since, ?3), seen = max(ifnull(seen, ?4),"
        " ?4), signals = signals | ?5 WHERE subject = ?1 AND place = ?2",
    [VG_SQL_COMMITTED] = "INSERT INTO committed VALUES(?,?)",
    [VG_SQL_SEGMENT] = "INSERT INTO segment VALUES(?,?,?,?,?)",
    [VG_SQL_ADMISSION] = "INSERT INTO admission VALUES(?,?,?,?,?,?,?,?,?)",
    [VG_SQL_QUARANTINE] = "INSERT INTO quarantine VALUES(?,?,?,?,?,?,?,?,?,?,?,'')",
    [VG_SQL_EPISODE] = "INSERT OR REPLACE INTO episode VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [VG_SQL_CARRIED] = "INSERT OR REPLACE INTO carried VALUES(?,?,?,?,?,?,?,?,?,?,?,?,"
                       "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
                       "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    /* not OR REPLACE: that would move the row to another page with each change */
    [VG_SQL_ALERT] = "INSERT INTO alert VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)"
                     " ON CONFLICT(id) DO UPDATE SET open = ?2, rev = ?3, n = ?4,"
                     " ward = ?5, bed = ?6, patient = ?7, rule = ?8, severity = ?9,"
                     " onset = ?10, json = ?11, care = ?12",
    [VG_SQL_ALERT_EVENT] = "INSERT OR REPLACE INTO alert_event VALUES(?,?,?,?,?,?,?)",
    [VG_SQL_WARD] = "INSERT INTO ward VALUES(?1, ?2)"
                    " ON CONFLICT(id) DO UPDATE SET n = max(n, ?2)",
    [VG_SQL_OUTBOX] = "INSERT OR REPLACE INTO outbox(alert, rev, json) VALUES(?,?,?)",
    [VG_SQL_DELIVERED] = "DELETE FROM outbox WHERE alert = ? AND rev = ?",
    [VG_SQL_FIRST] = "UPDATE epoch SET first = max(first, ?2) WHERE id = ?1",
    [VG_SQL_MARK] = "UPDATE epoch SET upto = ?2, ranges = ?3, message = ?4,"
                    " admission = ?5, quarantine = ?6 WHERE id = ?1",
    [VG_SQL_MARK_MOVED] = "UPDATE epoch SET message = ?2, admission = ?3,"
                          " quarantine = ?4 WHERE id = ?1",
    [VG_SQL_META] = "UPDATE meta SET value = ?2 WHERE key = ?1",
    /* the same page again: to be tried again */
    [VG_SQL_PAGE] = "INSERT INTO page(id, alert, rev, ward, role, kind, at, json, care,"
                    " settled) VALUES(?,?,?,?,?,?,?,?,?,0)"
                    " ON CONFLICT(id) DO UPDATE SET settled = 0",
    [VG_SQL_SETTLED] = "UPDATE page SET settled = 1 WHERE id = ?",
    [VG_SQL_DELIVERY] = "INSERT INTO delivery(page, channel, way, at, detail)"
                        " VALUES(?,?,?,?,?)",
    /* the same command again: the first answer stands */
    [VG_SQL_COMMAND] = "INSERT INTO command(client, id, ward, by, do, alert, page, bed,"
                       " reason, judgement, result, detail, seen, rev, span, at, ts)"
                       " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
                       " ON CONFLICT(client, id) DO NOTHING",
    [VG_SQL_PAUSE] = "INSERT INTO pause(ward, bed, at, until, by, reason)"
                     " VALUES(?,?,?,?,?,?)",
    [VG_SQL_AUDIT] = VG_TRAIL_INSERT,
    [VG_SQL_ASSESSED] =
        "INSERT INTO assessment(place, at, patient, episode, part, json)"
        " VALUES(?,?,?,?,?,?)",
    [VG_SQL_TIE] =
        "INSERT OR REPLACE INTO tie(episode, patient, ward, bed, since, until)"
        " VALUES(?,?,?,?,?,?)",
    [VG_SQL_INFUSION] = "INSERT INTO infusion(ward, bed, episode, patient,"
                        " what, product, dose_id, donor, chain_id, at)"
                        " VALUES(?,?,?,?,?,?,?,?,?,?)"
                        " ON CONFLICT DO UPDATE SET taken_back = 0",
    /* the parameters of the one above */
    [VG_SQL_INFUSION_NONE] =
        "UPDATE infusion SET taken_back = 1 WHERE at = ?10 AND what = ?5"
        " AND (episode = ?3 AND ?3 <> ''"
        " OR ward = ?1 AND bed = ?2 AND (episode = '' OR ?3 = ''))",
    [VG_SQL_RELEASED] = "UPDATE quarantine SET released = ?2 WHERE id = ?1",
};
