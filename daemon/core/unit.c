/* SPDX-License-Identifier: Apache-2.0
 *
 * Units and their conversions. Each factor is that of Clinical reference 10.3, as an
 * exact fraction: "x 7.50062" is 750062 / 100000, "/ 88.42" is 100 / 8842.
 */
#include "vigil/unit.h"

#include <assert.h>
#include <string.h>

#include "row.h"
#include "unit_table.h"

static const char *const texts[VG_UNIT_COUNT] = {
    [VG_UNIT_NONE] = "",
    [VG_UNIT_CEL] = "Cel",
    [VG_UNIT_DEGF] = "[degF]",
    [VG_UNIT_MMHG] = "mm[Hg]",
    [VG_UNIT_KPA] = "kPa",
    [VG_UNIT_PER_MIN] = "/min",
    [VG_UNIT_BEATS_PER_MIN] = "{beats}/min",
    [VG_UNIT_BREATHS_PER_MIN] = "{breaths}/min",
    [VG_UNIT_PERCENT] = "%",
    [VG_UNIT_FRACTION] = "1",
    [VG_UNIT_L_PER_MIN] = "L/min",
    [VG_UNIT_ML_PER_MIN] = "mL/min",
    [VG_UNIT_PER_UL] = "/uL",
    [VG_UNIT_10_9_PER_L] = "10*9/L",
    [VG_UNIT_10_3_PER_UL] = "10*3/uL",
    [VG_UNIT_10_6_PER_L] = "10*6/L",
    [VG_UNIT_G_PER_DL] = "g/dL",
    [VG_UNIT_G_PER_L] = "g/L",
    [VG_UNIT_MG_PER_DL] = "mg/dL",
    [VG_UNIT_MG_PER_L] = "mg/L",
    [VG_UNIT_NG_PER_ML] = "ng/mL",
    [VG_UNIT_UG_PER_L] = "ug/L",
    [VG_UNIT_UG_PER_ML] = "ug/mL",
    [VG_UNIT_PG_PER_ML] = "pg/mL",
    [VG_UNIT_NG_PER_L] = "ng/L",
    [VG_UNIT_MMOL_PER_L] = "mmol/L",
    [VG_UNIT_UMOL_PER_L] = "umol/L",
    [VG_UNIT_MEQ_PER_L] = "meq/L",
    [VG_UNIT_U_PER_L] = "U/L",
    [VG_UNIT_UKAT_PER_L] = "ukat/L",
    [VG_UNIT_SECOND] = "s",
    [VG_UNIT_INR] = "{INR}",
    [VG_UNIT_PH] = "[pH]",
    [VG_UNIT_SCORE] = "{score}",
    [VG_UNIT_KG] = "kg",
    [VG_UNIT_G] = "g",
    [VG_UNIT_CM] = "cm",
    [VG_UNIT_M] = "m",
};

const char *vg_unit_text(enum vg_unit unit)
{
    assert(unit < VG_UNIT_COUNT);
    return texts[unit];
}

/* In order of bytes. The MDC units are those of ISO/IEEE 11073-10101 (Clinical
 * reference 10.4), by reference id and by context-free number. */
