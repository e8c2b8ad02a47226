/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of commands are the contract's, each leads back to what it stands for; and the
 * id of a page depends on what the page is and on nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/command.h"

static const char *const dos[] = {
    "acknowledge", "accept", "reject", "release",  "silence",   "shelve", "reset",
    "judge",       "note",   "pause",  "received", "displayed", "assign"};
static const char *const claims[] = {"acknowledge", "silence", "shelve", "pause"};
static const char *const pages[] = {"none", "call", "remind", "taken", "end"};
static const char *const judgements[] = {"actionable", "not_relevant", "false",
                                         "artefact"};
static const char *const results[] = {"ok",     "duplicate", "superseded", "stale_view",
                                      "closed", "forbidden", "over_cap",   "invalid"};

#define CHECK(words, type, COUNT, text, find)              \
    assert_int_equal(sizeof words / sizeof *words, COUNT); \
    for (size_t i = 0; i < COUNT; i++) {                   \
        type found;                                        \
        assert_string_equal(text((type)i), words[i]);      \
        assert_int_equal(find(words[i], &found), VG_OK);   \
        assert_int_equal(found, i);                        \
        assert_int_equal(find("else", &found), VG_ABSENT); \
    }

static void words_lead_back(void **state)
{
    (void)state;
    CHECK(dos, enum vg_do, VG_DO_COUNT, vg_do_text, vg_do_find)
    CHECK(claims, enum vg_claim_kind, VG_CLAIM_COUNT, vg_claim_text, vg_claim_find)
    CHECK(pages, enum vg_page_kind, VG_PAGE_COUNT, vg_page_text, vg_page_find)
    CHECK(judgements, enum vg_judgement, VG_JUDGEMENT_COUNT, vg_judgement_text,
          vg_judgement_find)
    CHECK(results, enum vg_result, VG_RESULT_COUNT, vg_result_text, vg_result_find)
}

static struct vg_alert sample(void)
{
    return (struct vg_alert){
        .id = "01JDABCDEFGHJKMNPQRSTVWXYZ", .rev = 3, .raised = {1795414320000}};
}

static void a_page_sent_again_has_the_same_id(void **state)
{
    struct vg_alert alert = sample();
    char first[VG_ALERT_LEN + 1];
    char second[VG_ALERT_LEN + 1];

    (void)state;
    vg_page_id(&alert, VG_PAGE_CALL, "bedside-nurse", first);
    assert_int_equal(strlen(first), VG_ALERT_LEN);
    /* Somebody acknowledged it, it eased: it is still the same call. */
    alert.rev = 9;
    alert.n = 77;
    alert.at.ms = 1795414390000;
    alert.event = VG_ACKNOWLEDGED;
    alert.severity = VG_WATCH;
    vg_page_id(&alert, VG_PAGE_CALL, "bedside-nurse", second);
    assert_string_equal(first, second);
    /* Stores outlive the process: the id is this one for ever. */
    assert_string_equal(first, "01M83GGRW0AR8HNV011Z44J6SZ");
}

static void every_page_has_its_own_id(void **state)
{
    char id[7][VG_ALERT_LEN + 1];
    struct vg_alert alert = sample();

    (void)state;
    vg_page_id(&alert, VG_PAGE_CALL, "nurse", id[0]);
    vg_page_id(&alert, VG_PAGE_END, "nurse", id[1]);
    vg_page_id(&alert, VG_PAGE_CALL, "charge", id[2]);
    alert.step = 1;
    vg_page_id(&alert, VG_PAGE_CALL, "nurse", id[3]);
    alert.step = 0;
    alert.care.run = 1;
    vg_page_id(&alert, VG_PAGE_CALL, "nurse", id[4]);
    alert.care.run = 0;
    alert.care.repeat = 1;
    vg_page_id(&alert, VG_PAGE_CALL, "nurse", id[5]);
    alert.care.repeat = 0;
    alert.id[25]++;
    vg_page_id(&alert, VG_PAGE_CALL, "nurse", id[6]);
    for (size_t i = 0; i < 7; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(id[i], id[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_lead_back),
        cmocka_unit_test(a_page_sent_again_has_the_same_id),
        cmocka_unit_test(every_page_has_its_own_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
