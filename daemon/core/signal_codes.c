/* SPDX-License-Identifier: Apache-2.0
 *
 * The codes under which signals arrive: our short names, LOINC, and the reference
 * ids and context-free numbers of ISO/IEEE 11073-10101 (MDC). Clinical reference
 * 10.4 and 10.5.
 *
 * Left out on purpose: skin temperature (MDC_TEMP_SKIN, 150388), which is never body
 * temperature; LOINC 3150-6, which circulates for FiO2 and is malformed; the blood
 * pressure panels (85354-9, 150020), which are no number; MDC_FLOW_O2_FG, an
 * anaesthesia gas flow.
 *
 * Each table is in order of bytes.
 */
#include "signal_codes.h"

#include <assert.h>
#include <string.h>

#include "row.h"

/* What a code says: only the signal; also the site; also by what it was measured; a pulse, no ECG. */
#define ONLY(signal)                                                    \
    {                                                                   \
        VG_##signal, VG_METHOD_NONE, VG_SOURCE_CONTINUOUS, false, false \
    }
#define SITE(signal, method)                                                \
    {                                                                       \
        VG_##signal, VG_METHOD_##method, VG_SOURCE_CONTINUOUS, false, false \
    }
#define BY(signal, source)                                           \
    {                                                                \
        VG_##signal, VG_METHOD_NONE, VG_SOURCE_##source, true, false \
    }
#define PULSE                                                    \
    {                                                            \
        VG_HR, VG_METHOD_NONE, VG_SOURCE_CONTINUOUS, false, true \
    }

static const struct vg_code_row names[] = {
    {"albumin", ONLY(ALBUMIN)},
    {"alc", ONLY(ALC)},
    {"alp", ONLY(ALP)},
    {"alt", ONLY(ALT)},
    {"anc", ONLY(ANC)},
    {"aptt", ONLY(APTT)},
    {"arousal", ONLY(AROUSAL)},
    {"ast", ONLY(AST)},
    {"bands", ONLY(BANDS)},
    {"bili", ONLY(BILI)},
    {"bili_direct", ONLY(BILI_DIRECT)},
    {"ca", ONLY(CA)},
    {"ca_ion", ONLY(CA_ION)},
    {"consciousness", ONLY(CONSCIOUSNESS)},
    {"creat", ONLY(CREAT)},
    {"crp", ONLY(CRP)},
    {"dbp", ONLY(DBP)},
    {"ddimer", ONLY(DDIMER)},
    {"ferritin", ONLY(FERRITIN)},
    {"fibrinogen", ONLY(FIBRINOGEN)},
    {"fio2", ONLY(FIO2)},
    {"flag", ONLY(FLAG)},
    {"gcs", ONLY(GCS)},
    {"glucose", ONLY(GLUCOSE)},
    {"hb", ONLY(HB)},
    {"height", ONLY(HEIGHT)},
    {"hr", ONLY(HR)},
    {"ice", ONLY(ICE)},
    {"igg", ONLY(IGG)},
    {"il6", ONLY(IL6)},
    {"infusion", ONLY(INFUSION)},
    {"inr", ONLY(INR)},
    {"k", ONLY(K)},
    {"lactate", ONLY(LACTATE)},
    {"ldh", ONLY(LDH)},
    {"lymphodepletion", ONLY(LYMPHODEPLETION)},
    {"map", ONLY(MAP)},
    {"medication", ONLY(MEDICATION)},
    {"mg", ONLY(MG)},
    {"na", ONLY(NA)},
    {"neuro", ONLY(NEURO)},
    {"o2_device", ONLY(O2_DEVICE)},
    {"o2_flow", ONLY(O2_FLOW)},
    {"paco2", ONLY(PACO2)},
    {"pao2", ONLY(PAO2)},
    {"pct", ONLY(PCT)},
    {"ph", ONLY(PH)},
    {"phos", ONLY(PHOS)},
    {"pi", ONLY(PI)},
    {"plt", ONLY(PLT)},
    {"pt", ONLY(PT)},
    {"rr", ONLY(RR)},
    {"sbp", ONLY(SBP)},
    {"seizure", ONLY(SEIZURE)},
    {"spo2", ONLY(SPO2)},
    {"symptom", ONLY(SYMPTOM)},
    {"temp", ONLY(TEMP)},
    {"tg", ONLY(TG)},
    {"tryptase", ONLY(TRYPTASE)},
    {"urate", ONLY(URATE)},
    {"urea", ONLY(UREA)},
    {"vasopressor", ONLY(VASOPRESSOR)},
    {"wbc", ONLY(WBC)},
    {"weight", ONLY(WEIGHT)},
};

