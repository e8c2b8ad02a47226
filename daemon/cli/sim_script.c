/* SPDX-License-Identifier: Apache-2.0
 *
 * Times and targets are stories, told so that the grade they name is reached with room to spare,
 * and are no statistics. Grades of CRS and ICANS: Lee 2019 (ASTCT); reaction: Sampson 2006; sepsis: NEWS2 (Royal
 * College of Physicians 2017). Onset of CRS in the first days after the infusion as after CAR-T cells with
 * early onset; after NK cells it has been rare and mild (Liu 2020, Marin 2024).
 */
#include "cli/sim_script.h"

#include <string.h>

#define AIR     "{\"code\":\"o2_device\",\"value\":\"room_air\"}"
#define CANNULA "{\"code\":\"o2_device\",\"value\":\"nasal_cannula\",\"flow\":3}"
#define MASK    "{\"code\":\"o2_device\",\"value\":\"non_rebreather\",\"flow\":10}"
#define HFNC    "{\"code\":\"o2_device\",\"value\":\"hfnc\",\"flow\":50,\"fio2\":45}"

struct frame {
    int minute;                     /* since the start of the infusion */
    double temp, hr, rr, spo2, sbp; /* 0: as if well */
    struct vg_sim_state state;
};

static const struct frame well[] = {{0, 0, 0, 0, 0, 0, {'A', AIR, 10, 0, 0}}};

static const struct frame fever[] = {
    {540, 0, 0, 0, 0, 0, {'A', AIR, 10, 0, 0}},
    {600, 37.4, 88, 0, 0, 0, {'A', AIR, 10, 60, 0.3}},
    {660, 38.7, 96, 18, 0, 0, {'A', AIR, 10, 60, 0.6}},
    {900, 38.9, 98, 18, 0, 0, {'A', AIR, 10, 60, 1}},
    {1080, 37.3, 84, 0, 0, 0, {'A', AIR, 10, 120, 0.6}},
    {1440, 0, 0, 0, 0, 0, {'A', AIR, 10, 120, 0.2}},
    {2520, 0, 0, 0, 0, 0, {'A', AIR, 10, 120, 0}},
};

static const struct frame crs[] = {
    {1140, 0, 0, 0, 0, 0, {'A', AIR, 10, 60, 0}},
    {1200, 38.5, 94, 18, 0, 0, {'A', AIR, 10, 15, 0.2}},
    {1500, 39.1, 104, 20, 95, 108, {'A', AIR, 10, 15, 0.4}},
    {1560, 39.3, 116, 22, 93, 83, {'A', CANNULA, 10, 15, 0.6}},
    {1680, 39.2, 116, 22, 93, 83, {'A', CANNULA, 10, 15, 0.7}},
    {1800, 38.6, 104, 20, 95, 98, {'A', CANNULA, 10, 15, 0.8}},
    {1920, 39.5, 124, 26, 90, 80, {'A', HFNC, 9, 15, 1}},
    {2040, 39.4, 122, 26, 92, 84, {'A', HFNC, 9, 15, 1}},
    {2400, 38.2, 100, 20, 95, 104, {'A', CANNULA, 10, 15, 0.7}},
    {2700, 37.4, 88, 0, 0, 0, {'A', AIR, 10, 15, 0.5}},
    {3000, 0, 0, 0, 0, 0, {'A', AIR, 10, 60, 0.3}},
    {4320, 0, 0, 0, 0, 0, {'A', AIR, 10, 60, 0.1}},
};

