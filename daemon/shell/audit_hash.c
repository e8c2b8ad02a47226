/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain; see audit_hash.h. Numbers are hashed as eight bytes, high one first, and each
 * text after its length, so that no two rows are hashed as the same bytes. SHA-256 is nettle's,
 * which is in the process with libmicrohttpd: libcrypto's would bring 2 MB of providers.
 */
#include "shell/audit_hash.h"

#include <nettle/sha2.h>
#include <string.h>

static void put_number(struct sha256_ctx *digest, uint64_t number)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    }
    sha256_update(digest, sizeof bytes, bytes);
}

static void put_bytes(struct sha256_ctx *digest, struct vg_slice text)
{
    if (text.length > 0) {
        sha256_update(digest, text.length, (const uint8_t *)text.text);
    }
}

static void put_text(struct sha256_ctx *digest, struct vg_slice text)
{
    put_number(digest, text.length);
    put_bytes(digest, text);
}

void vg_audit_add(struct vg_audit_chain *chain, const struct vg_audit_row *row)
{
    struct sha256_ctx digest;

    sha256_init(&digest);
    sha256_update(&digest, sizeof chain->hash, chain->hash);
    put_number(&digest, (uint64_t)row->id);
    put_number(&digest, (uint64_t)row->at.ms);
    put_text(&digest, row->kind);
    put_text(&digest, row->subject);
    put_text(&digest, row->body);
    sha256_digest(&digest, sizeof chain->hash, chain->hash);
    chain->count = (uint64_t)row->id;
}

void vg_audit_digest(struct vg_slice bytes, char out[VG_AUDIT_HEX])
{
    uint8_t hash[VG_AUDIT_BYTES];
    struct sha256_ctx digest;

    sha256_init(&digest);
    put_bytes(&digest, bytes);
    sha256_digest(&digest, sizeof hash, hash);
    vg_audit_hex(hash, out);
}

static const char digits[] = "0123456789abcdef";

void vg_audit_hex(const uint8_t hash[VG_AUDIT_BYTES], char out[VG_AUDIT_HEX])
{
    for (size_t i = 0; i < VG_AUDIT_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[VG_AUDIT_HEX - 1] = '\0';
}

bool vg_audit_unhex(struct vg_slice text, uint8_t out[VG_AUDIT_BYTES])
{
    if (text.length != VG_AUDIT_HEX - 1) {
        return false;
    }
    for (size_t i = 0; i < VG_AUDIT_BYTES; i++) {
        const char *high = memchr(digits, text.text[2 * i], 16);
        const char *low = memchr(digits, text.text[2 * i + 1], 16);
        if (high == NULL || low == NULL) {
            return false;
        }
        out[i] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return true;
}

struct vg_audit_head vg_audit_head_of(const struct vg_audit_chain *chain)
{
    struct vg_audit_head head = {.count = chain->count};

    vg_audit_hex(chain->hash, head.hash);
    return head;
}
