/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables. All instants are milliseconds since 1970 UTC.
 *
 * message_row one row for each accepted message that is in no bundle, appended in the order of arrival. `obs` holds the
 *             readings and entries as sent (store_obs.c), `count` how many readings. kind: 0 vitals, 1 labs, 2
 *             assessment, 3 therapy. seq 0: not numbered. `previous` is the id of the message before it of the same
 *             place, or 0: a chain that finds a bed's history without an index. Its ids and those in bundles are one
 *             row of numbers.
 * bundle      messages of kind 0 one after another as they arrived, those from `id` to `last`: `data` holds what a row
 *             of message_row would of each (store_bundle.h).
 * message     what both hold, one row a message: not in the file, but a table of each connection of vigil's
 *             (store_message.c).
 * place       ward and bed; subject: episode, patient as the message named them (either may be ""), device; epoch:
 *             gateway and epoch (either may be "").
 * segment     a stretch of a place's chain, from id `first` to id `last`, and the oldest and newest measured instant in
 *             it. Messages with an id above meta 'tail' may be in no segment yet; all others are in exactly one.
 * stay        which subjects were seen in which place: the measured instants of their first (`since`) and last (`seen`,
 *             at most some minutes behind while their segment grows) message there, NULL: from before these were kept;
 *             `signals`, a bit for each number of `word`: what was measured. So the association of a device with bed
 *             and patient.
 * committed   when messages were on their way to disk: those up to id `last` that no row before it has, at `at` at the
 *             latest and at most a second before (NULL: not known, from before this was kept). Those after the last
 *             row: meta 'committed'.
 * epoch       also: `first`, the lowest number the gateway can still send (0: not said); `upto` and `ranges` (pairs of
 *             varints: first, last - first), the mark; and up to which row of the three tables the mark counts.
 * admission   episode messages as they came. `after` is the id of the last message that arrived before it.
 * quarantine  what was refused, whole or an item of it (`item` is its index, -1 the whole), as it came, with the
 *             reason. `released`: to which patient a person gave it ('': to none); it then stands in message too,
 *             unnumbered.
 * episode     each episode as it last was; "end" is NULL while it is open.
 * carried     what an episode carries over a restart (vigil/carried.h), as it last was. 0: not set.
 * tie         who lay where: what was measured in that bed from `since` on and before `until` (NULL: still there)
 *             belongs to the episode. Messages that came before it was known who lay there have a subject without
 *             episode and patient: of them the ties decide.
 * infusion    each infusion's start and end as charted, under the episode that was known then; '' as for messages.
 *             `taken_back`: 1.
 * alert       each alert as it last was; `care` of open ones is what people do not see of it. alert_event each
 *             change, (ward, n) without gaps.
 * outbox      changes of alerts that are not known to be delivered.
 * ward        the highest n of each ward.
 * page        what went to a role about an alert, as it was; settled: tried no more. "alert" and "rev": alert_event's.
 * delivery    evidence of a page's way, channel by channel.
 * command     what people asked, once for each id of a client, and the answer.
 * pause       beds that went off the ward; until NULL: it came back.
 * audit       the trail (audit_hash.h, store_audit.c): what was done, chained by `hash`. Its triggers keep a slip of
 *             the hand away; the chain finds the rest.
 * stretch     messages of kind 0 of one place, subject and epoch that were sealed: taken out of `message`, into columns
 *             (store_block.c). `first` is the lowest id of a message in it; `oldest` and `newest` are measured,
 *             `received` is the latest; `signals` has a bit for each number of `word`.
 * block       the readings of one signal of a stretch: id = stretch * 128 + the signal's number. `sums` by five minutes
 *             are there for steps (store_sums.c).
 * assessment  parts of assessments (crs, news2, …) of a place, each as it stood from `at` to the next row of the same
 *             part and patient; all of them anew at least once a day.
 * meta        'journal': ordinal up to which letters are stored; 'tail': see segment; 'readings': readings ever stored;
 *             'batch': serial of the last batch; 'sealed': every message of kind 0 up to this id is in a stretch;
 *             'sealing' and 'sealing_place': so are those up to this id, of the places up to this one (0: none). Such
 *             rows of `message` do not count any more, and are in no segment; those up to 'removed' are gone, but for
 *             those in a bundle with later ones. 'purged_…': what came before that instant was purged on purpose
 *             (store_retain.h), and the trail says so.
 * word        what the numbers inside `obs` mean.
 */
#include "shell/store_schema.h"

#include "shell/store_trail.h"

