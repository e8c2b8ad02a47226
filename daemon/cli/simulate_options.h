/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `vigil simulate`.
 */
#ifndef VIGIL_CLI_SIMULATE_OPTIONS_H
#define VIGIL_CLI_SIMULATE_OPTIONS_H

#include "vigil/base.h"

#define VG_SIM_BEDS     2000
#define VG_SIM_GATEWAYS 64

struct vg_sim_options {
    const char *url, *root, *ward;
    const char *username, *password_file, *ca, *cert, *key; /* NULL: none */
    const char *recordings;                                 /* NULL: look for them */
    size_t beds, gateways;
    uint64_t seed;
    double speed;
    vg_ms span; /* 0: until stopped */
    bool once, admit, help;
};

/* Texts point into argv. VG_OK, or VG_REFUSED with a sentence. */
enum vg_status vg_sim_options_read(int argc, char **argv, struct vg_sim_options *out,
                                   struct vg_error *error);

extern const char vg_sim_usage[];

#endif
