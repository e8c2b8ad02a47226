/* SPDX-License-Identifier: Apache-2.0
 *
 * The "settings" of a protocol: where sources disagree and a site may choose (Clinical
 * reference 13). One row for each word of each key.
 */
#include <string.h>

#include "core/protocol_check.h"

static void fn_idsa(struct vg_clinical *c)
{
    c->fn_nice = false;
}

static void fn_nice(struct vg_clinical *c)
{
    c->fn_nice = true;
}

static void relative_watch(struct vg_clinical *c)
{
    c->relative_grades = false;
}

static void relative_grade(struct vg_clinical *c)
{
    c->relative_grades = true;
}

static void tls_cairo(struct vg_clinical *c)
{
    c->tls_howard = false;
}

static void tls_howard(struct vg_clinical *c)
{
    c->tls_howard = true;
}

static const struct {
    const char *key, *word;
    void (*set)(struct vg_clinical *);
} rows[] = {{"fn.rule", "idsa", fn_idsa},
            {"fn.rule", "nice", fn_nice},
            {"crs.relative_hypotension", "watch", relative_watch},
            {"crs.relative_hypotension", "grade", relative_grade},
            {"tls.rule", "cairo-bishop", tls_cairo},
            {"tls.rule", "howard", tls_howard}};

#define ROWS (sizeof rows / sizeof rows[0])

static void unknown_word(struct vg_check *check, const struct vg_node *node)
{
    const char *words[ROWS + 1] = {NULL};
    size_t n = 0;

    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].key, node->key) == 0) {
            words[n++] = rows[i].word;
        }
    }
    vg_check_unknown(check, node, node->key, words);
}

static void unknown_key(struct vg_check *check, const struct vg_node *node)
{
    const char *keys[ROWS + 1] = {NULL};

    for (size_t i = 0; i < ROWS; i++) {
        keys[i] = rows[i].key;
    }
    const char *near = vg_nearest(node->key, keys);
    vg_fault_add(check->faults, node->key_place, "unknown setting \"%s\"%s%s%s",
                 node->key, near != NULL ? ", did you mean \"" : "",
                 near != NULL ? near : "", near != NULL ? "\"?" : "");
}

static void check_one(struct vg_check *check, const struct vg_node *node)
{
    bool known = false;

    if (node->kind != VG_NODE_SCALAR) {
        vg_fault_add(check->faults, node->place, "\"%s\" must be a single value",
                     node->key);
        return;
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].key, node->key) == 0) {
            known = true;
            if (strcmp(rows[i].word, node->text) == 0) {
                rows[i].set(&check->protocol->clinical);
                return;
            }
        }
    }
    if (known) {
        unknown_word(check, node);
    } else {
        unknown_key(check, node);
    }
}

void vg_check_settings(struct vg_check *check, const struct vg_node *map)
{
    for (const struct vg_node *node = map->first; node != NULL; node = node->next) {
        check_one(check, node);
    }
}
