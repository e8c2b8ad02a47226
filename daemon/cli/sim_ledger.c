/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that is only appended to.
 */
#include "cli/sim_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/audit_hash.h"

struct vg_sim_ledger {
    int file;
    struct vg_buffer line;
};

enum vg_status vg_sim_ledger_open(const char *path, struct vg_sim_ledger **out,
                                  struct vg_error *error)
{
    struct vg_sim_ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) {
        return VG_NO_MEMORY;
    }
    ledger->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (ledger->file < 0) {
        vg_error_set(error, "cannot write the ledger %.120s: %s", path,
                     strerrordesc_np(errno));
        free(ledger);
        return VG_FAILED;
    }
    *out = ledger;
    return VG_OK;
}

void vg_sim_ledger_close(struct vg_sim_ledger *ledger)
{
    if (ledger != NULL) {
        (void)close(ledger->file);
        vg_buffer_finish(&ledger->line);
        free(ledger);
    }
}

static void put_member(struct vg_buffer *line, const char *name, const char *value)
{
    vg_put_raw(line, name);
    vg_put_string(line, value);
}

enum vg_status vg_sim_ledger_add(struct vg_sim_ledger *ledger,
                                 const struct vg_sim_entry *entry)
{
    char digest[VG_AUDIT_HEX];
    if (ledger == NULL) {
        return VG_OK;
    }
    vg_audit_digest((struct vg_slice){entry->message, entry->length}, digest);
    struct vg_buffer *line = &ledger->line;
    vg_buffer_clear(line);
    put_member(line, "{\"gateway\":", entry->gateway);
    put_member(line, ",\"epoch\":", entry->epoch);
    vg_put_raw(line, ",\"seq\":");
    vg_put_int(line, (int64_t)entry->seq);
    put_member(line, ",\"topic\":", entry->topic);
    vg_put_raw(line, ",\"bytes\":");
    vg_put_int(line, (int64_t)entry->length);
    put_member(line, ",\"sha256\":", digest);
    vg_put_raw(line, ",\"message\":");
    vg_buffer_add(line, entry->message, entry->length);
    vg_put_raw(line, "}\n");
    if (line->failed) {
        return VG_NO_MEMORY;
    }
    ssize_t written = write(ledger->file, line->bytes, line->length);
    return written == (ssize_t)line->length ? VG_OK : VG_FAILED;
}
