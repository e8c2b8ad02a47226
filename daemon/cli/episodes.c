/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil episodes: a patient's stays, in the house and at home, each with the beds they lay in,
 * product, donor and chain of identity, what was infused, and the devices seen.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/query.h"

static const char usage[] =
    "usage: vigil episodes PATIENT [-c FILE] [--set KEY=VALUE]... [--json]\n\n"
    "Every stay of the patient, oldest first: the beds and from when to when, product,\n"
    "donor, chain of identity, infusions, devices. Exit 0: printed; 1: none; 3: no store.\n";

struct stay {
    struct vg_episode episode;
    bool known; /* false: infusions that only named the patient */
};

struct infusion {
    char episode[VG_EPISODE_LEN + 1], what[VG_NAME_LEN + 1];
    char product[VG_NAME_LEN + 1], dose_id[VG_PATIENT_LEN + 1];
    char donor[VG_NAME_LEN + 1], chain_id[VG_PATIENT_LEN + 1];
    struct vg_instant at;
    bool taken_back;
};

struct device {
    char episode[VG_EPISODE_LEN + 1], device[VG_ID_LEN + 1];
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    struct vg_instant since, seen;
    bool there;
};

/* Everything is read first, for there is little of it. */
struct list {
    void *item; /* owned */
    size_t count, size;
};

struct found {
    struct list stays, ties, infusions, devices;
    bool failed; /* no memory */
};

/* A zeroed place at the end; NULL: no memory. */
static void *add(struct found *found, struct list *list, size_t size)
{
    void *grown = realloc(list->item, (list->count + 1) * size);

    if (grown == NULL) {
        found->failed = true;
        return NULL;
    }
    list->item = grown;
    return memset((char *)grown + size * list->count++, 0, size);
}

static bool on_episode(void *to, const struct vg_episode *episode)
{
    struct found *found = to;
    struct stay *stay = add(found, &found->stays, sizeof *stay);

    if (stay != NULL) {
        *stay = (struct stay){*episode, true};
    }
    return stay != NULL;
}

static bool on_tie(void *to, const struct vg_tie *tie)
{
    struct found *found = to;
    struct vg_tie *kept = add(found, &found->ties, sizeof *kept);

    if (kept != NULL) {
        *kept = *tie;
    }
    return kept != NULL;
}

static bool on_infusion(void *to, const struct vg_infusion_row *row)
{
    struct found *found = to;
    struct infusion *kept = add(found, &found->infusions, sizeof *kept);

    if (kept != NULL) {
        kept->at = row->at;
        kept->taken_back = row->taken_back;
        (void)vg_copy(kept->episode, sizeof kept->episode, row->episode);
        (void)vg_copy(kept->what, sizeof kept->what, row->what);
        (void)vg_copy(kept->product, sizeof kept->product, row->product);
        (void)vg_copy(kept->dose_id, sizeof kept->dose_id, row->dose_id);
        (void)vg_copy(kept->donor, sizeof kept->donor, row->donor);
        (void)vg_copy(kept->chain_id, sizeof kept->chain_id, row->chain_id);
    }
    return kept != NULL;
}

static bool on_device(void *to, const struct vg_device_row *row)
{
    struct found *found = to;
    struct device *kept = add(found, &found->devices, sizeof *kept);

    if (kept != NULL) {
        kept->since = row->since;
        kept->seen = row->seen;
        kept->there = row->there;
        (void)vg_copy(kept->episode, sizeof kept->episode, row->episode);
        (void)vg_copy(kept->device, sizeof kept->device, row->device);
        (void)vg_copy(kept->ward, sizeof kept->ward, row->ward);
        (void)vg_copy(kept->bed, sizeof kept->bed, row->bed);
    }
    return kept != NULL;
}

/* ---- For programs */

static void key(struct vg_buffer *b, const char *name)
{
    vg_put_raw(b, b->bytes[b->length - 1] == '{' ? "" : ",");
    vg_put_string(b, name);
    vg_put_raw(b, ":");
}

static void put_text(struct vg_buffer *b, const char *name, const char *text)
{
    key(b, name);
    if (text[0] != '\0') {
        vg_put_string(b, text);
    } else {
        vg_put_raw(b, "null");
    }
}

static void put_time(struct vg_buffer *b, const char *name, struct vg_instant at)
{
    key(b, name);
    if (vg_is_never(at)) {
        vg_put_raw(b, "null");
    } else {
        vg_put_time(b, at);
    }
}

