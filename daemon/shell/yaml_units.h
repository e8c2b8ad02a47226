/* SPDX-License-Identifier: Apache-2.0
 *
 * Units with brackets inside {…}. YAML reads the "[" of `{sbp: 89 mm[Hg]}` as the start of
 * a list and stops. Since a digit, a space and "mm[Hg]" can never be structure in a valid
 * file, the brackets of such units are replaced by private characters before the parser
 * sees them, and put back in every value: columns stay what they are.
 */
#ifndef VIGIL_SHELL_YAML_UNITS_H
#define VIGIL_SHELL_YAML_UNITS_H

#include "vigil/base.h"

/* A copy with the brackets replaced; the caller frees it. NULL: no memory. *length becomes
 * the copy's. */
char *vg_yaml_shield(const char *bytes, size_t *length);

/* Puts the brackets back, in place; the text only becomes shorter. Returns its length. */
size_t vg_yaml_unshield(char *text, size_t length);

#endif
