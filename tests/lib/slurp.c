/* SPDX-License-Identifier: Apache-2.0
 *
 * See slurp.h.
 */
#include "lib/slurp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

char *slurp(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = calloc(1, 100000);

    if (in == NULL) {
        fail_msg("cannot open %s; run from the top of the tree", path);
    }
    assert_non_null(text);
    assert_true(fread(text, 1, 99999, in) > 0);
    assert_int_equal(fclose(in), 0);
    return text;
}
