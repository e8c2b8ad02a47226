/* SPDX-License-Identifier: Apache-2.0
 *
 * The message of episode.h. What the daemon refuses it says itself; what it would leave out
 * with an answer that nobody reads is refused here.
 */
#include <string.h>

#include "vigil/flag.h"

#include "cli/episode.h"

enum text { PRODUCT, PROTOCOL, AGE, PLANNED, TARGET, DONOR, CHAIN, BY, AT };
enum list { BASELINE, ULN, FLAG };

const struct vg_episode_option vg_episode_text[VG_EPISODE_TEXTS] = {
    [PRODUCT] = {"--product", "product"},
    [PROTOCOL] = {"--protocol", "protocol"},
    [AGE] = {"--age", "age"},
    [PLANNED] = {"--planned", "infusion_planned"},
    [TARGET] = {"--target", "target"},
    [DONOR] = {"--donor", "donor"}, /* these two within "identity" */
    [CHAIN] = {"--chain-id", "chain_id"},
    [BY] = {"--by", "by"},
    [AT] = {"--at", "ts"},
};
const struct vg_episode_option vg_episode_list[VG_EPISODE_LISTS] = {
    [BASELINE] = {"--baseline", "baseline"},
    [ULN] = {"--uln", "uln"},
    [FLAG] = {"--flag", "flags"},
};

static int wrong(const struct vg_episode_words *words, const char *option,
                 const char *value)
{
    (void)fprintf(stderr, "vigil %s: %s %s cannot be used; --help says more\n",
                  words->name, option, value);
    return VG_EXIT_USAGE;
}

/* "sbp=125" to its code and where its number begins; false: it is not that. */
static bool split_value(const char *text, size_t *code, struct vg_decimal *value)
{
    struct vg_code found;

    *code = strcspn(text, "=");
    return text[*code] == '=' && vg_signal_find(text, *code, &found) == VG_OK &&
           found.signal < VG_MEASURED_COUNT &&
           vg_decimal_parse(text + *code + 1, strlen(text + *code + 1), value) == VG_OK;
}

static const char *faulty_item(const struct vg_episode_list *list, bool flags)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *text = list->item[i];
        struct vg_decimal value;
        size_t code;
        if (flags ? vg_flag_find(text, strlen(text)) == VG_FLAG_COUNT
                  : !split_value(text, &code, &value)) {
            return text;
        }
    }
    return NULL;
}

/* No infusion is planned any more. */
static bool is_none(const char *planned)
{
    return strcmp(planned, "none") == 0;
}

static bool admit_only(const struct vg_episode_words *w)
{
    bool given = w->outpatient || w->pregnant;

    for (size_t i = 0; i < BY; i++) {
        given = given || w->text[i] != NULL;
    }
    for (size_t i = 0; i < VG_EPISODE_LISTS; i++) {
        given = given || w->list[i].count > 0;
    }
    return given;
}

int vg_episode_check(struct vg_episode_words *w)
{
    struct vg_decimal age;
    struct vg_instant planned;
    const char *at = w->text[AT];

    if (w->action != VG_ADMIT && admit_only(w)) {
        return wrong(w, "an option of", "`vigil admit`");
    }
    if (w->action != VG_TRANSFER && w->swap) {
        return wrong(w, "--swap", "");
    }
    if (w->action == VG_ADMIT && w->confirm) {
        return wrong(w, "--confirm", "");
    }
    if (at != NULL && !vg_query_time(at, w->at, &w->at)) {
        return wrong(w, "--at", at);
    }
    if (w->text[BY] != NULL && w->text[BY][strspn(w->text[BY], " ")] == '\0') {
        return wrong(w, "--by", w->text[BY]);
    }
    if (w->text[AGE] != NULL &&
        vg_decimal_parse(w->text[AGE], strlen(w->text[AGE]), &age) != VG_OK) {
        return wrong(w, "--age", w->text[AGE]);
    }
    if (w->text[PLANNED] != NULL && !is_none(w->text[PLANNED]) &&
        vg_time_parse(w->text[PLANNED], strlen(w->text[PLANNED]), &planned) != VG_OK) {
        return wrong(w, "--planned", w->text[PLANNED]);
    }
    for (size_t i = 0; i < VG_EPISODE_LISTS; i++) {
        const char *fault = faulty_item(&w->list[i], i == FLAG);
        if (fault != NULL) {
            return wrong(w, vg_episode_list[i].option, fault);
        }
    }
    if (w->action == VG_ADMIT && w->text[AGE] == NULL) {
        (void)fprintf(
            stderr, "vigil admit: without --age the limits for adults are not used\n");
    }
    return VG_EXIT_DONE;
}

