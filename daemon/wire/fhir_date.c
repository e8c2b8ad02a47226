/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates of a search: a prefix, and a time as exact as it is written.
 */
#include <stdio.h>
#include <string.h>

#include "fhir.h"

static bool take_prefix(const char **text, enum vg_fhir_prefix *out)
{
    static const char names[VG_FHIR_PREFIXES][3] = {
        [VG_FHIR_EQ] = "eq", [VG_FHIR_NE] = "ne", [VG_FHIR_GT] = "gt",
        [VG_FHIR_GE] = "ge", [VG_FHIR_LT] = "lt", [VG_FHIR_LE] = "le",
        [VG_FHIR_SA] = "sa", [VG_FHIR_EB] = "eb", [VG_FHIR_AP] = "ap"};

    *out = VG_FHIR_EQ;
    if (**text >= '0' && **text <= '9') {
        return true;
    }
    for (unsigned i = 0; i < VG_FHIR_PREFIXES; i++) {
        if (strncmp(*text, names[i], 2) == 0) {
            *out = (enum vg_fhir_prefix)i;
            *text += 2;
            return true;
        }
    }
    return false;
}

/* What is written of date and time, without the zone; lengths that a time can have. */
static const struct form {
    size_t length;
    const char *rest; /* what makes it whole */
    vg_ms span;       /* for which it stands; 0: see below */
} forms[] = {{4, "-01-01T00:00:00", 0},
             {7, "-01T00:00:00", 0},
             {10, "T00:00:00", VG_DAY},
             {16, ":00", VG_MINUTE},
             {19, "", VG_SECOND},
             {21, "", 100},
             {22, "", 10},
             {23, "", 1}};

/* The first instant of the next year or month. */
static struct vg_instant next_of(const char *text, size_t length)
{
    char whole[32];
    struct vg_instant next = VG_NEVER;
    unsigned year = 0;
    unsigned month = 1;

    (void)sscanf(text, length == 4 ? "%4u" : "%4u-%2u", &year, &month);
    year += length == 4 || month == 12 ? 1 : 0;
    month = length == 4 || month == 12 ? 1 : month + 1;
    (void)snprintf(whole, sizeof whole, "%04u-%02u-01T00:00:00Z", year % 10000,
                   month % 100);
    return vg_time_parse(whole, strlen(whole), &next) == VG_OK ? next : VG_NEVER;
}

/* A plus that was not escaped has become a blank. */
static bool zone_of(const char *text, char out[8])
{
    if (*text == '\0') {
        (void)vg_copy(out, 8, "Z");
        return true;
    }
    const bool fits = vg_copy(out, 8, text);
    if (out[0] == ' ') {
        out[0] = '+';
    }
    return fits;
}

enum vg_status vg_fhir_date_parse(const char *text, struct vg_fhir_date *out)
{
    char whole[48];
    char zone[8];

    if (!take_prefix(&text, &out->prefix)) {
        return VG_REFUSED;
    }
    const char *clock = strchr(text, 'T');
    const size_t length =
        clock == NULL ? strlen(text) : (size_t)(clock - text) + strcspn(clock, "Z+- ");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (forms[i].length != length || !zone_of(text + length, zone)) {
            continue;
        }
        (void)snprintf(whole, sizeof whole, "%.*s%s%s", (int)length, text,
                       forms[i].rest, zone);
        if (vg_time_parse(whole, strlen(whole), &out->low) != VG_OK) {
            return VG_REFUSED;
        }
        out->high = forms[i].span > 0 ? vg_after(out->low, forms[i].span)
                                      : next_of(text, length);
        return VG_OK;
    }
    return VG_REFUSED;
}

enum vg_status vg_fhir_date_narrow(const struct vg_fhir_date *date,
                                   struct vg_instant *from, struct vg_instant *to)
{
    switch (date->prefix) {
    case VG_FHIR_EQ:
        *from = vg_later(*from, date->low);
        *to = vg_earlier(*to, date->high);
        return VG_OK;
    case VG_FHIR_GT:
    case VG_FHIR_SA:
        *from = vg_later(*from, date->high);
        return VG_OK;
    case VG_FHIR_GE:
        *from = vg_later(*from, date->low);
        return VG_OK;
    case VG_FHIR_LT:
    case VG_FHIR_EB:
        *to = vg_earlier(*to, date->low);
        return VG_OK;
    case VG_FHIR_LE:
        *to = vg_earlier(*to, date->high);
        return VG_OK;
    case VG_FHIR_NE:
    case VG_FHIR_AP:
    case VG_FHIR_PREFIXES:
        break;
    }
    return VG_REFUSED;
}

bool vg_fhir_date_fits(const struct vg_fhir_date *date, struct vg_instant begin,
                       struct vg_instant end)
{
    switch (date->prefix) {
    case VG_FHIR_EQ: /* the whole of it lies in what is written */
        return begin.ms >= date->low.ms && end.ms < date->high.ms;
    case VG_FHIR_NE:
        return begin.ms < date->low.ms || end.ms >= date->high.ms;
    case VG_FHIR_GT: /* some of it lies after */
        return end.ms >= date->high.ms;
    case VG_FHIR_GE:
        return end.ms >= date->low.ms;
    case VG_FHIR_LT: /* some of it lies before */
        return begin.ms < date->low.ms;
    case VG_FHIR_LE:
        return begin.ms < date->high.ms;
    case VG_FHIR_SA: /* all of it lies after */
        return begin.ms >= date->high.ms;
    case VG_FHIR_EB:
        return end.ms < date->low.ms;
    case VG_FHIR_AP: /* they meet */
        return begin.ms < date->high.ms && end.ms >= date->low.ms;
    case VG_FHIR_PREFIXES:
        break;
    }
    return false;
}