static const struct vg_unit_name names[] = {
    {"%", VG_UNIT_PERCENT},
    {"/min", VG_UNIT_PER_MIN},
    {"/uL", VG_UNIT_PER_UL},
    {"1", VG_UNIT_FRACTION},
    {"10*3/uL", VG_UNIT_10_3_PER_UL},
    {"10*6/L", VG_UNIT_10_6_PER_L},
    {"10*9/L", VG_UNIT_10_9_PER_L},
    {"262688", VG_UNIT_PERCENT},
    {"264864", VG_UNIT_BEATS_PER_MIN},
    {"264928", VG_UNIT_BREATHS_PER_MIN},
    {"265987", VG_UNIT_KPA},
    {"266016", VG_UNIT_MMHG},
    {"266560", VG_UNIT_DEGF},
    {"268192", VG_UNIT_CEL},
    {"Cel", VG_UNIT_CEL},
    {"L/min", VG_UNIT_L_PER_MIN},
    {"MDC_DIM_BEAT_PER_MIN", VG_UNIT_BEATS_PER_MIN},
    {"MDC_DIM_DEGC", VG_UNIT_CEL},
    {"MDC_DIM_FAHR", VG_UNIT_DEGF},
    {"MDC_DIM_KILO_PASCAL", VG_UNIT_KPA},
    {"MDC_DIM_MMHG", VG_UNIT_MMHG},
    {"MDC_DIM_PERCENT", VG_UNIT_PERCENT},
    {"MDC_DIM_RESP_PER_MIN", VG_UNIT_BREATHS_PER_MIN},
    {"U/L", VG_UNIT_U_PER_L},
    {"[degF]", VG_UNIT_DEGF},
    {"[pH]", VG_UNIT_PH},
    {"cm", VG_UNIT_CM},
    {"g", VG_UNIT_G},
    {"g/L", VG_UNIT_G_PER_L},
    {"g/dL", VG_UNIT_G_PER_DL},
    {"kPa", VG_UNIT_KPA},
    {"kg", VG_UNIT_KG},
    {"m", VG_UNIT_M},
    {"mL/min", VG_UNIT_ML_PER_MIN},
    {"meq/L", VG_UNIT_MEQ_PER_L},
    {"mg/L", VG_UNIT_MG_PER_L},
    {"mg/dL", VG_UNIT_MG_PER_DL},
    {"mm[Hg]", VG_UNIT_MMHG},
    {"mmol/L", VG_UNIT_MMOL_PER_L},
    {"ng/L", VG_UNIT_NG_PER_L},
    {"ng/mL", VG_UNIT_NG_PER_ML},
    {"pg/mL", VG_UNIT_PG_PER_ML},
    {"s", VG_UNIT_SECOND},
    {"ug/L", VG_UNIT_UG_PER_L},
    {"ug/mL", VG_UNIT_UG_PER_ML},
    {"ukat/L", VG_UNIT_UKAT_PER_L},
    {"umol/L", VG_UNIT_UMOL_PER_L},
    {"{INR}", VG_UNIT_INR},
    {"{beats}/min", VG_UNIT_BEATS_PER_MIN},
    {"{breaths}/min", VG_UNIT_BREATHS_PER_MIN},
    {"{score}", VG_UNIT_SCORE},
};

const struct vg_unit_name *vg_unit_names(size_t *count)
{
    *count = sizeof names / sizeof *names;
    return names;
}

enum vg_status vg_unit_find(const char *text, size_t length, enum vg_unit *out)
{
    static const char mdc[] = "mdc:";
    if (length > sizeof mdc - 1 && memcmp(text, mdc, sizeof mdc - 1) == 0) {
        text += sizeof mdc - 1;
        length -= sizeof mdc - 1;
    }
    const struct vg_unit_name *row =
        vg_row_find(names, sizeof names / sizeof *names, sizeof *names, text, length);
    if (row == NULL) {
        return VG_ABSENT;
    }
    *out = row->unit;
    return VG_OK;
}

struct conversion {
    enum vg_quantity quantity; /* VG_QUANTITY_PLAIN: holds for every quantity */
    enum vg_unit from, to;
    struct vg_conversion factor;
};

#define NO_OFFSET \
    {             \
        0, 0      \
    }
#define TIMES(top, bottom) \
    {                      \
        NO_OFFSET,         \
        {                  \
            top, bottom    \
        }                  \
    }
#define ROW(what, from, to, f)                              \
    {                                                       \
        VG_QUANTITY_##what, VG_UNIT_##from, VG_UNIT_##to, f \
    }

/* The table leaves out what it must not allow: meq/L is mmol/L for potassium and
 * sodium but not for calcium; "1" is a fraction for a saturation but not for a
 * perfusion index. */