/* Begins an element of a list. */
static void element(struct vg_buffer *b)
{
    vg_put_raw(b, b->bytes[b->length - 1] == '[' ? "{" : ",{");
}

static void put_beds(struct vg_buffer *b, const struct found *found, const char *id)
{
    const struct vg_tie *ties = found->ties.item;

    key(b, "beds");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < found->ties.count; i++) {
        if (strcmp(ties[i].episode, id) == 0) {
            element(b);
            put_text(b, "ward", ties[i].ward);
            put_text(b, "bed", ties[i].bed);
            put_time(b, "from", ties[i].from);
            put_time(b, "to", ties[i].to);
            vg_put_raw(b, "}");
        }
    }
    vg_put_raw(b, "]");
}

static void put_infusions(struct vg_buffer *b, const struct found *found,
                          const char *id)
{
    const struct infusion *all = found->infusions.item;

    key(b, "infusions");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < found->infusions.count; i++) {
        if (strcmp(all[i].episode, id) == 0) {
            element(b);
            put_time(b, "ts", all[i].at);
            put_text(b, "value", all[i].what);
            put_text(b, "product", all[i].product);
            put_text(b, "dose_id", all[i].dose_id);
            put_text(b, "donor", all[i].donor);
            put_text(b, "chain_id", all[i].chain_id);
            vg_put_raw(b, all[i].taken_back ? ",\"taken_back\":true}" : "}");
        }
    }
    vg_put_raw(b, "]");
}

/* When its association ended: with its last reading. VG_NEVER: not yet, or it is not known. */
static struct vg_instant until(const struct device *device)
{
    return device->there || !vg_is_set(device->seen) ? VG_NEVER : device->seen;
}

static void put_devices(struct vg_buffer *b, const struct found *found, const char *id)
{
    const struct device *all = found->devices.item;

    key(b, "devices");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < found->devices.count; i++) {
        if (strcmp(all[i].episode, id) == 0) {
            element(b);
            put_text(b, "device", all[i].device);
            put_text(b, "ward", all[i].ward);
            put_text(b, "bed", all[i].bed);
            put_time(b, "from", vg_is_set(all[i].since) ? all[i].since : VG_NEVER);
            put_time(b, "to", until(&all[i]));
            put_time(b, "seen", vg_is_set(all[i].seen) ? all[i].seen : VG_NEVER);
            vg_put_raw(b, "}");
        }
    }
    vg_put_raw(b, "]");
}

static void put_stay(struct vg_buffer *b, const struct found *found,
                     const struct vg_episode *e)
{
    element(b);
    put_text(b, "id", e->id);
    put_text(b, "patient", e->patient);
    put_text(b, "setting", e->outpatient ? "outpatient" : "inpatient");
    put_text(b, "ward", e->ward);
    put_text(b, "bed", e->bed);
    put_time(b, "begin", e->begin);
    put_time(b, "end", e->end);
    put_text(b, "protocol", e->protocol);
    put_text(b, "product", vg_product_text(e->product));
    put_text(b, "donor", e->donor);
    put_text(b, "chain_id", e->chain_id);
    put_beds(b, found, e->id);
    put_infusions(b, found, e->id);
    put_devices(b, found, e->id);
    vg_put_raw(b, "}");
}

static void print_json(const struct found *found)
{
    const struct stay *stays = found->stays.item;
    struct vg_buffer b = {0};

    vg_put_raw(&b, "{\"episodes\":[");
    for (size_t i = found->stays.count; i > 0; i--) {
        put_stay(&b, found, &stays[i - 1].episode);
    }
    vg_put_raw(&b, "]}");
    if (!b.failed) {
        (void)puts(b.bytes);
    }
    vg_buffer_finish(&b);
}

/* ---- For people */

static const char *time_text(struct vg_instant at, char text[VG_TIME_TEXT])
{
    if (vg_is_never(at)) {
        return "now";
    }
    vg_time_format(at, text);
    return text;
}

static const char *or_not_said(const char *text)
{
    return text[0] != '\0' ? text : "not said";
}