static const struct vg_code_row loinc[] = {
    {"14631-6", ONLY(BILI)},        {"14682-9", ONLY(CREAT)},
    {"14749-6", ONLY(GLUCOSE)},     {"14804-9", ONLY(LDH)},
    {"14879-1", ONLY(PHOS)},        {"14927-8", ONLY(TG)},
    {"14933-6", ONLY(URATE)},       {"14979-9", ONLY(APTT)},
    {"1742-6", ONLY(ALT)},          {"1751-7", ONLY(ALBUMIN)},
    {"17861-6", ONLY(CA)},          {"19123-9", ONLY(MG)},
    {"1920-8", ONLY(AST)},          {"1968-7", ONLY(BILI_DIRECT)},
    {"1975-2", ONLY(BILI)},         {"1988-5", ONLY(CRP)},
    {"1995-0", ONLY(CA_ION)},       {"2000-8", ONLY(CA)},
    {"2019-8", ONLY(PACO2)},        {"21582-2", ONLY(TRYPTASE)},
    {"2160-0", ONLY(CREAT)},        {"2276-4", ONLY(FERRITIN)},
    {"2345-7", ONLY(GLUCOSE)},      {"2465-3", ONLY(IGG)},
    {"2524-7", ONLY(LACTATE)},      {"2532-0", ONLY(LDH)},
    {"2571-8", ONLY(TG)},           {"2601-3", ONLY(MG)},
    {"26499-4", ONLY(ANC)},         {"26515-7", ONLY(PLT)},
    {"26881-3", ONLY(IL6)},         {"2703-7", ONLY(PAO2)},
    {"2708-6", ONLY(SPO2)},         {"2744-1", ONLY(PH)},
    {"2777-1", ONLY(PHOS)},         {"2823-3", ONLY(K)},
    {"29463-7", ONLY(WEIGHT)},      {"2951-2", ONLY(NA)},
    {"30522-7", ONLY(CRP)},         {"3084-1", ONLY(URATE)},
    {"3094-0", ONLY(UREA)},         {"3150-0", ONLY(FIO2)},
    {"3151-8", ONLY(O2_FLOW)},      {"3255-7", ONLY(FIBRINOGEN)},
    {"32693-4", ONLY(LACTATE)},     {"33959-8", ONLY(PCT)},
    {"48065-7", ONLY(DDIMER)},      {"5902-2", ONLY(PT)},
    {"59260-0", ONLY(HB)},          {"59408-5", ONLY(SPO2)},
    {"6301-6", ONLY(INR)},          {"6690-2", ONLY(WBC)},
    {"6768-6", ONLY(ALP)},          {"718-7", ONLY(HB)},
    {"731-0", ONLY(ALC)},           {"751-8", ONLY(ANC)},
    {"75539-7", ONLY(TEMP)},        {"764-1", ONLY(BANDS)},
    {"777-3", ONLY(PLT)},           {"8302-2", ONLY(HEIGHT)},
    {"8310-5", ONLY(TEMP)},         {"8328-7", SITE(TEMP, AXILLARY)},
    {"8329-5", SITE(TEMP, CORE)},   {"8331-1", SITE(TEMP, ORAL)},
    {"8332-9", SITE(TEMP, RECTAL)}, {"8333-7", SITE(TEMP, TYMPANIC)},
    {"8462-4", ONLY(DBP)},          {"8478-0", ONLY(MAP)},
    {"8480-6", ONLY(SBP)},          {"8867-4", ONLY(HR)},
    {"9269-2", ONLY(GCS)},          {"9279-1", ONLY(RR)},
};

