/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of JSON: blanks, strings, numbers, names. Each reader moves `at` behind
 * what it read and returns NULL, or leaves `at` near the fault and says what is
 * wrong.
 */
#ifndef VIGIL_WIRE_JSON_TEXT_H
#define VIGIL_WIRE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vg_text_scan {
    const char *start, *at, *end;
};

void vg_text_blank(struct vg_text_scan *scan);

/* `at` is on the opening quote. `hash`, if not NULL, takes in the characters that
 * the string means, so that "a" and its escaped spelling are the same. `out`, if not NULL,
 * has the same bytes as the text behind that quote; it becomes what the string means, with
 * a NUL behind it. */
const char *vg_text_string(struct vg_text_scan *scan, uint64_t *hash, char *out);

/* *out becomes the nearest double. */
const char *vg_text_number(struct vg_text_scan *scan, double *out);
/* What vg_text_number returns for a number that is no finite double. */
extern const char vg_text_overflow[];

const char *vg_text_word(struct vg_text_scan *scan, const char *word);

/* ---- Without asking whether it is well formed inside */

/* Bytes of one member's value; NULL if the member is absent. */
struct vg_text_slice {
    const char *text;
    size_t length;
};

/* The values of an object's members with these names, each as its quotes and brackets end it. `names`: with their
 * quotes. Moves behind the object and the blanks behind it. False: it ends nowhere, or is none; what was read so far is
 * in out[] all the same. */
bool vg_text_members(struct vg_text_scan *scan, const char *const *names, size_t count,
                     struct vg_text_slice *out);

#endif
