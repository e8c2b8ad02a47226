/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks at every byte of a message before the parser sees one. cJSON takes much that
 * is not JSON ("01", bare control characters, lone surrogates, NUL escapes, what
 * follows the value), nests a thousand deep and keeps both of two equal keys. What
 * passes here is JSON by the letter of RFC 8259, at most VG_MESSAGE_DEPTH deep, each
 * key once, and every number finite.
 */
#ifndef VIGIL_WIRE_JSON_GUARD_H
#define VIGIL_WIRE_JSON_GUARD_H

#include "json.h"
#include "json_tree.h"

/* More than the different keys that fit into VG_MESSAGE_BYTES, by half. */
#define VG_GUARD_SLOTS 16384

/* Room to work in; no need to initialise. */
struct vg_guard {
    uint64_t slot[VG_GUARD_SLOTS];
};

/* True if it is good. Otherwise the reason and the place are in *why, as of a whole
 * message: VG_NOT_JSON, VG_TOO_DEEP, VG_TOO_MANY (more keys than a message of legal size
 * can have), or VG_NOT_FINITE: good but for numbers that are too large, the first of which is told. */
bool vg_guard_check(struct vg_guard *guard, const char *bytes, size_t length,
                    struct vg_refusal *why);

/* The same and vg_json_parse in one: *root is the tree of what is good, as that would make
 * it. NULL: it is not good, or it is and there was no memory. */
bool vg_guard_read(struct vg_guard *guard, const char *bytes, size_t length,
                   struct vg_json *json, const cJSON **root, struct vg_refusal *why);

#endif
