/* SPDX-License-Identifier: Apache-2.0
 *
 * Checking a protocol's tree: tables of keys, and readers of single values that report
 * what is wrong and go on, so that all faults are found at once. Private to core.
 */
#ifndef VIGIL_CORE_PROTOCOL_CHECK_H
#define VIGIL_CORE_PROTOCOL_CHECK_H

#include "vigil/protocol.h"

#include "core/expr_code.h"

struct vg_check {
    struct vg_arena *arena;
    struct vg_faults *faults;
    struct vg_protocol *protocol;
    const struct vg_node *schedule; /* for the names of its phases; may be NULL */
    bool no_memory;
};

enum vg_key_kind {
    VG_KEY_SCALAR,
    VG_KEY_LIST,
    VG_KEY_MAP,
    VG_KEY_TEXT, /* a scalar, or {en: …, zh: …} */
    VG_KEY_ANY
};

struct vg_key {
    const char *name;
    enum vg_key_kind kind;
    bool required;
};

/* Whether the node is a map with these keys; reports all that is not. `what` names it in
 * sentences: "rule". The last key has no name. */
bool vg_check_map(struct vg_check *check, const struct vg_node *node, const char *what,
                  const struct vg_key *keys);

/* Readers of one key. Absent, or of a wrong kind (already reported): the default. */
const char *vg_check_scalar(const struct vg_node *map, const char *key,
                            const char *absent);
vg_ms vg_check_span(struct vg_check *check, const struct vg_node *map, const char *key);
bool vg_check_yes(struct vg_check *check, const struct vg_node *map, const char *key);
struct vg_text vg_check_text(struct vg_check *check, const struct vg_node *map,
                             const char *key);

/* The scalars of a list, at most `room`; returns how many. */
size_t vg_check_names(struct vg_check *check, const struct vg_node *list,
                      const char *what, const char **out, size_t room);

/* `unknown severity "crtical", did you mean "critical"?` at the value. */
void vg_check_unknown(struct vg_check *check, const struct vg_node *node,
                      const char *what, const char *const *names);

/* The test in a scalar, compiled into *out. False if it was refused. */
bool vg_check_expr(struct vg_check *check, const struct vg_node *node,
                   struct vg_queries *queries, struct vg_expr *out);

/* Warnings about rules that cannot work, once all of the file was read without an error. */
void vg_check_lint(struct vg_check *check, const struct vg_node *root);

/* Adds what the file's rules lack of the floors; `rules` has room for VG_FLOORS more. */
#define VG_FLOORS 6
bool vg_check_pages_late(const struct vg_protocol *protocol,
                         const struct vg_rule *rule);
void vg_check_floors(struct vg_check *check, struct vg_rule *rules);

#define VG_OUTPATIENT "-outpatient" /* ends the name of a ladder's variant for home */

/* The protocol's ladder of that name with `ending` behind it, or NULL. `protocol` may be
 * NULL. */
const struct vg_ladder *vg_ladder_find(const struct vg_protocol *protocol,
                                       const char *name, const char *ending);

/* The protocol's ladder of that name; a built-in one (stand_in.h) is added if the file has
 * none. NULL: no such ladder. */
const struct vg_ladder *vg_ladder_ensure(struct vg_check *check, const char *name);

/* Each part of the file fills its part of check->protocol. */
void vg_check_ladders(struct vg_check *check, const struct vg_node *root);
/* An alert keeps one bit for each different role. After the floors, whose ladders count. */
void vg_check_roles(struct vg_check *check, const struct vg_node *root);
/* What is allowed, but doubtful, in ladders and in the rules that use them. */
void vg_lint_ladders(struct vg_check *check, const struct vg_node *root);
void vg_check_rules(struct vg_check *check, const struct vg_node *root);
void vg_check_settings(struct vg_check *check, const struct vg_node *map);
void vg_check_schedule(struct vg_check *check, const struct vg_node *list);
void vg_check_parts(struct vg_check *check, const struct vg_node *root);

/* Reports each "phase is NAME" whose phase the schedule does not have. */
void vg_check_phases(struct vg_check *check, struct vg_place place,
                     const struct vg_expr *expr);

/* Reports each $name of a rule's sentence that cannot be filled in, and adds the queries of
 * those that can. `node`: where the sentence stands; NULL: in no file. */
void vg_check_template(struct vg_check *check, const struct vg_node *node,
                       const struct vg_rule *rule, const char *template_);

/* Where the byte `at` of a scalar's text stands in the file. */
struct vg_place vg_check_place(const struct vg_node *node, const char *at);

#endif
