/* SPDX-License-Identifier: Apache-2.0
 *
 * See limits_shown.h.
 */
#include "shell/limits_shown.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "wire/encode_parts.h"

struct list {
    char name[VG_ID_LEN + 1];
    struct vg_buffer text;
};

struct vg_limits_shown {
    pthread_mutex_t lock; /* held for copies only */
    size_t count;
    struct list *list;
};

struct vg_limits_shown *vg_limits_shown_create(void)
{
    struct vg_limits_shown *shown = calloc(1, sizeof *shown);

    if (shown != NULL) {
        (void)pthread_mutex_init(&shown->lock, NULL);
    }
    return shown;
}

static void free_lists(struct list *list, size_t count)
{
    for (size_t i = 0; list != NULL && i < count; i++) {
        vg_buffer_finish(&list[i].text);
    }
    free(list);
}

void vg_limits_shown_destroy(struct vg_limits_shown *shown)
{
    if (shown != NULL) {
        free_lists(shown->list, shown->count);
        (void)pthread_mutex_destroy(&shown->lock);
        free(shown);
    }
}

static void put_limit(struct vg_buffer *b, const struct vg_limit *limit)
{
    const struct vg_signal_info *info = vg_signal_info(limit->signal);

    vg_put_raw(b, "{\"code\":");
    vg_put_string(b, info->code);
    vg_key_text(b, "side", vg_limit_side_text(limit->side));
    vg_key(b, "value");
    vg_put_decimal(b, vg_decimal_of(limit->milli, 3));
    vg_key_text(b, "unit", vg_unit_text(info->unit));
    vg_key_text_or_null(b, "flag", limit->scale2 ? "scale2" : "");
    vg_key_text(b, "severity", vg_severity_text(limit->severity));
    vg_key_text(b, "rule", limit->rule);
    vg_put_raw(b, "}");
}

static void put_protocol(struct vg_buffer *b, const struct vg_protocol *protocol)
{
    struct vg_limit limits[VG_LIMITS];
    const size_t count = vg_protocol_limits(protocol, limits, VG_LIMITS);

    vg_put_raw(b, "{\"limits\":[");
    for (size_t i = 0; i < count; i++) {
        vg_put_raw(b, i > 0 ? "," : "");
        put_limit(b, &limits[i]);
    }
    vg_put_raw(b, "]");
    vg_key_text(b, "protocol", protocol->name);
    vg_key_text(b, "version", protocol->version);
    vg_key_text(b, "digest", protocol->digest);
    vg_put_raw(b, "}\n");
}

void vg_limits_shown_set(struct vg_limits_shown *shown,
                         struct vg_protocol *const *protocol, size_t count)
{
    struct list *list = calloc(count + 1, sizeof *list);
    bool whole = list != NULL;

    for (size_t i = 0; i < count && whole; i++) {
        (void)vg_copy(list[i].name, sizeof list[i].name, protocol[i]->name);
        put_protocol(&list[i].text, protocol[i]);
        whole = !list[i].text.failed;
    }
    if (!whole) {
        free_lists(list, count);
        return;
    }
    (void)pthread_mutex_lock(&shown->lock);
    struct list *old = shown->list;
    const size_t old_count = shown->count;
    shown->list = list;
    shown->count = count;
    (void)pthread_mutex_unlock(&shown->lock);
    free_lists(old, old_count);
}

bool vg_limits_shown_put(struct vg_limits_shown *shown, const char *name,
                         struct vg_buffer *b)
{
    bool found = false;

    (void)pthread_mutex_lock(&shown->lock);
    for (size_t i = 0; i < shown->count && !found; i++) {
        found = strcmp(shown->list[i].name, name) == 0;
        if (found) {
            vg_buffer_add(b, shown->list[i].text.bytes, shown->list[i].text.length);
        }
    }
    (void)pthread_mutex_unlock(&shown->lock);
    return found;
}
