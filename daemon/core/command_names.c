/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of care and of commands: what may be asked, claims, pages, judgements, answers.
 */
#include "vigil/command.h"

#include "row.h"

static const char *const dos[VG_DO_COUNT] = {
    [VG_DO_ACKNOWLEDGE] = "acknowledge",
    [VG_DO_ACCEPT] = "accept",
    [VG_DO_REJECT] = "reject",
    [VG_DO_RELEASE] = "release",
    [VG_DO_SILENCE] = "silence",
    [VG_DO_SHELVE] = "shelve",
    [VG_DO_RESET] = "reset",
    [VG_DO_JUDGE] = "judge",
    [VG_DO_NOTE] = "note",
    [VG_DO_PAUSE] = "pause",
    [VG_DO_RECEIVED] = "received",
    [VG_DO_DISPLAYED] = "displayed",
    [VG_DO_ASSIGN] = "assign",
};

static const char *const claims[VG_CLAIM_COUNT] = {
    [VG_CLAIM_ACKNOWLEDGE] = "acknowledge",
    [VG_CLAIM_SILENCE] = "silence",
    [VG_CLAIM_SHELVE] = "shelve",
    [VG_CLAIM_PAUSE] = "pause",
};

static const char *const pages[VG_PAGE_COUNT] = {
    [VG_PAGE_NONE] = "none",   [VG_PAGE_CALL] = "call", [VG_PAGE_REMIND] = "remind",
    [VG_PAGE_TAKEN] = "taken", [VG_PAGE_END] = "end",
};

static const char *const judgements[VG_JUDGEMENT_COUNT] = {
    [VG_ACTIONABLE] = "actionable",
    [VG_NOT_RELEVANT] = "not_relevant",
    [VG_FALSE_ALARM] = "false",
    [VG_ARTEFACT] = "artefact",
};

static const char *const results[VG_RESULT_COUNT] = {
    [VG_RESULT_OK] = "ok",
    [VG_RESULT_DUPLICATE] = "duplicate",
    [VG_RESULT_SUPERSEDED] = "superseded",
    [VG_RESULT_STALE_VIEW] = "stale_view",
    [VG_RESULT_CLOSED] = "closed",
    [VG_RESULT_FORBIDDEN] = "forbidden",
    [VG_RESULT_OVER_CAP] = "over_cap",
    [VG_RESULT_INVALID] = "invalid",
};

const char *vg_do_text(enum vg_do what)
{
    return dos[what];
}

enum vg_status vg_do_find(const char *text, enum vg_do *out)
{
    *out = (enum vg_do)vg_name_find(dos, VG_DO_COUNT, text);
    return *out < VG_DO_COUNT ? VG_OK : VG_ABSENT;
}

const char *vg_claim_text(enum vg_claim_kind kind)
{
    return claims[kind];
}

enum vg_status vg_claim_find(const char *text, enum vg_claim_kind *out)
{
    *out = (enum vg_claim_kind)vg_name_find(claims, VG_CLAIM_COUNT, text);
    return *out < VG_CLAIM_COUNT ? VG_OK : VG_ABSENT;
}

const char *vg_page_text(enum vg_page_kind kind)
{
    return pages[kind];
}

enum vg_status vg_page_find(const char *text, enum vg_page_kind *out)
{
    *out = (enum vg_page_kind)vg_name_find(pages, VG_PAGE_COUNT, text);
    return *out < VG_PAGE_COUNT ? VG_OK : VG_ABSENT;
}

const char *vg_judgement_text(enum vg_judgement judgement)
{
    return judgements[judgement];
}

enum vg_status vg_judgement_find(const char *text, enum vg_judgement *out)
{
    *out = (enum vg_judgement)vg_name_find(judgements, VG_JUDGEMENT_COUNT, text);
    return *out < VG_JUDGEMENT_COUNT ? VG_OK : VG_ABSENT;
}

const char *vg_result_text(enum vg_result result)
{
    return results[result];
}

enum vg_status vg_result_find(const char *text, enum vg_result *out)
{
    *out = (enum vg_result)vg_name_find(results, VG_RESULT_COUNT, text);
    return *out < VG_RESULT_COUNT ? VG_OK : VG_ABSENT;
}
