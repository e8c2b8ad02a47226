/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer to a search: a Bundle of what was found, and the links to this page and the next.
 */
#include <string.h>

#include "shell/api_fhir.h"
#include "wire/encode_parts.h"

bool vg_fhir_room(struct vg_fhir_call *f)
{
    f->more = f->rows == f->count;
    return !f->more;
}

/* FHIR knows no empty lists: "entry" comes with the first. */
void vg_fhir_entry(struct vg_fhir_call *f, const char *id)
{
    struct vg_buffer *b = &f->answer->text;

    if (f->rows == 0) {
        vg_put_raw(b,
                   "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[");
    }
    vg_put_raw(b, f->rows++ == 0 ? "{" : ",\n{");
    if (f->base[0] != '\0') {
        vg_put_raw(b, "\"fullUrl\":\"");
        vg_put_raw(b, f->base);
        vg_put_raw(b, "/");
        vg_put_raw(b, vg_fhir_type_text(f->type));
        vg_put_raw(b, "/");
        vg_put_raw(b, id);
        vg_put_raw(b, "\",");
    }
    vg_put_raw(b, "\"resource\":");
}

void vg_fhir_entry_end(struct vg_fhir_call *f)
{
    vg_put_raw(&f->answer->text, ",\"search\":{\"mode\":\"match\"}}");
}

/* What was ignored does not stand in it: a client sees what was answered. */
static bool shown(const struct vg_fhir_call *f, const char *name)
{
    char bare[32];
    const size_t length = strcspn(name, ":");

    if (length >= sizeof bare) {
        return false;
    }
    memcpy(bare, name, length);
    bare[length] = '\0';
    return strcmp(bare, "_format") == 0 || vg_fhir_searchable(f->type, bare);
}

static void put_link(struct vg_fhir_call *f, const char *relation, const char *cursor)
{
    struct vg_buffer *b = &f->answer->text;
    const char *between = "?";

    vg_put_raw(b, "{\"relation\":\"");
    vg_put_raw(b, relation);
    vg_put_raw(b, "\",\"url\":\"");
    vg_put_raw(b, f->base);
    vg_put_raw(b, f->base[0] != '\0' ? "/" : "");
    vg_put_raw(b, vg_fhir_type_text(f->type));
    for (size_t i = 0; i < f->call->argument_count; i++) {
        if (shown(f, f->call->argument[i].name)) {
            vg_put_raw(b, between);
            vg_api_put_escaped(b, f->call->argument[i].name);
            vg_put_raw(b, "=");
            vg_api_put_escaped(b, f->call->argument[i].value);
            between = "&";
        }
    }
    if (cursor[0] != '\0') {
        vg_put_raw(b, between);
        vg_put_raw(b, "_cursor=");
        vg_put_raw(b, cursor);
    }
    vg_put_raw(b, "\"}");
}

void vg_fhir_bundle_end(struct vg_fhir_call *f)
{
    struct vg_buffer *b = &f->answer->text;
    char cursor[VG_CURSOR_TEXT] = "";

    vg_put_raw(b, f->rows > 0 ? "],"
                              : "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",");
    if (f->after.set) {
        vg_cursor_format(&f->after, cursor);
    }
    vg_put_raw(b, "\"link\":[");
    put_link(f, "self", cursor);
    if (f->more) {
        vg_cursor_format(&f->last, cursor);
        vg_put_raw(b, ",");
        put_link(f, "next", cursor);
    }
    vg_put_raw(b, "]}\n");
}
