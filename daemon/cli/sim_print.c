/* SPDX-License-Identifier: Apache-2.0
 *
 * One line a message as it arrives.
 */
#include "cli/sim_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gateway {
    struct vg_sim_sender sender; /* first */
    struct vg_sim_printer *printer;
};

struct vg_sim_printer {
    struct vg_sim_wire *wire;
    struct vg_sim_ledger *ledger;
    struct vg_instant begun;
    vg_ms now;
    struct vg_buffer line;
    bool failed;
    struct vg_sim_print_counts counts;
    size_t count;
    struct gateway gateway[];
};

static enum vg_status put(struct vg_sim_sender *sender, const char *topic,
                          const struct vg_buffer *message)
{
    struct vg_sim_printer *printer = ((struct gateway *)sender)->printer;
    struct vg_sim_entry entry = {sender->id,       sender->epoch,  topic,
                                 sender->next_seq, message->bytes, message->length};
    const struct vg_letter letter = {.topic = topic,
                                     .topic_length = strlen(topic),
                                     .payload = message->bytes,
                                     .payload_length = message->length};
    if (message->failed) {
        return VG_NO_MEMORY;
    }
    enum vg_status status = vg_sim_ledger_add(printer->ledger, &entry);
    if (status == VG_OK) {
        status = vg_sim_wire_send(printer->wire, printer->now, &letter);
    }
    if (status == VG_OK) {
        sender->next_seq++;
        printer->counts.messages++;
    }
    return status;
}

static enum vg_status arrive(void *to, vg_ms now, const struct vg_letter *letter)
{
    struct vg_sim_printer *printer = to;
    struct vg_buffer *line = &printer->line;
    vg_buffer_clear(line);
    vg_put_raw(line, "{\"at\":");
    vg_put_time(line, vg_after(printer->begun, now));
    vg_put_raw(line, ",\"topic\":");
    vg_put_string(line, letter->topic);
    vg_put_raw(line, ",\"payload\":");
    vg_buffer_add(line, letter->payload, letter->payload_length);
    vg_put_raw(line, "}\n");
    if (line->failed || fwrite(line->bytes, 1, line->length, stdout) != line->length) {
        printer->failed = true;
        return VG_FAILED;
    }
    printer->counts.lines++;
    return VG_OK;
}

struct vg_sim_printer *vg_sim_printer_create(size_t count,
                                             const struct vg_sim_faults *faults,
                                             struct vg_sim_chance chance,
                                             struct vg_instant begun,
                                             struct vg_sim_ledger *ledger)
{
    struct vg_sim_printer *printer =
        calloc(1, sizeof *printer + count * sizeof(struct gateway));
    if (printer == NULL) {
        return NULL;
    }
    printer->wire = vg_sim_wire_create(faults, chance, arrive, printer);
    if (printer->wire == NULL) {
        free(printer);
        return NULL;
    }
    printer->ledger = ledger;
    printer->begun = begun;
    printer->count = count;
    for (size_t i = 0; i < count; i++) {
        struct vg_sim_sender *sender = &printer->gateway[i].sender;
        printer->gateway[i].printer = printer;
        *sender = (struct vg_sim_sender){.epoch = "print", .next_seq = 1, .put = put};
        (void)snprintf(sender->id, sizeof sender->id, "gw-%02zu", i + 1);
    }
    return printer;
}

void vg_sim_printer_destroy(struct vg_sim_printer *printer)
{
    if (printer != NULL) {
        vg_sim_wire_destroy(printer->wire);
        vg_buffer_finish(&printer->line);
        free(printer);
    }
}

struct vg_sim_sender *vg_sim_printer_sender(struct vg_sim_printer *printer, size_t i)
{
    return &printer->gateway[i].sender;
}

enum vg_status vg_sim_printer_run(struct vg_sim_printer *printer, vg_ms elapsed)
{
    vg_sim_wire_run(printer->wire, elapsed);
    printer->now = elapsed;
    return printer->failed ? VG_FAILED : VG_OK;
}

vg_ms vg_sim_printer_due(const struct vg_sim_printer *printer)
{
    return vg_sim_wire_due(printer->wire);
}

struct vg_sim_print_counts vg_sim_printer_counts(const struct vg_sim_printer *printer)
{
    return printer->counts;
}

struct vg_sim_wire_counts vg_sim_printer_faults(const struct vg_sim_printer *printer)
{
    return vg_sim_wire_counts(printer->wire);
}
