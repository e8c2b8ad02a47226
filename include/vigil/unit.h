/* SPDX-License-Identifier: Apache-2.0
 *
 * Units of measure, by their UCUM codes, and the conversions of the quantity table
 * (Clinical reference, "Units and conversions": kPa x 7.50062, degF (F - 32)/1.8,
 * creatinine umol/L / 88.42 and so on; each row of unit.c names its factor). Nothing is
 * ever guessed: a number without a unit, or with one that does not fit its signal, is
 * refused.
 */
#ifndef VIGIL_UNIT_H
#define VIGIL_UNIT_H

#include "vigil/decimal.h"

enum vg_unit {
    VG_UNIT_NONE = 0, /* a pure number: counts, scores */
    VG_UNIT_CEL,
    VG_UNIT_DEGF,
    VG_UNIT_MMHG,
    VG_UNIT_KPA,
    VG_UNIT_PER_MIN,
    VG_UNIT_BEATS_PER_MIN,
    VG_UNIT_BREATHS_PER_MIN,
    VG_UNIT_PERCENT,
    VG_UNIT_FRACTION, /* "1": only where the sender declares it */
    VG_UNIT_L_PER_MIN,
    VG_UNIT_ML_PER_MIN,
    VG_UNIT_PER_UL,
    VG_UNIT_10_9_PER_L,
    VG_UNIT_10_3_PER_UL,
    VG_UNIT_10_6_PER_L,
    VG_UNIT_G_PER_DL,
    VG_UNIT_G_PER_L,
    VG_UNIT_MG_PER_DL,
    VG_UNIT_MG_PER_L,
    VG_UNIT_NG_PER_ML,
    VG_UNIT_UG_PER_L,
    VG_UNIT_UG_PER_ML,
    VG_UNIT_PG_PER_ML,
    VG_UNIT_NG_PER_L,
    VG_UNIT_MMOL_PER_L,
    VG_UNIT_UMOL_PER_L,
    VG_UNIT_MEQ_PER_L,
    VG_UNIT_U_PER_L,
    VG_UNIT_UKAT_PER_L,
    VG_UNIT_SECOND,
    VG_UNIT_INR,
    VG_UNIT_PH,
    VG_UNIT_SCORE,
    VG_UNIT_KG,
    VG_UNIT_G,
    VG_UNIT_CM,
    VG_UNIT_M,
    VG_UNIT_COUNT
};

/* The UCUM code ("Cel", "mm[Hg]"); "" for VG_UNIT_NONE. Never NULL. */
const char *vg_unit_text(enum vg_unit unit);

/* Finds a UCUM code, or an MDC unit ("MDC_DIM_DEGC", "268192"). VG_ABSENT if there is none. */
enum vg_status vg_unit_find(const char *text, size_t length, enum vg_unit *out);

/* What a conversion needs to know of a signal beside the unit: mg/dL to mmol/L differs
 * between glucose and calcium. */
enum vg_quantity {
    VG_QUANTITY_PLAIN = 0, /* only the conversions that hold for everything */
    VG_QUANTITY_TEMPERATURE,
    VG_QUANTITY_HAEMOGLOBIN,
    VG_QUANTITY_UREA,
    VG_QUANTITY_MAGNESIUM,
    VG_QUANTITY_CREATININE,
    VG_QUANTITY_URATE,
    VG_QUANTITY_PHOSPHATE,
    VG_QUANTITY_CALCIUM,
    VG_QUANTITY_BILIRUBIN,
    VG_QUANTITY_TRIGLYCERIDES,
    VG_QUANTITY_GLUCOSE,
    VG_QUANTITY_LACTATE,
    VG_QUANTITY_FRACTION, /* SpO2, FiO2: may be declared as a fraction, unit "1" */
    VG_QUANTITY_CELLS,    /* leucocytes: 10*9/L and /uL */
    VG_QUANTITY_CRP,
    VG_QUANTITY_PLASMA_PROTEIN, /* fibrinogen, IgG: g/L to mg/dL */
    VG_QUANTITY_MONOVALENT      /* sodium, potassium: meq/L is mmol/L */
};

/* canonical = (value + offset) * scale. VG_ABSENT if `from` cannot become `to` for this
 * quantity. The offset is that of a reading; a difference of temperatures uses scale
 * alone. */
struct vg_conversion {
    struct vg_decimal offset;
    struct vg_ratio scale;
};
enum vg_status vg_unit_conversion(enum vg_quantity quantity, enum vg_unit from,
                                  enum vg_unit to, struct vg_conversion *out);

#endif