/* ---- Writing */

static void put_member(struct vg_buffer *b, const char *member)
{
    vg_put_raw(b, ",");
    vg_put_string(b, member);
    vg_put_raw(b, ":");
}

static void put_text(struct vg_buffer *b, const char *member, const char *text)
{
    put_member(b, member);
    vg_put_string(b, text);
}

static void put_values(struct vg_buffer *b, const struct vg_episode_list *list)
{
    vg_put_raw(b, "{");
    for (size_t i = 0; i < list->count; i++) {
        char code[VG_NAME_LEN + 1] = "";
        struct vg_decimal value;
        size_t length;
        if (!split_value(list->item[i], &length, &value) || length >= sizeof code) {
            continue; /* was checked */
        }
        memcpy(code, list->item[i], length);
        vg_put_raw(b, i == 0 ? "" : ",");
        vg_put_string(b, code);
        vg_put_raw(b, ":");
        vg_put_decimal(b, value);
    }
    vg_put_raw(b, "}");
}

static void put_flags(struct vg_buffer *b, const struct vg_episode_list *list)
{
    vg_put_raw(b, "[");
    for (size_t i = 0; i < list->count; i++) {
        vg_put_raw(b, i == 0 ? "" : ",");
        vg_put_string(b, list->item[i]);
    }
    vg_put_raw(b, "]");
}

static void put_identity(struct vg_buffer *b, const struct vg_episode_words *w)
{
    const char *donor = w->text[DONOR];
    const char *chain = w->text[CHAIN];

    if (donor != NULL) {
        put_member(b, "identity");
        vg_put_raw(b, "{\"donor\":");
        vg_put_string(b, donor);
    } else if (chain != NULL) {
        put_member(b, "identity");
        vg_put_raw(b, "{\"chain_id\":");
        vg_put_string(b, chain);
    } else {
        return;
    }
    if (donor != NULL && chain != NULL) {
        put_text(b, "chain_id", chain);
    }
    vg_put_raw(b, "}");
}

static void put_options(struct vg_buffer *b, const struct vg_episode_words *w)
{
    for (size_t i = 0; i < AT; i++) {
        const char *text = w->text[i];
        if (text != NULL && i == AGE) {
            struct vg_decimal age;
            put_member(b, vg_episode_text[i].member);
            (void)vg_decimal_parse(text, strlen(text), &age); /* was checked */
            vg_put_decimal(b, age);
        } else if (text != NULL && i == PLANNED && is_none(text)) {
            put_member(b, vg_episode_text[i].member);
            vg_put_raw(b, "false");
        } else if (text != NULL && i != DONOR && i != CHAIN) {
            put_text(b, vg_episode_text[i].member, text);
        }
    }
    for (size_t i = 0; i < VG_EPISODE_LISTS; i++) {
        if (w->list[i].count > 0) {
            put_member(b, vg_episode_list[i].member);
            (i == FLAG ? put_flags : put_values)(b, &w->list[i]);
        }
    }
}

void vg_episode_encode(struct vg_buffer *b, const struct vg_episode_words *w)
{
    vg_put_raw(b, "{\"ts\":");
    vg_put_time(b, w->at);
    put_text(b, "do", w->name);
    if (w->action == VG_ADMIT) {
        put_text(b, "patient", w->place[1]);
    }
    if (w->action == VG_TRANSFER) {
        put_text(b, "to_ward", w->to_ward);
        put_text(b, "to_bed", w->to_bed);
    }
    put_options(b, w);
    put_identity(b, w);
    if (w->outpatient) {
        put_text(b, "setting", "outpatient");
    }
    if (w->pregnant) {
        vg_put_raw(b, ",\"pregnant\":true");
    }
    if (w->confirm) {
        vg_put_raw(b, ",\"confirm\":true");
    }
    if (w->swap) {
        vg_put_raw(b, ",\"swap\":true");
    }
    vg_put_raw(b, "}");
}
