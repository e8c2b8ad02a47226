/* SPDX-License-Identifier: Apache-2.0
 *
 * Temporary folders; flat, which is all that tests need.
 */
#include "lib/temp.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

void temp_remove(struct temp *temp)
{
    DIR *folder = opendir(temp->folder);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL;
         entry = readdir(folder)) {
        char path[400];
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            unlink(temp_path(temp, entry->d_name, path, sizeof(path)));
        }
    }
    closedir(folder);
    rmdir(temp->folder);
}
