/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of alerts.
 */
#include "vigil/alert.h"

#include "core/row.h"

/* Clinical reference 9.5: appended to everything that people are told. */
const char vg_disclaimer[] =
    "Pattern compatible with the named condition, never a diagnosis. Automatically computed "
    "from transmitted data, provisional, may be incomplete or wrong. Not a diagnosis or an "
    "order. Assess the patient. Follow the local protocol.";

static const char *const conditions[VG_CONDITION_COUNT] = {"active", "clearing",
                                                           "unknown", "ended"};

static const char *const changes[VG_CHANGE_COUNT] = {
    "raised",   "repeated",  "escalated", "eased",   "offered",  "acknowledged",
    "accepted", "rejected",  "released",  "lapsed",  "silenced", "clearing",
    "relapsed", "data_lost", "data_back", "shelved", "paused",   "claim_ended",
    "reset",    "judged",    "noted",     "ended",   "closed"};

static const char *const offers[VG_OFFER_COUNT] = {"none", "offered", "accepted",
                                                   "exhausted", "closed"};

const char *vg_condition_text(enum vg_condition condition)
{
    return conditions[condition];
}

enum vg_status vg_condition_find(const char *text, enum vg_condition *out)
{
    *out = (enum vg_condition)vg_name_find(conditions, VG_CONDITION_COUNT, text);
    return *out < VG_CONDITION_COUNT ? VG_OK : VG_ABSENT;
}

const char *vg_change_text(enum vg_change change)
{
    return changes[change];
}

enum vg_status vg_change_find(const char *text, enum vg_change *out)
{
    *out = (enum vg_change)vg_name_find(changes, VG_CHANGE_COUNT, text);
    return *out < VG_CHANGE_COUNT ? VG_OK : VG_ABSENT;
}

const char *vg_offer_text(enum vg_offer offer)
{
    return offers[offer];
}

enum vg_status vg_offer_find(const char *text, enum vg_offer *out)
{
    *out = (enum vg_offer)vg_name_find(offers, VG_OFFER_COUNT, text);
    return *out < VG_OFFER_COUNT ? VG_OK : VG_ABSENT;
}

bool vg_alert_open(const struct vg_alert *alert)
{
    return alert->condition != VG_ENDED || alert->offer != VG_OFFER_CLOSED;
}
