/* SPDX-License-Identifier: Apache-2.0
 *
 * FHIR: what is asked, and by whom it is answered. See api_fhir.h.
 */
#include "shell/api_fhir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- The form of the answer */

/* Whether one of these stands in a list of what the client takes; q=0 is not looked at. */
static bool takes_json(const char *accept)
{
    static const char *const types[] = {"application/fhir+json", "application/json",
                                        "text/json", "application/*", "*/*"};
    bool taken = accept[strspn(accept, " ")] == '\0';

    for (size_t i = 0; i < sizeof types / sizeof *types && !taken; i++) {
        taken = strcasestr(accept, types[i]) != NULL;
    }
    return taken;
}

/* _format wins over Accept, for browsers. */
static bool form_fits(const struct vg_api_call *call, struct vg_api_answer *answer)
{
    static const char *const names[] = {"json", "application/json", "text/json",
                                        "application/fhir+json",
                                        "application/fhir json"}; /* plus not escaped */
    const char *format = vg_api_argument(call, "_format");
    bool fits = format == NULL && takes_json(call->accept);

    for (size_t i = 0; i < sizeof names / sizeof *names && format != NULL && !fits;
         i++) {
        fits = strcmp(format, names[i]) == 0;
    }
    if (!fits) {
        vg_api_problem(call, answer, 406, "only JSON is served: application/fhir+json");
    }
    answer->type = "application/fhir+json";
    return fits;
}

/* A name for links; a Host with anything odd in it is nobody's. */
static void take_base(const struct vg_api_call *call, char *out, size_t size)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._:[]";
    const size_t length = strlen(call->host);

    out[0] = '\0';
    if (length > 0 && length < size - 16 && strspn(call->host, plain) == length) {
        (void)snprintf(out, size, "http%s://%s/fhir", call->secure ? "s" : "",
                       call->host);
    }
}

void vg_api_fhir_metadata(struct vg_api *api, const struct vg_api_call *call,
                          struct vg_api_answer *answer)
{
    char base[160];

    (void)api;
    if (form_fits(call, answer)) {
        take_base(call, base, sizeof base);
        vg_fhir_put_metadata(&answer->text, base, VG_VERSION);
    }
}

/* ---- Parameters. False: a problem has been answered. */

static bool wrong(struct vg_fhir_call *f, const char *name, const char *rule)
{
    vg_api_problem(f->call, f->answer, 400, "%.40s %s", name, rule);
    return false;
}

/* "Patient/p-0042", "https://…/fhir/Patient/p-0042", "p-0042". */
static const char *target_of(const char *reference, const char *type)
{
    const char *id = strrchr(reference, '/');
    const size_t length = strlen(type);

    if (id == NULL) {
        return reference;
    }
    const size_t before = (size_t)(id - reference);
    const bool fits = before >= length && strncmp(id - length, type, length) == 0 &&
                      (before == length || id[-(ptrdiff_t)length - 1] == '/');
    return fits ? id + 1 : NULL;
}

static bool take_patient(struct vg_fhir_call *f, const char *name, const char *value)
{
    const char *id = target_of(value, "Patient");
    char patient[VG_PATIENT_LEN + 1];

    if (id == NULL || vg_fhir_patient_of(id, patient) != VG_OK) {
        return wrong(f, name, "must name one patient: p-0042 or Patient/p-0042");
    }
    f->nothing =
        f->nothing || (f->patient[0] != '\0' && strcmp(f->patient, patient) != 0);
    (void)vg_copy(f->patient, sizeof f->patient, patient);
    return true;
}

static bool take_encounter(struct vg_fhir_call *f, const char *name, const char *value)
{
    const char *id = target_of(value, "Encounter");

    if (id == NULL || !vg_copy(f->episode, sizeof f->episode, id)) {
        return wrong(f, name, "must name one episode: Encounter/…");
    }
    return true;
}

static bool take_id(struct vg_fhir_call *f, const char *name, const char *value)
{
    if (strlen(value) > VG_FHIR_ID_LEN || value[0] == '\0' ||
        strchr(value, ',') != NULL) {
        return wrong(f, name, "must be one id of 1 to 64 of A-Z a-z 0-9 . -");
    }
    f->nothing = f->nothing || (f->id != NULL && strcmp(f->id, value) != 0);
    f->id = value;
    return true;
}

