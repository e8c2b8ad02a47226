/* SPDX-License-Identifier: Apache-2.0
 *
 * From libyaml's events to a plain tree. The path from the root to the open node is kept
 * in an array: no recursion, and a file that nests too deeply is refused at once.
 */
#include "shell/yaml.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "shell/yaml_lines.h"
#include "shell/yaml_units.h"

struct loader {
    struct vg_arena *arena;
    struct vg_faults *faults;
    struct vg_node *root;
    struct vg_node *path[VG_YAML_DEPTH];
    struct vg_node *last[VG_YAML_DEPTH]; /* newest child of each open node */
    size_t depth;
    const char *key; /* of the value that comes next in a map */
    struct vg_place key_place;
    struct vg_yaml_cursor cursor;
    unsigned documents;
    bool stopped;
    bool no_memory;
};

static struct vg_place place_of(yaml_mark_t mark)
{
    return (struct vg_place){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

static void refuse_decoration(struct loader *loader, struct vg_place place,
                              const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL) {
        vg_fault_add(loader->faults, place,
                     "anchors (&%s) are not used here: write the value out", anchor);
    }
    if (tag != NULL) {
        vg_fault_add(loader->faults, place,
                     "tags (!) are not used here: every value is plain text");
    }
}

/* Keys are few; a duplicate is reported with the line of the first. */
static void check_key(struct loader *loader, const char *key, struct vg_place place)
{
    const struct vg_node *map = loader->path[loader->depth - 1];

    if (strcmp(key, "<<") == 0) {
        vg_fault_add(loader->faults, place, "merge keys (<<) are not used here");
    }
    if (map->count >= VG_YAML_KEYS) {
        vg_fault_add(loader->faults, place, "more than %d keys in one map",
                     VG_YAML_KEYS);
        loader->stopped = true;
        return;
    }
    const struct vg_node *first = vg_node_get(map, key);

    if (first != NULL) {
        vg_fault_add(loader->faults, place,
                     "the key \"%s\" is given twice, first on line %u", key,
                     first->key_place.line);
    }
}

/* Hangs a new node into the open one. NULL: no memory. */
static struct vg_node *add_node(struct loader *loader, enum vg_node_kind kind,
                                struct vg_place place)
{
    struct vg_node *node = vg_arena_take(loader->arena, sizeof *node);

    if (node == NULL) {
        loader->no_memory = true;
        return NULL;
    }
    node->kind = kind;
    node->place = place;
    node->key = loader->key;
    node->key_place = loader->key == NULL ? place : loader->key_place;
    loader->key = NULL;
    if (loader->depth == 0) {
        loader->root = node;
        return node;
    }
    struct vg_node *parent = loader->path[loader->depth - 1];
    struct vg_node **last = &loader->last[loader->depth - 1];

    if (*last == NULL) {
        parent->first = node;
    } else {
        (*last)->next = node;
    }
    *last = node;
    parent->count++;
    return node;
}

static bool key_expected(const struct loader *loader)
{
    return loader->depth > 0 && loader->path[loader->depth - 1]->kind == VG_NODE_MAP &&
           loader->key == NULL;
}

static void note_lines(struct loader *loader, const yaml_event_t *event,
                       struct vg_node *node)
{
    const yaml_scalar_style_t style = event->data.scalar.style;
    const struct vg_yaml_scalar scalar = {.text =
                                              (const char *)event->data.scalar.value,
                                          .begin = node->place,
                                          .last = place_of(event->end_mark).line,
                                          .quoted = node->quoted,
                                          .block = style == YAML_LITERAL_SCALAR_STYLE ||
                                                   style == YAML_FOLDED_SCALAR_STYLE};

    loader->no_memory = !vg_yaml_lines(&loader->cursor, &scalar, loader->arena, node) ||
                        loader->no_memory;
}

static void take_scalar(struct loader *loader, const yaml_event_t *event)
{
    const char *bytes = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    const yaml_scalar_style_t style = event->data.scalar.style;
    struct vg_place place = place_of(event->start_mark);
    char *text = vg_arena_text(loader->arena, bytes, length);

    if (text == NULL) {
        loader->no_memory = true;
        return;
    }
    length = vg_yaml_unshield(text, length);
    refuse_decoration(loader, place, event->data.scalar.anchor, event->data.scalar.tag);
    if (strlen(text) != length) {
        vg_fault_add(loader->faults, place, "a value contains a NUL character");
    }
    if (key_expected(loader)) {
        check_key(loader, text, place);
        loader->key = text;
        loader->key_place = place;
        return;
    }
    struct vg_node *node = add_node(loader, VG_NODE_SCALAR, place);

    if (node != NULL) {
        node->text = text;
        node->quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                       style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        note_lines(loader, event, node);
    }
}

static void open_node(struct loader *loader, const yaml_event_t *event,
                      enum vg_node_kind kind)
{
    const struct vg_place place = place_of(event->start_mark);

    if (kind == VG_NODE_MAP) {
        refuse_decoration(loader, place, event->data.mapping_start.anchor,
                          event->data.mapping_start.tag);
    } else {
        refuse_decoration(loader, place, event->data.sequence_start.anchor,
                          event->data.sequence_start.tag);
    }
    if (key_expected(loader)) {
        vg_fault_add(loader->faults, place, "a key must be a single word");
        loader->stopped = true;
        return;
    }
    if (loader->depth == VG_YAML_DEPTH) {
        vg_fault_add(loader->faults, place, "nested more than %d levels deep",
                     VG_YAML_DEPTH);
        loader->stopped = true;
        return;
    }
    struct vg_node *node = add_node(loader, kind, place);

