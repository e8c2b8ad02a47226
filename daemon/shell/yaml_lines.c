/* SPDX-License-Identifier: Apache-2.0
 *
 * See yaml_lines.h: blanks aside, the text's characters are those of its lines, in order.
 */
#include "shell/yaml_lines.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0U) != 0x80U;
}

static void seek(struct vg_yaml_cursor *cursor, unsigned line)
{
    while (cursor->line < line) {
        const char *end = strchr(cursor->at, '\n');
        if (end == NULL) {
            return;
        }
        cursor->at = end + 1;
        cursor->line++;
    }
}

/* The two texts, side by side. */
struct pair {
    const char *text;   /* next of the folded one */
    unsigned character; /* its number there */
    const char *file;
    unsigned column;
};

static void pass_file(struct pair *pair)
{
    pair->file++;
    pair->column += begins_character(*pair->file) && pair->file[0] != '\0';
}

static void pass_text(struct pair *pair)
{
    pair->text++;
    pair->character += begins_character(*pair->text) && pair->text[0] != '\0';
}

/* To the first of the line that is in the text; false: there is none. */
static bool to_first(struct pair *pair)
{
    while (is_blank(*pair->file) && *pair->file != '\n') {
        pass_file(pair);
    }
    while (is_blank(*pair->text)) {
        pass_text(pair);
    }
    return *pair->file == *pair->text && *pair->file != '\0';
}

/* To the end of the line; false: they differ. */
static bool to_end(struct pair *pair)
{
    for (; *pair->file != '\n' && *pair->text != '\0'; pass_file(pair)) {
        if (is_blank(*pair->file) || (pair->file[0] == '\\' && pair->file[1] == '\n')) {
            continue;
        }
        while (is_blank(*pair->text)) {
            pass_text(pair);
        }
        if (*pair->file != *pair->text) {
            return false;
        }
        pass_text(pair);
    }
    return *pair->text != '\0';
}

static void note(struct vg_node *node, struct vg_line *lines, const struct pair *pair,
                 unsigned line)
{
    lines[node->line_count++] = (struct vg_line){pair->character, {line, pair->column}};
    node->line = lines;
}

bool vg_yaml_lines(struct vg_yaml_cursor *cursor, const struct vg_yaml_scalar *scalar,
                   struct vg_arena *arena, struct vg_node *node)
{
    const unsigned first = scalar->begin.line + scalar->block;
    struct pair pair = {.text = scalar->text};

    if (scalar->last <= scalar->begin.line || scalar->text[0] == '\0') {
        return true;
    }
    struct vg_line *lines =
        vg_arena_take(arena, (scalar->last - scalar->begin.line + 1) * sizeof *lines);
    bool same = lines != NULL;
    for (unsigned line = first; same && line <= scalar->last; line++) {
        seek(cursor, line);
        pair.file = cursor->at;
        pair.column = 1;
        while (line == scalar->begin.line && *pair.file != '\n' &&
               pair.column < scalar->begin.column + scalar->quoted) {
            pass_file(&pair);
        }
        if (to_first(&pair)) {
            note(node, lines, &pair, line);
        }
        same = *pair.file == '\n' || to_end(&pair);
    }
    return lines != NULL;
}
