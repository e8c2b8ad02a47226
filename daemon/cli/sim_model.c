/* SPDX-License-Identifier: Apache-2.0
 *
 * Value = baseline + rhythm + noise. The rhythm is one cosine a day with its peak in the late
 * afternoon; the noise is a first-order autoregressive one (exact for any step), and breathing and pulse
 * have some that forgets at once: no two breaths are alike, and the pulse follows them.
 *
 * Where the numbers come from (read in part, the rest from memory: none is a limit of care):
 * baselines of pulse, breathing, saturation and pressure lie in the bands that score 0 in NEWS2
 * (Royal College of Physicians 2017, chart 1); temperature 36.8 (0.4) Cel by mouth with 0.5
 * between 6 and 16 o'clock: Mackowiak 1992, JAMA 268:1578; pressure 10 % lower at night, pulse a few
 * beats: Degaute 1991, Hypertension 18:199; coefficient and time of memory: chosen so that neighbouring
 * readings differ as on the public recordings of contrib/recordings.
 */
#include "cli/sim_model.h"

#include <math.h>

#define TWO_PI 6.283185307179586
#define PEAK   (17 * VG_HOUR) /* of the rhythm */

static const struct {
    double low, high; /* of baselines, between persons */
    double rhythm;    /* half of what lies between night and afternoon */
    double noise;     /* standard deviation */
    double remembers; /* minutes until the noise is down to 37 % */
    double jitter;    /* standard deviation of what forgets at once */
} rows[VG_SIM_SIGNS] = {
    [VG_SIM_TEMP] = {36.4, 36.8, 0.20, 0.08, 90, 0.02},
    [VG_SIM_HR] = {64, 80, 4.0, 3.0, 8, 1.2},
    [VG_SIM_RR] = {13.5, 16.5, 0.6, 0.9, 4, 0.8},
    [VG_SIM_SPO2] = {97.0, 98.2, 0.0, 0.4, 15, 0.25},
    [VG_SIM_SBP] = {118, 136, 5.0, 3.0, 40, 1.5},
    [VG_SIM_DBP] = {68, 80, 3.0, 2.0, 40, 1.0},
};

void vg_sim_model_init(struct vg_sim_model *model, struct vg_sim_chance chance)
{
    *model = (struct vg_sim_model){.chance = chance};
    for (size_t i = 0; i < VG_SIM_SIGNS; i++) {
        model->baseline[i] = vg_sim_between(&model->chance, rows[i].low, rows[i].high);
        model->noise[i] = rows[i].noise * vg_sim_normal(&model->chance);
    }
}

struct vg_sim_vitals vg_sim_model_step(struct vg_sim_model *model, vg_ms at)
{
    struct vg_sim_vitals out;
    double minutes = (double)(at - model->at) / (double)VG_MINUTE;
    double rhythm = cos(TWO_PI * (double)(at - PEAK) / (double)VG_DAY);
    for (size_t i = 0; i < VG_SIM_SIGNS; i++) {
        double kept = exp(-minutes / rows[i].remembers);
        double fresh = rows[i].noise * sqrt(1 - kept * kept);
        model->noise[i] =
            kept * model->noise[i] + fresh * vg_sim_normal(&model->chance);
        out.noise[i] = model->noise[i] + rows[i].jitter * vg_sim_normal(&model->chance);
        out.of[i] = model->baseline[i] + rows[i].rhythm * rhythm + out.noise[i];
    }
    model->at = at;
    return out;
}