static void print_parts(const struct found *found, const char *id)
{
    const struct vg_tie *ties = found->ties.item;
    const struct infusion *infusions = found->infusions.item;
    const struct device *devices = found->devices.item;
    char from[VG_TIME_TEXT];
    char to[VG_TIME_TEXT];

    for (size_t i = 0; i < found->ties.count; i++) {
        if (strcmp(ties[i].episode, id) == 0) {
            (void)printf("  bed       %s/%s  %s to %s\n", ties[i].ward, ties[i].bed,
                         time_text(ties[i].from, from), time_text(ties[i].to, to));
        }
    }
    for (size_t i = 0; i < found->infusions.count; i++) {
        if (strcmp(infusions[i].episode, id) == 0) {
            (void)printf(
                "  infusion  %s %s%s  product %s  dose %s  donor %s"
                "  chain of identity %s\n",
                time_text(infusions[i].at, from), infusions[i].what,
                infusions[i].taken_back ? ", taken back" : "",
                or_not_said(infusions[i].product), or_not_said(infusions[i].dose_id),
                or_not_said(infusions[i].donor), or_not_said(infusions[i].chain_id));
        }
    }
    for (size_t i = 0; i < found->devices.count; i++) {
        if (strcmp(devices[i].episode, id) == 0) {
            (void)printf("  device    %s in %s/%s  %s to %s\n", devices[i].device,
                         devices[i].ward, devices[i].bed,
                         vg_is_set(devices[i].since) ? time_text(devices[i].since, from)
                                                     : "it is not known when",
                         time_text(until(&devices[i]), to));
        }
    }
}

static void print_table(const struct found *found)
{
    const struct stay *stays = found->stays.item;
    char from[VG_TIME_TEXT];
    char to[VG_TIME_TEXT];

    for (size_t i = found->stays.count; i > 0; i--) {
        const struct vg_episode *e = &stays[i - 1].episode;
        (void)printf("%s  %s  %s to %s  protocol %s\n", e->id,
                     e->outpatient ? "at home" : "inpatient", time_text(e->begin, from),
                     time_text(e->end, to), e->protocol);
        (void)printf("  product   %s  donor %s  chain of identity %s\n",
                     or_not_said(vg_product_text(e->product)), or_not_said(e->donor),
                     or_not_said(e->chain_id));
        print_parts(found, e->id);
    }
    print_parts(found, "");
}

static enum vg_status look(struct vg_reader *reader, const char *patient,
                           struct found *found, struct vg_error *error)
{
    enum vg_status status =
        vg_store_episodes(reader, NULL, patient, on_episode, found, error);

    if (status == VG_OK) {
        status = vg_store_ties(reader, patient, on_tie, found, error);
    }
    if (status == VG_OK) {
        status = vg_store_infusions(reader, patient, on_infusion, found, error);
    }
    if (status == VG_OK) {
        status = vg_store_devices(reader, patient, on_device, found, error);
    }
    if (status == VG_OK && found->failed) {
        vg_error_set(error, "no memory");
        status = VG_NO_MEMORY;
    }
    return status;
}

static int show(const struct vg_query_options *options, const char *patient)
{
    struct found found = {0};
    struct vg_error error = {""};
    struct vg_reader *reader = vg_query_open(options, "episodes");

    if (reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    const bool known = vg_query_patient(reader, "episodes", patient);
    const enum vg_status status = known ? look(reader, patient, &found, &error) : VG_OK;
    vg_store_read_close(reader);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil episodes: %s\n", error.text);
    } else if (options->json) {
        print_json(&found);
    } else {
        print_table(&found);
    }
    const bool any = found.stays.count + found.infusions.count > 0;
    free(found.stays.item);
    free(found.ties.item);
    free(found.infusions.item);
    free(found.devices.item);
    return status != VG_OK ? VG_EXIT_CANNOT : any ? VG_EXIT_DONE : VG_EXIT_NO;
}

int vg_cli_episodes(int argc, char **argv)
{
    static struct vg_query_options options; /* large, and there is one */
    const char *patient = NULL;

    vg_settings_default(&options.settings);
    for (int i = 1; i < argc; i++) {
        int done = 0;
        if (vg_query_word(&options, usage, argc, argv, &i, &done)) {
            if (done != 0) {
                return done < 0 ? VG_EXIT_DONE : done;
            }
        } else if (patient == NULL && argv[i][0] != '-') {
            patient = argv[i];
        } else {
            patient = NULL;
            break;
        }
    }
    if (patient == NULL) {
        (void)fputs(usage, stderr);
    }
    return patient != NULL ? show(&options, patient) : VG_EXIT_USAGE;
}
