/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of codes, for the search in them and the test that checks them.
 */
#ifndef VIGIL_CORE_SIGNAL_CODES_H
#define VIGIL_CORE_SIGNAL_CODES_H

#include "vigil/signal.h"

struct vg_code_row {
    const char *text;
    struct vg_code code;
};

enum vg_code_system {
    VG_CODES_NAME,
    VG_CODES_LOINC,
    VG_CODES_MDC_NAME,
    VG_CODES_MDC_NUMBER,
    VG_CODE_SYSTEMS
};

/* In order of bytes; constant. */
const struct vg_code_row *vg_code_table(enum vg_code_system system, size_t *count);

#endif
