/* SPDX-License-Identifier: Apache-2.0
 *
 * The closed list of flags with how long each holds. See flag.h.
 */
#include "vigil/flag.h"

#include <string.h>

/* Clinical reference 0.6: name, expiry, review every 24 h. */
#define FLAGS(X)                                                               \
    X(FEVER_OTHER_CAUSE, "fever_other_cause", 24 * VG_HOUR, false)             \
    X(HYPOTENSION_OTHER_CAUSE, "hypotension_other_cause", 24 * VG_HOUR, false) \
    X(HYPOXIA_OTHER_CAUSE, "hypoxia_other_cause", 24 * VG_HOUR, false)         \
    X(HOME_CPAP, "home_cpap", 0, false)                                        \
    X(AIRWAY_ONLY, "airway_only", 12 * VG_HOUR, false)                         \
    X(SCALE2, "scale2", 0, true)                                               \
    X(SEDATED, "sedated", 12 * VG_HOUR, false)                                 \
    X(ANC_EXPECTED_LT500, "anc_expected_lt500", 48 * VG_HOUR, false)           \
    X(ALLERGEN_PROBABLE, "allergen_probable", 0, true)                         \
    X(CRS_RESOLVING, "crs_resolving", 7 * VG_DAY, false)                       \
    X(CRS_CLOSED, "crs_closed", 0, false)                                      \
    X(IRR_RESOLVED, "irr_resolved", 0, false)                                  \
    X(FN_TREATED, "fn_treated", 0, false)                                      \
    X(COMFORT_CARE, "comfort_care", 0, false)

#define ROW(id, name, expiry, review) [VG_FLAG_##id] = {name, expiry, review},
const struct vg_flag_row vg_flag_rows[VG_FLAG_COUNT] = {FLAGS(ROW)};

#define NAME(id, name, expiry, review) [VG_FLAG_##id] = (name),
const char *const vg_flag_names[VG_FLAG_COUNT + 1] = {FLAGS(NAME)};

#define ONE(id, name, expiry, review) LISTED_##id,
enum { FLAGS(ONE) LISTED };
_Static_assert((int)LISTED == (int)VG_FLAG_COUNT, "a flag has no row");

enum vg_flag vg_flag_find(const char *name, size_t length)
{
    for (unsigned i = 0; i < VG_FLAG_COUNT; i++) {
        if (strlen(vg_flag_names[i]) == length &&
            memcmp(vg_flag_names[i], name, length) == 0) {
            return (enum vg_flag)i;
        }
    }
    return VG_FLAG_COUNT;
}

/* Roles of a physician; so is what ends in one ("on-call-physician"), and, without a role, "Dr. Wu". */
static const char *const physicians[] = {"physician", "attending", "consultant",
                                         "doctor",    "dr",        "md"};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* `word` is in small letters. */
static bool same_word(const char *text, size_t length, const char *word)
{
    bool same = strlen(word) == length;

    for (size_t i = 0; same && i < length; i++) {
        same = (text[i] | ' ') == word[i];
    }
    return same;
}

static bool is_physician(const char *role, size_t length)
{
    size_t first = 0;
    size_t last = length;

    while (first < length && is_letter(role[first])) {
        first++;
    }
    while (last > 0 && is_letter(role[last - 1])) {
        last--;
    }
    for (size_t i = 0; i < sizeof physicians / sizeof physicians[0]; i++) {
        if (same_word(role + last, length - last, physicians[i])) {
            return true;
        }
    }
    return role[length] == '\0' && same_word(role, first, "dr");
}

bool vg_flag_may_put(enum vg_flag flag, const char *by)
{
    return flag != VG_FLAG_COMFORT_CARE || is_physician(by, strcspn(by, ":"));
}

struct vg_instant vg_flag_end(enum vg_flag flag, struct vg_instant at,
                              struct vg_instant until)
{
    const vg_ms life = flag < VG_FLAG_COUNT ? vg_flag_rows[flag].expiry_ms : 0;
    const struct vg_instant latest = life > 0 ? vg_after(at, life) : VG_NEVER;

    return vg_is_set(until) ? vg_earlier(until, latest) : latest;
}
