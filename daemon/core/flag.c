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

/* Roles of a physician, beside all that end in "-physician" (on-call-physician). */
static const char *const physicians[] = {"physician", "attending", "doctor", "dr"};

static bool is_physician(const char *role, size_t length)
{
    static const char end[] = "-physician";
    const size_t tail = sizeof end - 1;

    for (size_t i = 0; i < sizeof physicians / sizeof physicians[0]; i++) {
        if (strlen(physicians[i]) == length &&
            memcmp(physicians[i], role, length) == 0) {
            return true;
        }
    }
    return length > tail && memcmp(role + length - tail, end, tail) == 0;
}

bool vg_flag_may_put(enum vg_flag flag, const char *by)
{
    const size_t role = strcspn(by, ":");
    const bool named = by[role] == ':' && by[role + 1] != '\0';

    return flag != VG_FLAG_COMFORT_CARE || (named && is_physician(by, role));
}

struct vg_instant vg_flag_end(enum vg_flag flag, struct vg_instant at,
                              struct vg_instant until)
{
    const vg_ms life = flag < VG_FLAG_COUNT ? vg_flag_rows[flag].expiry_ms : 0;
    const struct vg_instant latest = life > 0 ? vg_after(at, life) : VG_NEVER;

    return vg_is_set(until) ? vg_earlier(until, latest) : latest;
}
