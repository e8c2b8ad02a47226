/* SPDX-License-Identifier: Apache-2.0
 *
 * For test_sealing.py: writes a store and seals it, over and over, until it is killed. Says
 * before and after each commit how many messages and readings there are with it. With
 * "finish" it only seals what is left, and ends.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/past.h"

int main(int argc, char **argv)
{
    static struct past past;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: sealing STORE SEED [finish]\n");
        return 2;
    }
    struct random_source source = {strtoull(argv[2], NULL, 10)};
    (void)snprintf(past.path, sizeof past.path, "%s", argv[1]);
    past_start(&past, &source);
    past.whole = 30;
    past.tell = stdout;
    if (argc > 3) {
        past_hot(&past, VG_MINUTE);
        while (vg_writer_seal(past.writer)) {
        }
        past_stop(&past);
        return 0;
    }
    for (;;) {
        past_live(&past, 3 * VG_MINUTE);
        past_hot(&past, 2 * VG_MINUTE);
        for (unsigned n = 0; n < 20 && vg_writer_seal(past.writer); n++) {
        }
    }
}
