/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters as items: topic and payload copied, cut if they are too long.
 */
#include <stdalign.h>
#include <stddef.h>
#include <string.h>

#include "shell/inbox.h"
#include "shell/users.h"

/* How much of it is kept. */
static size_t kept_of(const struct vg_letter *letter)
{
    const size_t most = (size_t)VG_LETTER_BYTES;

    return letter->payload_length < most ? letter->payload_length : most;
}

/* With room for `more` bytes behind topic and payload. */
static struct vg_item *letter_item(struct vg_inbox *inbox,
                                   const struct vg_letter *letter, size_t more)
{
    const size_t kept = kept_of(letter);
    struct vg_item *item =
        vg_inbox_item(inbox, VG_ITEM_LETTER, letter->topic_length + kept + 2 + more);
    if (item == NULL) {
        return NULL;
    }
    char *payload = item->bytes + letter->topic_length + 1;
    memcpy(item->bytes, letter->topic, letter->topic_length);
    item->bytes[letter->topic_length] = '\0';
    if (kept > 0) {
        memcpy(payload, letter->payload, kept);
    }
    payload[kept] = '\0';
    item->letter = *letter;
    item->letter.topic = item->bytes;
    item->letter.payload = payload;
    item->letter.payload_length = kept;
    item->whole_length = letter->payload_length;
    item->retained = letter->retained;
    return item;
}

struct vg_item *vg_inbox_letter(struct vg_inbox *inbox, const struct vg_letter *letter)
{
    return letter_item(inbox, letter, 0);
}

struct vg_item *vg_inbox_entry(struct vg_inbox *inbox, const struct vg_letter *letter,
                               const struct vg_user *who)
{
    const size_t align = alignof(struct vg_user);
    struct vg_item *item =
        letter_item(inbox, letter, who != NULL ? sizeof *who + align : 0);

    if (item == NULL || who == NULL) {
        return item;
    }
    const size_t used =
        offsetof(struct vg_item, bytes) + letter->topic_length + kept_of(letter) + 2;
    void *place = (char *)item + (used + align - 1) / align * align;
    struct vg_user *copy = memcpy(place, who, sizeof *who);
    memset(copy->hash, 0, sizeof copy->hash);
    item->who = copy;
    return item;
}