/* Without "MDC_". */
static const struct vg_code_row mdc_names[] = {
    {"AWAY_RESP_RATE", ONLY(RR)},
    {"BLD_PERF_INDEX", ONLY(PI)},
    {"CO2_RESP_RATE", ONLY(RR)},
    {"CONC_AWAY_O2_INSP", ONLY(FIO2)},
    {"CONC_GASDLV_O2_INSP", ONLY(FIO2)},
    {"ECG_HEART_RATE", ONLY(HR)},
    {"PRESS_BLD_ART_ABP_DIA", BY(DBP, ARTERIAL)},
    {"PRESS_BLD_ART_ABP_MEAN", BY(MAP, ARTERIAL)},
    {"PRESS_BLD_ART_ABP_SYS", BY(SBP, ARTERIAL)},
    {"PRESS_BLD_ART_DIA", BY(DBP, ARTERIAL)},
    {"PRESS_BLD_ART_MEAN", BY(MAP, ARTERIAL)},
    {"PRESS_BLD_ART_SYS", BY(SBP, ARTERIAL)},
    {"PRESS_BLD_DIA", ONLY(DBP)},
    {"PRESS_BLD_MEAN", ONLY(MAP)},
    {"PRESS_BLD_NONINV_DIA", BY(DBP, CUFF)},
    {"PRESS_BLD_NONINV_MEAN", BY(MAP, CUFF)},
    {"PRESS_BLD_NONINV_SYS", BY(SBP, CUFF)},
    {"PRESS_BLD_SYS", ONLY(SBP)},
    {"PRESS_CUFF_DIA", BY(DBP, CUFF)},
    {"PRESS_CUFF_MEAN", BY(MAP, CUFF)},
    {"PRESS_CUFF_SYS", BY(SBP, CUFF)},
    {"PULS_OXIM_PERF_REL", ONLY(PI)},
    {"PULS_OXIM_PULS_RATE", PULSE},
    {"PULS_OXIM_SAT_O2", ONLY(SPO2)},
    {"PULS_RATE", PULSE},
    {"PULS_RATE_NON_INV", BY(HR, CUFF)},
    {"RESP_RATE", ONLY(RR)},
    {"SAT_O2_ART", ONLY(SPO2)},
    {"SCORE_GLAS_COMA", ONLY(GCS)},
    {"TEMP", ONLY(TEMP)},
    {"TEMP_AXIL", SITE(TEMP, AXILLARY)},
    {"TEMP_AXILLA", SITE(TEMP, AXILLARY)},
    {"TEMP_BODY", ONLY(TEMP)},
    {"TEMP_CORE", SITE(TEMP, CORE)},
    {"TEMP_EAR", SITE(TEMP, TYMPANIC)},
    {"TEMP_ORAL", SITE(TEMP, ORAL)},
    {"TEMP_RECT", SITE(TEMP, RECTAL)},
    {"TEMP_TYMP", SITE(TEMP, TYMPANIC)},
    {"TTHOR_RESP_RATE", ONLY(RR)},
};

static const struct vg_code_row mdc_numbers[] = {
    {"147842", ONLY(HR)},
    {"149514", PULSE},
    {"149530", PULSE},
    {"149546", BY(HR, CUFF)},
    {"150017", ONLY(SBP)},
    {"150018", ONLY(DBP)},
    {"150019", ONLY(MAP)},
    {"150021", BY(SBP, CUFF)},
    {"150022", BY(DBP, CUFF)},
    {"150023", BY(MAP, CUFF)},
    {"150033", BY(SBP, ARTERIAL)},
    {"150034", BY(DBP, ARTERIAL)},
    {"150035", BY(MAP, ARTERIAL)},
    {"150037", BY(SBP, ARTERIAL)},
    {"150038", BY(DBP, ARTERIAL)},
    {"150039", BY(MAP, ARTERIAL)},
    {"150301", BY(SBP, CUFF)},
    {"150302", BY(DBP, CUFF)},
    {"150303", BY(MAP, CUFF)},
    {"150324", ONLY(SPO2)},
    {"150344", ONLY(TEMP)},
    {"150364", ONLY(TEMP)},
    {"150368", SITE(TEMP, CORE)},
    {"150392", SITE(TEMP, TYMPANIC)},
    {"150448", ONLY(PI)},
    {"150456", ONLY(SPO2)},
    {"150488", ONLY(PI)},
    {"151562", ONLY(RR)},
    {"151570", ONLY(RR)},
    {"151578", ONLY(RR)},
    {"151594", ONLY(RR)},
    {"151650", ONLY(RR)},
    {"151658", ONLY(RR)},
    {"152196", ONLY(FIO2)},
    {"153144", ONLY(FIO2)},
    {"153728", ONLY(GCS)},
    {"188420", SITE(TEMP, RECTAL)},
    {"188424", SITE(TEMP, ORAL)},
    {"188428", SITE(TEMP, TYMPANIC)},
    {"188452", SITE(TEMP, AXILLARY)},
    {"188496", SITE(TEMP, AXILLARY)},
};

