/* SPDX-License-Identifier: Apache-2.0
 *
 * Temporary folders.
 */
#include "lib/temp.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void temp_create(struct temp *temp)
{
    strcpy(temp->folder, "/tmp/vigil-test-XXXXXX");
    assert_non_null(mkdtemp(temp->folder));
}

char *temp_path(const struct temp *temp, const char *name, char *out, size_t capacity)
{
    int length = snprintf(out, capacity, "%s/%s", temp->folder, name);
    assert_true(length > 0 && (size_t)length < capacity);
    return out;
}

static int remove_one(const char *path, const struct stat *about, int kind,
                      struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void temp_remove(struct temp *temp)
{
    assert_int_equal(nftw(temp->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}