    if (node != NULL) {
        loader->path[loader->depth] = node;
        loader->last[loader->depth++] = NULL;
    }
}

static void start_document(struct loader *loader, const yaml_event_t *event)
{
    const struct vg_place place = place_of(event->start_mark);

    if (event->data.document_start.version_directive != NULL ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end) {
        vg_fault_add(loader->faults, place, "directives (%%) are not used here");
    }
    if (++loader->documents > 1) {
        vg_fault_add(loader->faults, place,
                     "a second document begins here: one file, one "
                     "document");
        loader->stopped = true;
    }
}

static void take_event(struct loader *loader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        start_document(loader, event);
        break;
    case YAML_SCALAR_EVENT:
        take_scalar(loader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        open_node(loader, event, VG_NODE_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        open_node(loader, event, VG_NODE_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        loader->depth--;
        break;
    case YAML_ALIAS_EVENT:
        vg_fault_add(loader->faults, place_of(event->start_mark),
                     "aliases (*%s) are not used here: write the value out",
                     event->data.alias.anchor);
        loader->stopped = true;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    default:
        break;
    }
}

/* libyaml says by byte where the encoding is wrong. */
static struct vg_place place_at(const char *bytes, size_t offset)
{
    struct vg_place place = {1, 1};

    for (size_t i = 0; i < offset; i++) {
        if (bytes[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)bytes[i] & 0xC0U) != 0x80U) {
            place.column++;
        }
    }
    return place;
}

static void report_grammar(struct loader *loader, const yaml_parser_t *parser,
                           const char *bytes, size_t length)
{
    const char *problem = parser->problem;
    const struct vg_place place = place_of(parser->problem_mark);

    /* libyaml does not always say that memory was the reason; then it names none. */
    if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL) {
        loader->no_memory = true;
    } else if (parser->error == YAML_READER_ERROR) {
        const size_t offset =
            parser->problem_offset < length ? parser->problem_offset : length;

        vg_fault_add(loader->faults, place_at(bytes, offset),
                     "this is no text in UTF-8: %s", problem);
    } else if (parser->problem_mark.index < length &&
               memchr(bytes, '\t', length) != NULL &&
               strcmp(problem, "found character that cannot start any token") == 0) {
        vg_fault_add(loader->faults, place,
                     "a tab or a reserved character stands here; "
                     "indent with spaces, and quote texts");
    } else if (parser->context != NULL) {
        vg_fault_add(loader->faults, place,
                     "this is no valid YAML: %s %s that begins on line "
                     "%zu",
                     problem, parser->context, parser->context_mark.line + 1);
    } else {
        vg_fault_add(loader->faults, place, "this is no valid YAML: %s", problem);
    }
}

static void read_events(struct loader *loader, yaml_parser_t *parser, const char *bytes,
                        size_t length)
{
    bool ended = false;

    while (!ended && !loader->stopped && !loader->no_memory) {
        yaml_event_t event;

        if (yaml_parser_parse(parser, &event) == 0) {
            report_grammar(loader, parser, bytes, length);
            loader->stopped = true;
            return;
        }
        take_event(loader, &event);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
}

/* A limit that is read aloud must be the one that is taken. A warning only: a ward whose file has one is not left
 * unwatched for it. */
static void report_hidden(struct loader *loader, const char *text)
{
    struct vg_place place;

    if (vg_yaml_hidden(text, &place)) {
        vg_fault_warn(
            loader->faults, place,
            "a character that cannot be seen, and may hide or turn round what "
            "stands beside it: take it out");
    }
}

/* What some editors put before the first character. libyaml would count it as a column. */
#define MARK "\xEF\xBB\xBF"

/* False: no memory. */
static bool parse_all(struct loader *loader, const char *bytes, size_t length)
{
    const size_t mark = length >= strlen(MARK) && memcmp(bytes, MARK, strlen(MARK)) == 0
                            ? strlen(MARK)
                            : 0;
    length -= mark;
    char *shielded = vg_yaml_shield(bytes + mark, &length);
    yaml_parser_t parser;

    if (shielded == NULL) {
        return false;
    }
    if (yaml_parser_initialize(&parser) == 0) {
        free(shielded);
        return false;
    }
    loader->cursor = (struct vg_yaml_cursor){shielded, 1};
    report_hidden(loader, shielded);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)shielded, length);
    read_events(loader, &parser, shielded, length);
    yaml_parser_delete(&parser);
    free(shielded);
    return true;
}

enum vg_status vg_yaml_parse(const char *bytes, size_t length, struct vg_arena *arena,
                             struct vg_faults *faults, const struct vg_node **root)
{
    struct loader loader = {.arena = arena, .faults = faults};
    const size_t errors = faults->errors;

    *root = NULL;
    if (length > VG_YAML_BYTES) {
        vg_fault_add(faults, (struct vg_place){1, 1}, "the file is larger than 1 MiB");
        return VG_REFUSED;
    }
    if (!parse_all(&loader, bytes, length) || loader.no_memory) {
        return VG_NO_MEMORY;
    }
    if (loader.root == NULL && faults->errors == errors) {
        vg_fault_add(faults, (struct vg_place){1, 1}, "the file is empty");
    }
    /* A tree that was cut short would only give false "is missing". */
    *root = loader.stopped ? NULL : loader.root;
    return faults->errors > errors ? VG_REFUSED : VG_OK;
}