static const struct conversion conversions[] = {
    {VG_QUANTITY_TEMPERATURE, VG_UNIT_DEGF, VG_UNIT_CEL, {{-32, 0}, {5, 9}}},
    ROW(PLAIN, KPA, MMHG, TIMES(750062, 100000)),
    ROW(PLAIN, BEATS_PER_MIN, PER_MIN, TIMES(1, 1)),
    ROW(PLAIN, BREATHS_PER_MIN, PER_MIN, TIMES(1, 1)),
    ROW(FRACTION, FRACTION, PERCENT, TIMES(100, 1)),
    ROW(PLAIN, ML_PER_MIN, L_PER_MIN, TIMES(1, 1000)),
    ROW(CELLS, PER_UL, 10_9_PER_L, TIMES(1, 1000)),
    ROW(CELLS, 10_6_PER_L, 10_9_PER_L, TIMES(1, 1000)),
    ROW(PLAIN, 10_3_PER_UL, 10_9_PER_L, TIMES(1, 1)),
    ROW(CELLS, 10_9_PER_L, PER_UL, TIMES(1000, 1)),
    ROW(CELLS, 10_3_PER_UL, PER_UL, TIMES(1000, 1)),
    ROW(CELLS, 10_6_PER_L, PER_UL, TIMES(1, 1)),
    ROW(PLAIN, G_PER_L, G_PER_DL, TIMES(1, 10)),
    ROW(HAEMOGLOBIN, MMOL_PER_L, G_PER_DL, TIMES(1611, 1000)),
    ROW(CRP, MG_PER_L, MG_PER_DL, TIMES(1, 10)),
    ROW(PLAIN, UG_PER_L, NG_PER_ML, TIMES(1, 1)),
    ROW(PLAIN, UG_PER_ML, NG_PER_ML, TIMES(1000, 1)),
    ROW(PLAIN, NG_PER_L, PG_PER_ML, TIMES(1, 1)),
    ROW(PLASMA_PROTEIN, G_PER_L, MG_PER_DL, TIMES(100, 1)),
    ROW(UREA, MMOL_PER_L, MG_PER_DL, TIMES(2801, 1000)),
    ROW(MAGNESIUM, MMOL_PER_L, MG_PER_DL, TIMES(2431, 1000)),
    ROW(CREATININE, UMOL_PER_L, MG_PER_DL, TIMES(100, 8842)),
    ROW(URATE, UMOL_PER_L, MG_PER_DL, TIMES(100, 5948)),
    ROW(PHOSPHATE, MMOL_PER_L, MG_PER_DL, TIMES(3097, 1000)),
    ROW(CALCIUM, MMOL_PER_L, MG_PER_DL, TIMES(4008, 1000)),
    ROW(BILIRUBIN, UMOL_PER_L, MG_PER_DL, TIMES(100, 1710)),
    ROW(TRIGLYCERIDES, MMOL_PER_L, MG_PER_DL, TIMES(8857, 100)),
    ROW(GLUCOSE, MMOL_PER_L, MG_PER_DL, TIMES(18016, 1000)),
    ROW(LACTATE, MG_PER_DL, MMOL_PER_L, TIMES(1000, 9008)),
    ROW(PLAIN, UKAT_PER_L, U_PER_L, TIMES(60, 1)),
    ROW(MONOVALENT, MEQ_PER_L, MMOL_PER_L, TIMES(1, 1)),
    ROW(PLAIN, G, KG, TIMES(1, 1000)),
    ROW(PLAIN, M, CM, TIMES(100, 1)),
};

enum vg_status vg_unit_conversion(enum vg_quantity quantity, enum vg_unit from,
                                  enum vg_unit to, struct vg_conversion *out)
{
    if (from == to) {
        *out = (struct vg_conversion)TIMES(1, 1);
        return VG_OK;
    }
    for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++) {
        const struct conversion *row = &conversions[i];
        bool holds = row->quantity == VG_QUANTITY_PLAIN || row->quantity == quantity;
        if (row->from == from && row->to == to && holds) {
            *out = row->factor;
            return VG_OK;
        }
    }
    return VG_ABSENT;
}
