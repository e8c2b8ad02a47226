/* SPDX-License-Identifier: Apache-2.0
 *
 * cJSON behind a thin wall: parsing by length into memory that is used again, and
 * looking up fields. Elsewhere in this folder a tree is only read.
 *
 * Null is the same as absent everywhere: a missing value.
 */
#ifndef VIGIL_WIRE_JSON_H
#define VIGIL_WIRE_JSON_H

#include <cjson/cJSON.h>

#include "vigil/base.h"

/* Holds one tree at a time. NULL: no memory. */
struct vg_json;
struct vg_json *vg_json_create(size_t capacity);
void vg_json_destroy(struct vg_json *json); /* NULL is fine */

/* The tree is good until the next parse and belongs to `json`: never cJSON_Delete
 * it. NULL: not JSON (as far as cJSON sees it) or no memory. */
const cJSON *vg_json_parse(struct vg_json *json, const char *bytes, size_t length);

/* Sorts the members of an object into out[], by their place in names[]; NULL for
 * what is absent or null. One walk instead of one for each field. */
void vg_json_pick(const cJSON *object, const char *const *names, size_t count,
                  const cJSON **out);

/* A number that is whole and not beyond 2^53, where doubles stop to count. */
bool vg_json_integer(const cJSON *item, int64_t *out);

#endif