static const struct frame neuro[] = {
    {1740, 0, 0, 0, 0, 0, {'A', AIR, 10, 60, 0}},
    {1800, 37.4, 0, 0, 0, 0, {'A', AIR, 9, 60, 0.2}},
    {1920, 37.4, 88, 0, 0, 0, {'A', AIR, 7, 60, 0.3}},
    {2160, 37.5, 92, 0, 0, 0, {'C', AIR, 5, 15, 0.4}},
    {2400, 37.5, 96, 0, 0, 0, {'V', AIR, 1, 15, 0.5}},
    {3000, 0, 0, 0, 0, 0, {'C', AIR, 4, 15, 0.4}},
    {3240, 0, 0, 0, 0, 0, {'A', AIR, 7, 15, 0.3}},
    {3600, 0, 0, 0, 0, 0, {'A', AIR, 9, 60, 0.1}},
    {3960, 0, 0, 0, 0, 0, {'A', AIR, 10, 60, 0}},
};

static const struct frame reaction[] = {
    {0, 0, 0, 0, 0, 0, {'A', AIR, 10, 5, 0}},
    {5, 0, 0, 0, 0, 0, {'A', AIR, 10, 5, 0}},
    {9, 0, 122, 27, 90, 76, {'A', AIR, 10, 5, 0.2}},
    {12, 0, 122, 27, 93, 76, {'A', MASK, 10, 5, 0.3}},
    {30, 0, 110, 22, 97, 98, {'A', MASK, 10, 5, 0.3}},
    {60, 0, 92, 18, 97, 112, {'A', AIR, 10, 5, 0.2}},
    {90, 0, 0, 0, 0, 0, {'A', AIR, 10, 5, 0}},
    {240, 0, 0, 0, 0, 0, {'A', AIR, 10, 15, 0}},
    {360, 0, 0, 0, 0, 0, {'A', AIR, 10, 0, 0}},
};

static const struct frame sepsis[] = {
    {840, 0, 0, 0, 0, 0, {'A', AIR, 10, 15, 0}},
    {900, 38.6, 104, 20, 95, 112, {'A', AIR, 10, 15, 0.6}},
    {960, 39.4, 126, 27, 91, 84, {'C', CANNULA, 10, 15, 1}},
    {1140, 39.2, 122, 26, 93, 86, {'C', CANNULA, 10, 15, 1}},
    {1320, 38.4, 104, 20, 95, 104, {'A', CANNULA, 10, 15, 0.8}},
    {1620, 37.3, 88, 0, 0, 0, {'A', AIR, 10, 15, 0.5}},
    {1920, 0, 0, 0, 0, 0, {'A', AIR, 10, 60, 0.3}},
    {3600, 0, 0, 0, 0, 0, {'A', AIR, 10, 120, 0.1}},
};

#define GIVEN(drug) "{\"code\":\"medication\",\"value\":\"" drug "\"}"
#define NOTED(sign) "{\"code\":\"symptom\",\"value\":\"" sign "\"}"
#define NEURO(sign) "{\"code\":\"neuro\",\"value\":\"" sign "\"}"
#define END         "{\"code\":\"infusion\",\"value\":\"end\"}"
#define PRESSOR(on) \
    "{\"code\":\"vasopressor\",\"value\":\"norepinephrine\",\"on\":" on "}"
#define AT(minute) ((minute)*VG_MINUTE)

