/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the lines of a text stand that is written over several: folding joins them, and what
 * is wrong in one is to be looked for there.
 */
#ifndef VIGIL_SHELL_YAML_LINES_H
#define VIGIL_SHELL_YAML_LINES_H

#include "vigil/tree.h"

/* Behind the next line break, as libyaml counts lines (CR, LF, both, NEL, LS, PS); NULL: there is none. */
const char *vg_yaml_next_line(const char *at);

/* The first character, line breaks aside, that shows nothing and may turn or hide what stands beside it (wire/utf8.h);
 * false: there is none. */
bool vg_yaml_hidden(const char *text, struct vg_place *out);

/* A place in the file that only goes forward. Begins at line 1. */
struct vg_yaml_cursor {
    const char *at; /* the line's first byte */
    unsigned line;
};

struct vg_yaml_scalar {
    const char *
        text; /* what came of it, with the file's characters, not longer than its lines */
    struct vg_place
        begin;     /* its first character: a quote, or the ">" or "|" of a block */
    unsigned last; /* the line it ends on */
    bool quoted, block;
};

/* Notes in the node where each line of the text begins. A line that folding has changed in more
 * than its blanks (an escape) ends that: what is behind it counts on from the line before.
 * False: no memory. */
bool vg_yaml_lines(struct vg_yaml_cursor *cursor, const struct vg_yaml_scalar *scalar,
                   struct vg_arena *arena, struct vg_node *node);

#endif