/* In portions: what one statement changes stays in memory until its end, and years of changes
 * are gigabytes. */
static enum vg_status append_events(sqlite3 *db, struct vg_error *error)
{
#define OLDEST " FROM alert_event_by_ward ORDER BY ward, n LIMIT 500"
    int64_t more = 1;
    enum vg_status status = VG_OK;

    while (status == VG_OK && more > 0) {
        status = vg_db_run(db,
                           "INSERT INTO alert_event SELECT *" OLDEST ";"
                           "DELETE FROM alert_event_by_ward WHERE (ward, n) IN"
                           " (SELECT ward, n" OLDEST ");",
                           error);
        if (status == VG_OK) {
            status = vg_db_number(
                db, "SELECT EXISTS (SELECT 1 FROM alert_event_by_ward)", &more, error);
        }
    }
#undef OLDEST
    return status != VG_OK
               ? status
               : vg_db_run(db,
                           "DROP TABLE alert_event_by_ward;"
                           "CREATE INDEX alert_event_alert ON alert_event(alert);",
                           error);
}

const struct vg_schema_step vg_schema_steps[] = {
    {1,
     "CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL)"
     " STRICT, WITHOUT ROWID;"
     "INSERT INTO meta VALUES('journal', 0), ('tail', 0), ('readings', 0);"
     "CREATE TABLE word(kind TEXT NOT NULL, number INTEGER NOT NULL,"
     " text TEXT NOT NULL, PRIMARY KEY(kind, number)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE place(id INTEGER PRIMARY KEY, ward TEXT NOT NULL,"
     " bed TEXT NOT NULL, UNIQUE(ward, bed)) STRICT;"
     "CREATE TABLE subject(id INTEGER PRIMARY KEY, episode TEXT NOT NULL,"
     " patient TEXT NOT NULL, device TEXT NOT NULL,"
     " UNIQUE(episode, patient, device)) STRICT;"
     "CREATE INDEX subject_patient ON subject(patient);"
     "CREATE TABLE epoch(id INTEGER PRIMARY KEY, gateway TEXT NOT NULL,"
     " epoch TEXT NOT NULL, first INTEGER NOT NULL DEFAULT 0,"
     " upto INTEGER NOT NULL DEFAULT 0, ranges BLOB NOT NULL DEFAULT x'',"
     " message INTEGER NOT NULL, admission INTEGER NOT NULL,"
     " quarantine INTEGER NOT NULL, UNIQUE(gateway, epoch)) STRICT;"
     "CREATE TABLE message(id INTEGER PRIMARY KEY, received INTEGER NOT NULL,"
     " measured INTEGER NOT NULL, place INTEGER NOT NULL, subject INTEGER NOT NULL,"
     " epoch INTEGER NOT NULL, seq INTEGER NOT NULL, hash INTEGER NOT NULL,"
     " kind INTEGER NOT NULL, count INTEGER NOT NULL, previous INTEGER NOT NULL,"
     " obs BLOB NOT NULL) STRICT;"
     "CREATE INDEX message_charted ON message(received) WHERE kind <> 0;"
     "CREATE TABLE stay(subject INTEGER NOT NULL, place INTEGER NOT NULL,"
     " PRIMARY KEY(subject, place)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE segment(place INTEGER NOT NULL, last INTEGER NOT NULL,"
     " first INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL,"
     " PRIMARY KEY(place, last)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE admission(id INTEGER PRIMARY KEY, received INTEGER NOT NULL,"
     " after INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,"
     " retained INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,"
     " hash INTEGER NOT NULL) STRICT;"
     "CREATE TABLE quarantine(id INTEGER PRIMARY KEY, received INTEGER NOT NULL,"
     " topic BLOB NOT NULL, payload BLOB NOT NULL, retained INTEGER NOT NULL,"
     " epoch INTEGER NOT NULL, seq INTEGER NOT NULL, hash INTEGER NOT NULL,"
     " reason TEXT NOT NULL, detail TEXT NOT NULL, item INTEGER NOT NULL) STRICT;"
     "CREATE TABLE episode(id TEXT PRIMARY KEY, patient TEXT NOT NULL,"
     " ward TEXT NOT NULL, bed TEXT NOT NULL, product TEXT NOT NULL,"
     " protocol TEXT NOT NULL, age INTEGER NOT NULL, outpatient INTEGER NOT NULL,"
     " begin INTEGER NOT NULL, end INTEGER) STRICT;"
     "CREATE INDEX episode_patient ON episode(patient);"
     "CREATE TABLE alert(id TEXT PRIMARY KEY, open INTEGER NOT NULL,"
     " rev INTEGER NOT NULL, n INTEGER NOT NULL, ward TEXT NOT NULL,"
     " bed TEXT NOT NULL, patient TEXT NOT NULL, rule TEXT NOT NULL,"
     " severity TEXT NOT NULL, onset INTEGER NOT NULL, json TEXT NOT NULL) STRICT;"
     "CREATE INDEX alert_open ON alert(id) WHERE open;"
     "CREATE TABLE alert_event(ward TEXT NOT NULL, n INTEGER NOT NULL,"
     " at INTEGER NOT NULL, alert TEXT NOT NULL, rev INTEGER NOT NULL,"
     " event TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY(ward, n))"
     " STRICT, WITHOUT ROWID;"
     "CREATE INDEX alert_event_alert ON alert_event(alert);"
     "CREATE TABLE outbox(id INTEGER PRIMARY KEY, alert TEXT NOT NULL,"
     " rev INTEGER NOT NULL, json TEXT NOT NULL, UNIQUE(alert, rev)) STRICT;"
     "CREATE TABLE ward(id TEXT PRIMARY KEY, n INTEGER NOT NULL)"
     " STRICT, WITHOUT ROWID;",
     NULL},
    {2,
     "INSERT INTO meta VALUES('batch', 0);"
     "ALTER TABLE alert ADD COLUMN care TEXT NOT NULL DEFAULT '';"
     "CREATE TABLE page(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
     " alert TEXT NOT NULL, rev INTEGER NOT NULL, ward TEXT NOT NULL,"
     " role TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,"
     " json TEXT NOT NULL, care TEXT NOT NULL, settled INTEGER NOT NULL) STRICT;"
     "CREATE INDEX page_open ON page(number) WHERE NOT settled;"
     "CREATE INDEX page_alert ON page(alert);"
     "CREATE TABLE delivery(number INTEGER PRIMARY KEY, page TEXT NOT NULL,"
     " channel TEXT NOT NULL, way TEXT NOT NULL, at INTEGER NOT NULL,"
     " detail TEXT NOT NULL) STRICT;"
     "CREATE INDEX delivery_page ON delivery(page);"
     "CREATE TABLE command(number INTEGER PRIMARY KEY, client TEXT NOT NULL,"
     " id TEXT NOT NULL, at INTEGER NOT NULL, ward TEXT NOT NULL, by TEXT NOT NULL,"
     " do TEXT NOT NULL, alert TEXT NOT NULL, page TEXT NOT NULL, bed TEXT NOT NULL,"
     " seen INTEGER NOT NULL, span INTEGER NOT NULL, reason TEXT NOT NULL,"
     " judgement TEXT NOT NULL, ts INTEGER, result TEXT NOT NULL,"
     " rev INTEGER NOT NULL, detail TEXT NOT NULL, UNIQUE(client, id)) STRICT;"
     "CREATE TABLE pause(number INTEGER PRIMARY KEY, ward TEXT NOT NULL,"
     " bed TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER, by TEXT NOT NULL,"
     " reason TEXT NOT NULL) STRICT;"
     "CREATE INDEX pause_bed ON pause(ward, bed);"
     "CREATE TABLE audit(id INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
     " kind TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,"
     " hash TEXT NOT NULL) STRICT;"
     "CREATE INDEX audit_subject ON audit(subject);"
     "CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN"
     " SELECT RAISE(ABORT, 'the audit trail is only added to'); END;"
     "CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN"
     " SELECT RAISE(ABORT, 'the audit trail is only added to'); END;"
     "CREATE TRIGGER audit_insert BEFORE INSERT ON audit"
     " WHEN NEW.id IS NOT (SELECT ifnull(max(id), 0) + 1 FROM audit) BEGIN"
     " SELECT RAISE(ABORT, 'the audit trail has no gaps'); END;"
     "CREATE TRIGGER delivery_update BEFORE UPDATE ON delivery BEGIN"
     " SELECT RAISE(ABORT, 'evidence is only added to'); END;"
     "CREATE TRIGGER delivery_delete BEFORE DELETE ON delivery BEGIN"
     " SELECT RAISE(ABORT, 'evidence is only added to'); END;",
     vg_trail_begin},
    {3,
     "CREATE TABLE tie(episode TEXT NOT NULL, since INTEGER NOT NULL,"
     " patient TEXT NOT NULL, ward TEXT NOT NULL, bed TEXT NOT NULL, until INTEGER,"
     " PRIMARY KEY(episode, since)) STRICT, WITHOUT ROWID;"
     "CREATE INDEX tie_patient ON tie(patient);"
     "INSERT INTO tie SELECT id, begin, patient, ward, bed, end FROM episode;"
     "ALTER TABLE episode ADD COLUMN donor TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE episode ADD COLUMN chain_id TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE stay ADD COLUMN since INTEGER;"
     "ALTER TABLE quarantine ADD COLUMN released TEXT NOT NULL DEFAULT '';"
     "CREATE INDEX quarantine_identity ON quarantine(id)"
     " WHERE reason = 'identity' AND released = '';"
     "CREATE TABLE infusion(ward TEXT NOT NULL, bed TEXT NOT NULL, at INTEGER NOT NULL,"
     " what TEXT NOT NULL, product TEXT NOT NULL, dose_id TEXT NOT NULL,"
     " episode TEXT NOT NULL, patient TEXT NOT NULL,"
     " PRIMARY KEY(ward, bed, at, what, product, dose_id, episode, patient))"
     " STRICT, WITHOUT ROWID;"
     "CREATE INDEX infusion_episode ON infusion(episode);"
     "CREATE INDEX infusion_patient ON infusion(patient);",
     NULL},
    {4,
     "INSERT INTO meta VALUES('sealed', 0), ('sealing', 0), ('sealing_place', 0),"
     " ('removed', 0), ('purged_readings', 0), ('purged_alerts', 0),"
     " ('purged_quarantine', 0);"
     "CREATE TABLE stretch(id INTEGER PRIMARY KEY, place INTEGER NOT NULL,"
     " subject INTEGER NOT NULL, epoch INTEGER NOT NULL, first INTEGER NOT NULL,"
     " oldest INTEGER NOT NULL, newest INTEGER NOT NULL,"
     " received INTEGER NOT NULL, messages INTEGER NOT NULL,"
     " readings INTEGER NOT NULL, signals INTEGER NOT NULL, times BLOB NOT NULL,"
     " rest BLOB NOT NULL) STRICT;"
     "CREATE INDEX stretch_place ON stretch(place, newest, oldest, subject);"
     "CREATE INDEX stretch_received ON stretch(received);"
     "CREATE TABLE block(id INTEGER PRIMARY KEY, oldest INTEGER NOT NULL,"
     " newest INTEGER NOT NULL, readings INTEGER NOT NULL, sums BLOB NOT NULL,"
     " data BLOB NOT NULL) STRICT;"
     "CREATE TABLE assessment(id INTEGER PRIMARY KEY, place INTEGER NOT NULL,"
     " at INTEGER NOT NULL, patient TEXT NOT NULL, episode TEXT NOT NULL,"
     " part TEXT NOT NULL, json TEXT NOT NULL) STRICT;"
     "CREATE INDEX assessment_patient ON assessment(patient, at);"
     "CREATE INDEX assessment_place ON assessment(place, at);",
     NULL},
    {5,
     "INSERT INTO meta VALUES('committed', 0);"
     "CREATE TABLE committed(last INTEGER PRIMARY KEY, at INTEGER) STRICT;"
     "INSERT INTO committed SELECT id, NULL FROM message ORDER BY id DESC LIMIT 1;"
     "ALTER TABLE stay ADD COLUMN seen INTEGER;"
     "ALTER TABLE stay ADD COLUMN signals INTEGER NOT NULL DEFAULT 0;",
     NULL},
    {6,
     "ALTER TABLE infusion ADD COLUMN donor TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE infusion ADD COLUMN chain_id TEXT NOT NULL DEFAULT '';",
     NULL},
    {7,
     "ALTER TABLE message RENAME TO message_row;"
     "CREATE TABLE bundle(id INTEGER PRIMARY KEY, last INTEGER NOT NULL,"
     " data BLOB NOT NULL) STRICT;",
     NULL},
    /* Nothing else changes: bundles of another layout, which older programs cannot read. */
    {8, "", NULL},
    /* Appended: clustered by ward, each change had a page and most of a second one to itself,
     * and alerts wait for those pages. */
    {9,
     "ALTER TABLE alert_event RENAME TO alert_event_by_ward;"
     "DROP INDEX alert_event_alert;"
     "CREATE TABLE alert_event(ward TEXT NOT NULL, n INTEGER NOT NULL,"
     " at INTEGER NOT NULL, alert TEXT NOT NULL, rev INTEGER NOT NULL,"
     " event TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY(ward, n)) STRICT;",
     append_events},
    /* Nothing else changes: messages with cuff cycles that gave no value have another layout. */
    {10, "", NULL},
    {11,
     "CREATE TABLE carried(episode TEXT PRIMARY KEY, at INT, frozen INT, onset INT,"
     " fever INT, active INT, fever_since INT, fever_high INT, over_40 INT,"
     " over_41 INT, confirmed INT, confirmed_from INT, single INT, single_from INT,"
     " nice INT, nice_from INT, sustained INT, sustained_from INT, repeat INT,"
     " valid INT, fn_since INT, treated INT, cool INT, low_temp INT, news2_7 INT,"
     " news2_5 INT, news2_3 INT, last_temp INT, last_hr INT, last_rr INT,"
     " last_spo2 INT, last_sbp INT, temp INT, hr INT, rr INT, spo2 INT, sbp INT,"
     " max_grade INT, closed INT, on_pressure INT, on_oxygen INT, fever_lane INT,"
     " repeat_class INT, low_class INT, fn_score INT, fn_marks INT) STRICT, WITHOUT ROWID;",
     NULL},
    {12, "ALTER TABLE infusion ADD COLUMN taken_back INTEGER NOT NULL DEFAULT 0;",
     NULL},
};
const size_t vg_schema_step_count = sizeof vg_schema_steps / sizeof *vg_schema_steps;

