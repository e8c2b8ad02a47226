/* SPDX-License-Identifier: Apache-2.0
 *
 * The run, line by line.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "sim/sim.h"

static uint64_t hash = UINT64_C(0xcbf29ce484222325);

void trace_bytes(const void *bytes, size_t length)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    }
}

void trace_line(const char *format, ...)
{
    char line[4096];
    va_list arguments;

    va_start(arguments, format);
    const int n = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (n < 0 || (size_t)n >= sizeof line - 1) {
        abort(); /* a line of ours is always short */
    }
    line[n] = '\n';
    trace_bytes(line, (size_t)n + 1);
    if (sim.trace != NULL) {
        (void)fwrite(line, 1, (size_t)n + 1, sim.trace);
    }
}

uint64_t trace_hash(void)
{
    return hash;
}