/* "urn:vigil:patient|p-0042" or "p-0042". */
static bool take_identifier(struct vg_fhir_call *f, const char *name, const char *value)
{
    static const char *const systems[VG_FHIR_TYPES] = {
        [VG_FHIR_PATIENT] = "urn:vigil:patient",
        [VG_FHIR_ENCOUNTER] = "urn:vigil:episode",
        [VG_FHIR_FLAG] = "urn:vigil:alert"};
    const char *bar = strchr(value, '|');
    const char *system = systems[f->type];

    if (bar != NULL && (strlen(system) != (size_t)(bar - value) ||
                        strncmp(system, value, strlen(system)) != 0)) {
        f->nothing = true;
    }
    value = bar != NULL ? bar + 1 : value;
    if (f->type != VG_FHIR_PATIENT) {
        return take_id(f, name, value);
    }
    if (vg_fhir_patient_id(value, f->id_text) != VG_OK) {
        return wrong(f, name, "is longer than a pseudonym may be");
    }
    return take_id(f, name, f->id_text);
}

/* Several narrow it further. */
static bool take_picks(struct vg_fhir_call *f, const char *name, const char *value)
{
    struct vg_fhir_pick pick = {0};
    const enum vg_status status = strcmp(name, "code") == 0
                                      ? vg_fhir_pick_codes(value, &pick)
                                      : vg_fhir_pick_categories(value, &pick);

    if (status != VG_OK) {
        return wrong(f, name, "names too many at once");
    }
    f->pick.signals &= pick.signals;
    f->pick.scores &= pick.scores;
    f->pick.sites &= pick.sites;
    return true;
}

static bool take_date(struct vg_fhir_call *f, const char *name, const char *value)
{
    struct vg_fhir_date date;

    if (f->date_count == VG_FHIR_DATES || vg_fhir_date_parse(value, &date) != VG_OK) {
        return wrong(f, name,
                     "must be a date like ge2026-11-23 or lt2026-11-23T06:12:00Z, at "
                     "most four");
    }
    f->date[f->date_count++] = date;
    if ((f->type == VG_FHIR_OBSERVATION || f->type == VG_FHIR_COMMUNICATION) &&
        vg_fhir_date_narrow(&date, &f->from, &f->to) != VG_OK) {
        return wrong(f, name, "takes the prefixes eq gt ge lt le sa eb here");
    }
    return true;
}

static bool take_status(struct vg_fhir_call *f, const char *name, const char *value)
{
    (void)name;
    f->status = value;
    return true;
}

/* Each list has one order; observations have two. */
static bool take_sort(struct vg_fhir_call *f, const char *name, const char *value)
{
    static const char *const orders[VG_FHIR_TYPES] = {[VG_FHIR_PATIENT] = "",
                                                      [VG_FHIR_ENCOUNTER] = "-date",
                                                      [VG_FHIR_OBSERVATION] = "date",
                                                      [VG_FHIR_FLAG] = "date",
                                                      [VG_FHIR_COMMUNICATION] = "sent"};

    f->newest_first = f->type == VG_FHIR_OBSERVATION && strcmp(value, "-date") == 0;
    if (!f->newest_first && strcmp(value, orders[f->type]) != 0) {
        return wrong(f, name,
                     f->type == VG_FHIR_OBSERVATION
                         ? "must be date or -date"
                         : "knows one order for this type (see metadata)");
    }
    return true;
}

static bool take_count(struct vg_fhir_call *f, const char *name, const char *value)
{
    char *end = NULL;
    const unsigned long number = strtoul(value, &end, 10);

    if (value[0] < '0' || value[0] > '9' || *end != '\0' || number == 0) {
        return wrong(f, name, "must be a whole number from 1 to 1000");
    }
    f->count = number < VG_FHIR_COUNT_MOST ? number : VG_FHIR_COUNT_MOST;
    return true;
}

static bool take_cursor(struct vg_fhir_call *f, const char *name, const char *value)
{
    return vg_cursor_parse(value, strlen(value), &f->after) == VG_OK ||
           wrong(f, name, "is not from a next link");
}

static bool take_format(struct vg_fhir_call *f, const char *name, const char *value)
{
    (void)f;
    (void)name;
    (void)value;
    return true; /* looked at before */
}

static const struct parameter {
    const char *name;
    bool (*take)(struct vg_fhir_call *f, const char *name, const char *value);
    bool once;
} parameters[] = {{"_id", take_id, true},
                  {"identifier", take_identifier, true},
                  {"patient", take_patient, true},
                  {"subject", take_patient, true},
                  {"encounter", take_encounter, true},
                  {"code", take_picks, false},
                  {"category", take_picks, false},
                  {"date", take_date, false},
                  {"sent", take_date, false},
                  {"status", take_status, true},
                  {"_sort", take_sort, true},
                  {"_count", take_count, true}};
