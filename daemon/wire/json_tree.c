/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree of json_tree.h.
 */
#include "json_tree.h"

#include <limits.h>
#include <string.h>

char *vg_json_tree_text(const struct vg_json_tree *tree, const char *at)
{
    return tree->copy + (at - tree->from) + 1;
}

cJSON *vg_json_tree_add(struct vg_json_tree *tree, int type)
{
    cJSON *node = &tree->spare;

    if (tree->next < tree->end) {
        node = tree->next++;
    } else {
        tree->full = true;
    }
    *node = (cJSON){.type = type, .string = tree->key, .prev = tree->last};
    tree->key = NULL;
    if (tree->last != NULL) {
        tree->last->next = node;
    } else if (tree->depth > 0) {
        tree->parent[tree->depth - 1]->child = node;
    } else {
        tree->root = node;
    }
    tree->last = node;
    return node;
}

/* cJSON keeps numbers as integers too, as near as they come. */
void vg_json_tree_number(cJSON *node, double value)
{
    node->valuedouble = value;
    node->valueint = value >= INT_MAX           ? INT_MAX
                     : value <= (double)INT_MIN ? INT_MIN
                                                : (int)value;
}

void vg_json_tree_open(struct vg_json_tree *tree)
{
    tree->parent[tree->depth++] = tree->last;
    tree->last = NULL;
}

void vg_json_tree_close(struct vg_json_tree *tree)
{
    cJSON *parent = tree->parent[--tree->depth];

    if (parent->child != NULL) {
        parent->child->prev = tree->last; /* the first one knows the last one */
    }
    tree->last = parent;
}