static const struct vg_sim_happening well_happens[] = {{AT(30), "therapy", END}};
static const struct vg_sim_happening fever_happens[] = {
    {AT(30), "therapy", END},
    {AT(840), "therapy", GIVEN("paracetamol")},
};
static const struct vg_sim_happening crs_happens[] = {
    {AT(30), "therapy", END},
    {AT(1260), "therapy", GIVEN("paracetamol")},
    {AT(1700), "therapy", GIVEN("tocilizumab")},
    {AT(1925), "therapy", PRESSOR("true")},
    {AT(1980), "therapy", GIVEN("tocilizumab") "," GIVEN("corticosteroid")},
    {AT(2390), "therapy", PRESSOR("false")},
};
static const struct vg_sim_happening neuro_happens[] = {
    {AT(30), "therapy", END},
    {AT(1795), "assessment", NEURO("handwriting") "," NOTED("headache")},
    {AT(1925), "assessment", NEURO("tremor") "," NOTED("word_finding")},
    {AT(2200), "therapy", GIVEN("corticosteroid")},
    {AT(2402), "assessment", "{\"code\":\"arousal\",\"value\":\"voice\"}"},
    {AT(3002), "assessment", "{\"code\":\"arousal\",\"value\":\"spontaneous\"}"},
};
static const struct vg_sim_happening reaction_happens[] = {
    {AT(8), "assessment", NOTED("urticaria") "," NOTED("flushing")},
    {AT(9), "assessment", NOTED("dyspnoea")},
    {AT(10), "therapy", END},
    {AT(12), "therapy", GIVEN("adrenaline")},
    {AT(15), "therapy", GIVEN("corticosteroid") "," GIVEN("antihistamine")},
};
static const struct vg_sim_happening sepsis_happens[] = {
    {AT(30), "therapy", END},
    {AT(880), "assessment", NOTED("rigors")},
    {AT(970), "labs",
     "{\"code\":\"lactate\",\"value\":4.6,\"unit\":\"mmol/L\"},"
     "{\"code\":\"anc\",\"value\":80,\"unit\":\"/uL\"},"
     "{\"code\":\"crp\",\"value\":24,\"unit\":\"mg/dL\"}"},
    {AT(990), "therapy", GIVEN("antibiotic")},
    {AT(1300), "labs", "{\"code\":\"lactate\",\"value\":1.8,\"unit\":\"mmol/L\"}"},
};

/* Of a patient a few days after lymphodepletion (fludarabine, cyclophosphamide): the blood count is low. */
#define COUNT(wbc, anc, plt)                                      \
    {"wbc", "10*9/L", 1.9, wbc, 1}, {"anc", "/uL", 1100, anc, 0}, \
        {"alc", "10*9/L", 0.2, 1, 2}, {"hb", "g/dL", 10.6, 1, 1}, \
    {                                                             \
        "plt", "10*9/L", 96, plt, 0                               \
    }
#define CHEMISTRY(ldh, ast)                                               \
    {"creat", "mg/dL", 0.9, 1.1, 2}, {"k", "mmol/L", 4.1, 1, 1},          \
        {"na", "mmol/L", 139, 1, 0}, {"ca", "mg/dL", 9.0, 1, 1},          \
        {"mg", "mg/dL", 2.0, 1, 1}, {"phos", "mg/dL", 3.4, 1, 1},         \
        {"urate", "mg/dL", 4.6, 1, 1}, {"glucose", "mg/dL", 104, 1.1, 0}, \
        {"albumin", "g/dL", 3.7, 0.9, 1}, {"bili", "mg/dL", 0.6, 1.2, 1}, \
        {"ast", "U/L", 24, ast, 0}, {"alt", "U/L", 26, ast, 0},           \
        {"ldh", "U/L", 190, ldh, 0},                                      \
    {                                                                     \
        "inr", "{INR}", 1.0, 1.1, 1                                       \
    }
#define ACUTE(crp, ferritin, fibrinogen)                                    \
    {"crp", "mg/dL", 0.6, crp, 1}, {"ferritin", "ng/mL", 230, ferritin, 0}, \
    {                                                                       \
        "fibrinogen", "mg/dL", 330, fibrinogen, 0                           \
    }

static const struct vg_sim_lab usual_labs[] = {COUNT(1, 1, 1), CHEMISTRY(1, 1),
                                               ACUTE(1, 1, 1)};
static const struct vg_sim_lab fever_labs[] = {COUNT(1, 1, 1), CHEMISTRY(1, 1),
                                               ACUTE(8, 1.4, 1.2)};
static const struct vg_sim_lab crs_labs[] = {COUNT(1, 0.9, 0.8), CHEMISTRY(1.7, 1.8),
                                             ACUTE(20, 9, 0.7)};