static const struct parameter always[] = {{"_cursor", take_cursor, true},
                                          {"_format", take_format, true}};

static const struct parameter *find_in(const struct parameter *table, size_t count,
                                       const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static const struct parameter *find(const struct vg_fhir_call *f, const char *name)
{
    const struct parameter *p = find_in(always, sizeof always / sizeof *always, name);

    return p == NULL && vg_fhir_searchable(f->type, name)
               ? find_in(parameters, sizeof parameters / sizeof *parameters, name)
               : p;
}

static bool is_strict(const struct vg_api_call *call)
{
    return strstr(call->prefer, "handling=strict") != NULL;
}

/* A parameter that is not known is ignored unless the client is strict; one that is known may not
 * be misunderstood, so that a modifier is always an error. */
static bool take_argument(struct vg_fhir_call *f, size_t i)
{
    const char *name = f->call->argument[i].name;
    const char *value = f->call->argument[i].value;
    char bare[32] = "";
    const size_t length = strcspn(name, ":");

    if (length < sizeof bare) {
        memcpy(bare, name, length);
    }
    const struct parameter *p = find(f, bare);
    if (p == NULL) {
        return !is_strict(f->call) || wrong(f, name, "is no parameter here");
    }
    if (name[length] == ':' &&
        (p->take != take_patient || strcmp(name + length, ":Patient") != 0)) {
        return wrong(f, name, "has a modifier that is not known here");
    }
    for (size_t k = 0; k < i && p->once; k++) {
        if (strcmp(f->call->argument[k].name, name) == 0) {
            return wrong(f, name, "is given twice");
        }
    }
    return p->take(f, bare, value);
}

static bool take_arguments(struct vg_fhir_call *f)
{
    bool good = !f->call->too_long || wrong(f, "there are", "too many parameters");

    for (size_t i = 0; i < f->call->argument_count && good; i++) {
        good = take_argument(f, i);
    }
    return good;
}

/* ---- Who answers */

static vg_fhir_fn *const handlers[VG_FHIR_TYPES] = {
    [VG_FHIR_PATIENT] = vg_fhir_patient,
    [VG_FHIR_ENCOUNTER] = vg_fhir_encounter,
    [VG_FHIR_OBSERVATION] = vg_fhir_observation,
    [VG_FHIR_FLAG] = vg_fhir_flag,
    [VG_FHIR_COMMUNICATION] = vg_fhir_communication,
};

static bool begin(struct vg_fhir_call *f)
{
    const char *type = f->call->part[1];

    f->from = VG_UNSET;
    f->to = VG_NEVER;
    f->pick = vg_fhir_pick_all;
    f->count = VG_FHIR_COUNT_USUAL;
    vg_error_set(&f->error, "no memory");
    take_base(f->call, f->base, sizeof f->base);
    if (!form_fits(f->call, f->answer)) {
        return false;
    }
    if (vg_fhir_type_find(type, &f->type) != VG_OK) {
        vg_api_problem(f->call, f->answer, 404, "there are no resources \"%.40s\" here",
                       type);
        return false;
    }
    f->reader = vg_api_reader(f->api, f->call, f->answer);
    return f->reader != NULL;
}

void vg_api_fhir_search(struct vg_api *api, const struct vg_api_call *call,
                        struct vg_api_answer *answer)
{
    struct vg_fhir_call f = {.api = api, .call = call, .answer = answer};

    if (!begin(&f) || !take_arguments(&f)) {
        return;
    }
    const enum vg_status status = handlers[f.type](&f, false);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &f.error);
    } else if (answer->status == 200) {
        vg_fhir_bundle_end(&f);
    }
}

/* Without parameters but for the form. */
void vg_api_fhir_read(struct vg_api *api, const struct vg_api_call *call,
                      struct vg_api_answer *answer)
{
    struct vg_fhir_call f = {.api = api, .call = call, .answer = answer};

    if (!begin(&f)) {
        return;
    }
    for (size_t i = 0; i < call->argument_count && is_strict(call); i++) {
        if (strcmp(call->argument[i].name, "_format") != 0) {
            (void)wrong(&f, call->argument[i].name, "is no parameter of a read");
            return;
        }
    }
    f.id = call->part[2];
    f.count = 1;
    const enum vg_status status = handlers[f.type](&f, true);
    if (status == VG_ABSENT) {
        vg_api_problem(call, answer, 404, "there is no %s \"%.64s\"", call->part[1],
                       f.id);
    } else if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &f.error);
    }
}
