/* SPDX-License-Identifier: Apache-2.0
 *
 * A past that an older vigil left behind: for migrations.
 */
#ifndef VIGIL_TESTS_PAST_OLD_H
#define VIGIL_TESTS_PAST_OLD_H

#include "lib/past.h"

/* Closes the writer, and makes of the file one as version `version` had it. What is sealed is
 * not in it. */
void past_become_old(struct past *past, size_t version);

#endif