static const struct vg_sim_lab sepsis_labs[] = {COUNT(0.3, 0.07, 0.6),
                                                CHEMISTRY(1.2, 1.3), ACUTE(40, 2, 1.3)};

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
static const struct {
    const char *name;
    const struct frame *frame;
    size_t frames;
    const struct vg_sim_happening *happening;
    size_t happenings;
    const struct vg_sim_lab *lab;
    size_t labs;
} scripts[VG_SIM_ILLNESSES] = {
#define SCRIPT(name, labs)                                                           \
    {                                                                                \
#name, name, COUNT_OF(name), name##_happens, COUNT_OF(name##_happens), labs, \
            COUNT_OF(labs)                                                           \
    }
    [VG_SIM_WELL] = SCRIPT(well, usual_labs),
    [VG_SIM_FEVER] = SCRIPT(fever, fever_labs),
    [VG_SIM_CRS] = SCRIPT(crs, crs_labs),
    [VG_SIM_NEURO] = SCRIPT(neuro, usual_labs),
    [VG_SIM_REACTION] = SCRIPT(reaction, usual_labs),
    [VG_SIM_SEPSIS] = SCRIPT(sepsis, sepsis_labs),
};

const char *vg_sim_illness_name(enum vg_sim_illness illness)
{
    return scripts[illness].name;
}

enum vg_status vg_sim_illness_find(const char *name, size_t length,
                                   enum vg_sim_illness *out)
{
    for (size_t i = 0; i < VG_SIM_ILLNESSES; i++) {
        if (strlen(scripts[i].name) == length &&
            memcmp(scripts[i].name, name, length) == 0) {
            *out = (enum vg_sim_illness)i;
            return VG_OK;
        }
    }
    return VG_ABSENT;
}

static void move(struct vg_sim_vitals *vitals, enum vg_sim_sign sign, double from,
                 double to, double share)
{
    double healthy = vitals->of[sign] - vitals->noise[sign];
    double begin = from > 0 ? from : healthy;
    double end = to > 0 ? to : healthy;
    vitals->of[sign] = begin + (end - begin) * share + vitals->noise[sign];
}

static void blend(struct vg_sim_vitals *vitals, const struct frame *a,
                  const struct frame *b, double share)
{
    double sbp = vitals->of[VG_SIM_SBP];
    move(vitals, VG_SIM_TEMP, a->temp, b->temp, share);
    move(vitals, VG_SIM_HR, a->hr, b->hr, share);
    move(vitals, VG_SIM_RR, a->rr, b->rr, share);
    move(vitals, VG_SIM_SPO2, a->spo2, b->spo2, share);
    move(vitals, VG_SIM_SBP, a->sbp, b->sbp, share);
    /* keeps its place under the systolic */
    vitals->of[VG_SIM_DBP] *= vitals->of[VG_SIM_SBP] / sbp;
}

struct vg_sim_state vg_sim_script_at(enum vg_sim_illness illness, vg_ms since,
                                     struct vg_sim_vitals *vitals)
{
    const struct frame *frame = scripts[illness].frame;
    size_t count = scripts[illness].frames;
    size_t i = 0;
    if (since < frame[0].minute * VG_MINUTE) {
        return well[0].state;
    }
    while (i + 1 < count && since >= frame[i + 1].minute * VG_MINUTE) {
        i++;
    }
    const struct frame *next = &frame[i + 1 < count ? i + 1 : i];
    vg_ms span = (next->minute - frame[i].minute) * VG_MINUTE;
    vg_ms into = since - frame[i].minute * VG_MINUTE;
    blend(vitals, &frame[i], next, span > 0 ? (double)into / (double)span : 0);
    return frame[i].state;
}

const struct vg_sim_happening *vg_sim_script_happenings(enum vg_sim_illness illness,
                                                        size_t *count)
{
    *count = scripts[illness].happenings;
    return scripts[illness].happening;
}

const struct vg_sim_lab *vg_sim_script_labs(enum vg_sim_illness illness, size_t *count)
{
    *count = scripts[illness].labs;
    return scripts[illness].lab;
}