static enum vg_status too_new(int64_t version, int64_t known, struct vg_error *error)
{
    vg_error_set(
        error,
        "the store has version %lld and this program knows up to %lld: it was "
        "written by a newer vigil. Use that one, or restore a backup of before "
        "its upgrade",
        (long long)version, (long long)known);
    return VG_FAILED;
}

static enum vg_status set_version(sqlite3 *db, int64_t version, struct vg_error *error)
{
    char sql[128];
    sqlite3_snprintf(sizeof(sql), sql,
                     "PRAGMA user_version=%lld; PRAGMA application_id=%d;",
                     (long long)version, VG_STORE_APPLICATION);
    return vg_db_run(db, sql, error);
}

static enum vg_status run_steps(sqlite3 *db, const struct vg_schema_step *steps,
                                size_t count, int64_t version, struct vg_error *error)
{
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < count && status == VG_OK; i++) {
        if (steps[i].to > version) {
            status = vg_db_run(db, steps[i].sql, error);
        }
        if (steps[i].to > version && status == VG_OK && steps[i].then != NULL) {
            status = steps[i].then(db, error);
        }
        if (steps[i].to > version && status == VG_OK) {
            status = set_version(db, steps[i].to, error);
        }
    }
    return status;
}

enum vg_status vg_schema_upgrade(sqlite3 *db, const struct vg_schema_step *steps,
                                 size_t count, struct vg_error *error)
{
    int64_t version;
    int64_t newest = steps[count - 1].to;
    enum vg_status status = vg_db_number(db, "PRAGMA user_version", &version, error);
    if (status != VG_OK || version == newest) {
        return status;
    }
    if (version > newest) {
        return too_new(version, newest, error);
    }
    status = vg_db_run(db, "BEGIN IMMEDIATE", error);
    if (status == VG_OK) {
        status = run_steps(db, steps, count, version, error);
    }
    if (status == VG_OK) {
        status = vg_db_run(db, "COMMIT", error);
    }
    if (status != VG_OK) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

enum vg_status vg_schema_prepare(sqlite3 *db, struct vg_error *error)
{
    enum vg_status status =
        vg_schema_upgrade(db, vg_schema_steps, vg_schema_step_count, error);
    return status == VG_OK ? vg_schema_words(db, error) : status;
}

int64_t vg_schema_newest(void)
{
    return vg_schema_steps[vg_schema_step_count - 1].to;
}

enum vg_status vg_schema_known(int64_t version, struct vg_error *error)
{
    const int64_t known = vg_schema_newest();

    return version > known ? too_new(version, known, error) : VG_OK;
}

enum vg_status vg_schema_check(sqlite3 *db, struct vg_error *error)
{
    int64_t version;
    enum vg_status status = vg_db_number(db, "PRAGMA user_version", &version, error);
    status = status == VG_OK ? vg_schema_known(version, error) : status;
    if (status == VG_OK && version < vg_schema_newest()) {
        vg_error_set(error, "the store is of an older version: start vigild once to "
                            "bring it up to date");
        return VG_FAILED;
    }
    return status;
}
