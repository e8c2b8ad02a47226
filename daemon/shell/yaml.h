/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML files as plain trees: a strict subset, so that nothing in a clinical file has a
 * hidden meaning. One document of UTF-8, at most 1 MiB; no anchors, aliases, tags or merge
 * keys; no key twice; every scalar is text.
 */
#ifndef VIGIL_SHELL_YAML_H
#define VIGIL_SHELL_YAML_H

#include "vigil/tree.h"

#define VG_YAML_BYTES ((size_t)1024 * 1024)
#define VG_YAML_DEPTH 16   /* levels of nesting */
#define VG_YAML_KEYS  1000 /* keys of one map */

/* Parses the bytes into a tree that lives in `arena`. Every fault of form is added to
 * `faults` with its line and column; grammar faults end the reading. VG_OK; VG_REFUSED
 * (*root may still be a tree, so that its other faults can be found too, or NULL);
 * VG_NO_MEMORY. */
enum vg_status vg_yaml_parse(const char *bytes, size_t length, struct vg_arena *arena,
                             struct vg_faults *faults, const struct vg_node **root);

#endif
