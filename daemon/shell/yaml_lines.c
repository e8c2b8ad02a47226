/* SPDX-License-Identifier: Apache-2.0
 *
 * See yaml_lines.h: blanks aside, the text's characters are those of its lines, in order.
 */
#include "shell/yaml_lines.h"

#include <string.h>

#include "wire/utf8.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0U) != 0x80U;
}

/* Length of the line break that begins here, as libyaml counts lines; 0: none does. */
static size_t break_at(const char *at)
{
    static const char *const breaks[] = {"\r\n",     "\n",           "\r",
                                         "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};

    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        if (strncmp(at, breaks[i], strlen(breaks[i])) == 0) {
            return strlen(breaks[i]);
        }
    }
    return 0;
}

static bool line_ends(const char *at)
{
    return *at == '\0' || break_at(at) > 0;
}

const char *vg_yaml_next_line(const char *at)
{
    at += strcspn(at, "\r\n\xC2\xE2");
    while (!line_ends(at)) {
        at++;
        at += strcspn(at, "\r\n\xC2\xE2");
    }
    return *at == '\0' ? NULL : at + break_at(at);
}

bool vg_yaml_hidden(const char *text, struct vg_place *out)
{
    *out = (struct vg_place){1, 1};
    while (*text != '\0') {
        const size_t line_break = break_at(text);
        const size_t size = line_break > 0 ? line_break : 1;
        /* Controls of one byte are libyaml's; of four it looks at, none is behind the end: that is part of no character. */
        if (line_break == 0 && (unsigned char)*text >= 0x80 &&
            vg_utf8_hidden(text, 4) > 0) {
            return true;
        }
        out->column = line_break > 0 ? 1 : out->column + begins_character(text[size]);
        out->line += line_break > 0;
        text += size;
    }
    return false;
}

static void seek(struct vg_yaml_cursor *cursor, unsigned line)
{
    for (; cursor->line < line; cursor->line++) {
        const char *next = vg_yaml_next_line(cursor->at);
        if (next == NULL) {
            return;
        }
        cursor->at = next;
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
    while (is_blank(*pair->file) && !line_ends(pair->file)) {
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
    for (; !line_ends(pair->file) && *pair->text != '\0'; pass_file(pair)) {
        if (is_blank(*pair->file) ||
            (*pair->file == '\\' && break_at(pair->file + 1) > 0)) {
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
        while (line == scalar->begin.line && !line_ends(pair.file) &&
               pair.column < scalar->begin.column + scalar->quoted) {
            pass_file(&pair);
        }
        if (to_first(&pair)) {
            note(node, lines, &pair, line);
        }
        same = break_at(pair.file) > 0 || to_end(&pair);
    }
    return lines != NULL;
}
