/* SPDX-License-Identifier: Apache-2.0
 *
 * A tree of cJSON's nodes, made while the guard reads: what has passed it need not be
 * parsed a second time. It is the tree that cJSON itself would make.
 */
#ifndef VIGIL_WIRE_JSON_TREE_H
#define VIGIL_WIRE_JSON_TREE_H

#include "vigil/reading.h"

#include "json.h"

/* Borrows all its room from a struct vg_json; the guard fills it. */
struct vg_json_tree {
    const char *from; /* the text that is read, and a copy of it where strings become */
    char *copy;       /* what they mean */
    cJSON *next, *end; /* room for nodes */
    cJSON *root;
    cJSON *last; /* the node before, in the same list or object */
    cJSON *parent[VG_MESSAGE_DEPTH];
    unsigned depth;
    char *key;   /* of the node to come; NULL in a list */
    cJSON spare; /* takes what there is no room for */
    bool full;
};

/* An empty tree in json's arena, which holds no other from now on; false: there is no room
 * for a text of that length. */
bool vg_json_tree_begin(struct vg_json *json, const char *bytes, size_t length,
                        struct vg_json_tree *tree);
/* The tree becomes what `json` holds, as after vg_json_parse; NULL: it did not fit. */
const cJSON *vg_json_tree_end(struct vg_json *json, const struct vg_json_tree *tree);

/* Where the string behind the quote at `at` becomes what it means. */
char *vg_json_tree_text(const struct vg_json_tree *tree, const char *at);
/* The next node; its type is one of cJSON's. */
cJSON *vg_json_tree_add(struct vg_json_tree *tree, int type);
/* The number of a node that was just added. */
void vg_json_tree_number(cJSON *node, double value);
/* What is added from here on stands in the node added last, until it is closed. */
void vg_json_tree_open(struct vg_json_tree *tree);
void vg_json_tree_close(struct vg_json_tree *tree);

#endif