/* The code under which a signal is shown to others: the first of its row. */
static const char *const first_loinc[VG_SIGNAL_COUNT] = {
    [VG_TEMP] = "8310-5",    [VG_HR] = "8867-4",          [VG_RR] = "9279-1",
    [VG_SPO2] = "59408-5",   [VG_SBP] = "8480-6",         [VG_DBP] = "8462-4",
    [VG_MAP] = "8478-0",     [VG_O2_FLOW] = "3151-8",     [VG_FIO2] = "3150-0",
    [VG_GCS] = "9269-2",     [VG_WEIGHT] = "29463-7",     [VG_HEIGHT] = "8302-2",
    [VG_WBC] = "6690-2",     [VG_ANC] = "751-8",          [VG_ALC] = "731-0",
    [VG_BANDS] = "764-1",    [VG_HB] = "718-7",           [VG_PLT] = "777-3",
    [VG_CRP] = "1988-5",     [VG_FERRITIN] = "2276-4",    [VG_FIBRINOGEN] = "3255-7",
    [VG_AST] = "1920-8",     [VG_ALT] = "1742-6",         [VG_ALP] = "6768-6",
    [VG_BILI] = "1975-2",    [VG_BILI_DIRECT] = "1968-7", [VG_LDH] = "2532-0",
    [VG_CREAT] = "2160-0",   [VG_UREA] = "3094-0",        [VG_URATE] = "3084-1",
    [VG_K] = "2823-3",       [VG_NA] = "2951-2",          [VG_PHOS] = "2777-1",
    [VG_MG] = "19123-9",     [VG_CA] = "17861-6",         [VG_CA_ION] = "1995-0",
    [VG_ALBUMIN] = "1751-7", [VG_TG] = "2571-8",          [VG_GLUCOSE] = "2345-7",
    [VG_DDIMER] = "48065-7", [VG_PT] = "5902-2",          [VG_INR] = "6301-6",
    [VG_APTT] = "14979-9",   [VG_LACTATE] = "32693-4",    [VG_PCT] = "33959-8",
    [VG_IL6] = "26881-3",    [VG_TRYPTASE] = "21582-2",   [VG_IGG] = "2465-3",
    [VG_PAO2] = "2703-7",    [VG_PACO2] = "2019-8",       [VG_PH] = "2744-1",
};

const struct vg_code_row *vg_code_table(enum vg_code_system system, size_t *count)
{
    static const struct {
        const struct vg_code_row *rows;
        size_t count;
    } tables[VG_CODE_SYSTEMS] = {
        [VG_CODES_NAME] = {names, sizeof names / sizeof *names},
        [VG_CODES_LOINC] = {loinc, sizeof loinc / sizeof *loinc},
        [VG_CODES_MDC_NAME] = {mdc_names, sizeof mdc_names / sizeof *mdc_names},
        [VG_CODES_MDC_NUMBER] = {mdc_numbers, sizeof mdc_numbers / sizeof *mdc_numbers},
    };
    assert(system < VG_CODE_SYSTEMS);
    *count = tables[system].count;
    return tables[system].rows;
}

/* Moves past `prefix` if the code begins with it. */
static bool skip(const char **text, size_t *length, const char *prefix)
{
    size_t size = strlen(prefix);
    if (*length <= size || memcmp(*text, prefix, size) != 0) {
        return false;
    }
    *text += size;
    *length -= size;
    return true;
}

/* A code may name its system; a digit in front says that it is a number of one of
 * the two numbered systems, and only LOINC has a hyphen. */
static enum vg_code_system system_of(const char **text, size_t *length)
{
    if (skip(text, length, "loinc:")) {
        return VG_CODES_LOINC;
    }
    bool mdc = skip(text, length, "mdc:");
    if (skip(text, length, "MDC_")) {
        return VG_CODES_MDC_NAME;
    }
    bool digit = *length > 0 && **text >= '0' && **text <= '9';
    if (mdc || (digit && memchr(*text, '-', *length) == NULL)) {
        return VG_CODES_MDC_NUMBER;
    }
    return digit ? VG_CODES_LOINC : VG_CODES_NAME;
}

enum vg_status vg_signal_find(const char *text, size_t length, struct vg_code *out)
{
    size_t count;
    enum vg_code_system system = system_of(&text, &length);
    const struct vg_code_row *table = vg_code_table(system, &count);
    const struct vg_code_row *row =
        vg_row_find(table, count, sizeof *table, text, length);
    if (row == NULL) {
        return VG_ABSENT;
    }
    *out = row->code;
    return VG_OK;
}

const char *vg_signal_loinc(enum vg_signal signal)
{
    assert(signal < VG_SIGNAL_COUNT);
    return first_loinc[signal];
}

/* Adds the decimal digits of a number. */
static unsigned digit_sum(uint64_t number)
{
    unsigned sum = 0;
    for (; number > 0; number /= 10) {
        sum += (unsigned)(number % 10);
    }
    return sum;
}

/* Clinical reference 10.6: digits at odd places from the right, read as one number, are
 * doubled; those at even places are put in front; the sum of all digits and the check
 * digit is a multiple of ten. */
bool vg_loinc_valid(const char *text, size_t length)
{
    if (length < 3 || length > 12 || text[length - 2] != '-') {
        return false;
    }
    uint64_t odd = 0;
    unsigned even = 0;
    for (size_t i = 0; i < length; i++) {
        if (i != length - 2 && (text[i] < '0' || text[i] > '9')) {
            return false;
        }
    }
    for (size_t i = 0; i < length - 2; i++) {
        unsigned digit = (unsigned)(text[i] - '0');
        if ((length - 2 - i) % 2 == 1) {
            odd = odd * 10 + digit;
        } else {
            even += digit;
        }
    }
    unsigned check = (unsigned)(text[length - 1] - '0');
    return (digit_sum(odd * 2) + even + check) % 10 == 0;
}
