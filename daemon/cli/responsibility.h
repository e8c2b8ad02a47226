/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is asked, who has it, and who wants quiet, in words: for `vigil alerts` and `vigil
 * explain`.
 */
#ifndef VIGIL_CLI_RESPONSIBILITY_H
#define VIGIL_CLI_RESPONSIBILITY_H

#include "vigil/alert.h"

/* "offered: step 1 to charge-nurse, answer by …; acknowledge by nurse:li until …". No end
 * of line. */
void vg_responsibility_print(const struct vg_alert *alert);

#endif
