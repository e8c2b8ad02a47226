/* SPDX-License-Identifier: Apache-2.0
 *
 * A parsed configuration file as a plain tree, and the list of its faults. The file loader
 * (shell) makes the tree from YAML; the checkers (core) never see YAML, so they stay pure
 * and can be tested from C.
 *
 * Every scalar is text: its meaning is decided by the field it stands in, never guessed
 * from how it looks.
 */
#ifndef VIGIL_TREE_H
#define VIGIL_TREE_H

#include "vigil/base.h"

/* Line and column, both from 1. line 0: nowhere in particular. */
struct vg_place {
    unsigned line, column;
};

enum vg_node_kind { VG_NODE_SCALAR, VG_NODE_LIST, VG_NODE_MAP };

/* Where a line of a scalar begins: the number of its first character in the text, and its place. */
struct vg_line {
    unsigned character;
    struct vg_place place;
};

/* Children of a list are its items; of a map, its values, each with its key. */
struct vg_node {
    enum vg_node_kind kind;
    struct vg_place place;     /* of the value */
    struct vg_place key_place; /* of the key, in a map */
    const char *key;           /* NULL in a list and at the root */
    const char *text;          /* scalar only, else NULL */
    bool quoted;               /* scalar was in quotes */
    size_t line_count;         /* of a scalar written over several lines, else 0 */
    const struct vg_line *line;
    size_t count;
    struct vg_node *first; /* children, linked */
    struct vg_node *next;  /* sibling */
};

/* The value of `key` in a map, or NULL (also if `map` is NULL or no map). */
const struct vg_node *vg_node_get(const struct vg_node *map, const char *key);

/* Memory that is given back all at once: one arena for each loaded file. */
struct vg_arena;
struct vg_arena *vg_arena_create(void);                   /* NULL: no memory */
void vg_arena_destroy(struct vg_arena *arena);            /* NULL is fine */
void *vg_arena_take(struct vg_arena *arena, size_t size); /* zeroed, aligned; or NULL */
char *vg_arena_text(struct vg_arena *arena, const char *text, size_t length);

/* Faults and warnings of one file, in the order found; sorted by place when printed. */
struct vg_fault {
    struct vg_place place;
    bool warning;
    char text[224]; /* `unknown key "prority", did you mean "priority"?` */
};

#define VG_FAULTS 200
struct vg_faults {
    size_t count;  /* faults kept, warnings included */
    size_t errors; /* faults that refuse the file, kept or not */
    struct vg_fault item[VG_FAULTS];
};

void vg_fault_add(struct vg_faults *faults, struct vg_place place, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));
void vg_fault_warn(struct vg_faults *faults, struct vg_place place, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));
void vg_faults_sort(struct vg_faults *faults);

/* The nearest of `names` (NULL-terminated) by edit distance, at most 1 + length / 3 away, or
 * NULL: for "did you mean". */
const char *vg_nearest(const char *text, const char *const *names);

#endif
