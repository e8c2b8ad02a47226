/* SPDX-License-Identifier: Apache-2.0
 *
 * Which alert is meant: read from the store, which is not touched. The beginning of an id
 * is enough where only one open alert has it.
 */
#include <string.h>

#include "cli/command.h"

struct search {
    const char *begins;
    size_t found;
    char id[2][VG_ALERT_LEN + 1];
    char ward[VG_ID_LEN + 1];
};

static char upper(char c)
{
    if (c >= 'a' && c <= 'z') {
        c = (char)(c - 'a' + 'A');
    }
    return c;
}

static bool on_alert(void *to, const char *json, size_t length)
{
    struct search *search = to;
    struct vg_alert alert;

    if (vg_decode_alert(json, length, &alert) != VG_OK ||
        strncmp(alert.id, search->begins, strlen(search->begins)) != 0) {
        return true;
    }
    if (search->found < 2) {
        (void)vg_copy(search->id[search->found], sizeof search->id[0], alert.id);
    }
    (void)vg_copy(search->ward, sizeof search->ward, alert.ward);
    search->found++;
    return true;
}

/* Open ones; and whatever has exactly this id, so that a late command is answered. */
static enum vg_status look(struct vg_reader *reader, struct search *search,
                           struct vg_error *error)
{
    const struct vg_alert_query open = {
        .state = VG_ALERTS_OPEN, .from = VG_UNSET, .to = VG_NEVER};
    const struct vg_alert_query exact = {
        .state = VG_ALERTS_ALL, .id = search->begins, .from = VG_UNSET, .to = VG_NEVER};
    enum vg_status status = vg_store_alerts(reader, &open, on_alert, search, error);

    if (status == VG_OK && search->found == 0 &&
        strlen(search->begins) == VG_ALERT_LEN) {
        status = vg_store_alerts(reader, &exact, on_alert, search, error);
    }
    return status;
}

static int take(struct vg_asking *asking, const struct search *search)
{
    if (search->found == 0) {
        (void)fprintf(stderr,
                      "vigil %s: no open alert's id begins with %s; `vigil alerts` "
                      "lists them\n",
                      asking->name, search->begins);
        return VG_EXIT_NO;
    }
    if (search->found > 1) {
        (void)fprintf(stderr,
                      "vigil %s: %zu open alerts begin with %s, such as %s and %s: "
                      "give more of the id\n",
                      asking->name, search->found, search->begins, search->id[0],
                      search->id[1]);
        return VG_EXIT_USAGE;
    }
    (void)vg_copy(asking->command.alert, sizeof asking->command.alert, search->id[0]);
    (void)vg_copy(asking->command.ward, sizeof asking->command.ward, search->ward);
    return VG_EXIT_DONE;
}

int vg_asking_find(struct vg_asking *asking)
{
    char begins[VG_ALERT_LEN + 1] = "";
    struct search search = {.begins = begins};
    struct vg_error error = {""};

    if (asking->subject[0] == '\0' ||
        !vg_copy(begins, sizeof begins, asking->subject)) {
        (void)fprintf(stderr, "vigil %s: %s is no id of an alert\n", asking->name,
                      asking->subject);
        return VG_EXIT_USAGE;
    }
    for (char *c = begins; *c != '\0'; c++) {
        *c = upper(*c);
    }
    if (asking->ward != NULL) { /* the daemon may be on another machine */
        (void)vg_copy(asking->command.alert, sizeof asking->command.alert, begins);
        (void)vg_copy(asking->command.ward, sizeof asking->command.ward, asking->ward);
        return VG_EXIT_DONE;
    }
    struct vg_reader *reader = vg_query_open(&asking->options, asking->name);
    if (reader == NULL) {
        (void)fprintf(stderr,
                      "vigil %s: where there is no store, give --ward and the whole "
                      "id\n",
                      asking->name);
        return VG_EXIT_CANNOT;
    }
    const enum vg_status status = look(reader, &search, &error);
    vg_store_read_close(reader);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil %s: %s\n", asking->name, error.text);
        return VG_EXIT_CANNOT;
    }
    return take(asking, &search);
}

bool vg_place_split(const char *text, char ward[VG_ID_LEN + 1], char bed[VG_ID_LEN + 1])
{
    const size_t length = strcspn(text, "/");
    const char *rest = text + length + 1;

    if (text[length] != '/' || !vg_id_valid(text, length) ||
        !vg_id_valid(rest, strlen(rest))) {
        return false;
    }
    memcpy(ward, text, length);
    ward[length] = '\0';
    return vg_copy(bed, VG_ID_LEN + 1, rest);
}
