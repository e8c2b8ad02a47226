/* SPDX-License-Identifier: Apache-2.0
 *
 * A protocol of a text, and what is said against it.
 */
#ifndef VIGIL_TESTS_UNIT_PROTOCOL_HELP_H
#define VIGIL_TESTS_UNIT_PROTOCOL_HELP_H

#include "vigil/protocol.h"

#include "shell/yaml.h"

static struct vg_faults faults;
static struct vg_arena *arena;

/* The protocol of a text; NULL: refused. Its arena goes with `finish`. */
static struct vg_protocol *build(const char *text)
{
    const struct vg_node *root = NULL;
    struct vg_protocol *protocol = NULL;

    arena = vg_arena_create();
    faults.count = faults.errors = 0;
    assert_int_equal(vg_yaml_parse(text, strlen(text), arena, &faults, &root), VG_OK);
    const enum vg_status status =
        vg_protocol_build(root, "box", "0", arena, &faults, &protocol);
    assert_int_equal(status, protocol != NULL ? VG_OK : VG_REFUSED);
    return protocol;
}

/* The first fault that is no mere warning. */
static const char *error(void)
{
    for (size_t i = 0; i < faults.count; i++) {
        if (!faults.item[i].warning) {
            return faults.item[i].text;
        }
    }
    return "";
}

static void finish(void)
{
    vg_arena_destroy(arena); /* and what was built in it */
}

#define HEAD  "protocol: box\nversion: \"1\"\nproducts: [car_t]\ntitle: box\n"
#define RULES "rules:\n"
#define RULE(id, when, rest)                                                     \
    "  - id: " id "\n    class: lab\n    severity: urgent\n    when: " when "\n" \
    "    source: s\n" rest
#define GOOD RULES RULE("R", "sbp < 90 mm[Hg]", "    text: t\n")

#endif
