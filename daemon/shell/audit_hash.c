/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain; see audit_hash.h. Numbers are hashed as eight bytes, high one first, and each
 * text after its length, so that no two rows are hashed as the same bytes.
 */
#include "shell/audit_hash.h"

#include <openssl/evp.h>
#include <string.h>

static bool put_number(EVP_MD_CTX *digest, uint64_t number)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    }
    return EVP_DigestUpdate(digest, bytes, sizeof bytes) == 1;
}

static bool put_text(EVP_MD_CTX *digest, struct vg_slice text)
{
    return put_number(digest, text.length) &&
           EVP_DigestUpdate(digest, text.text, text.length) == 1;
}

enum vg_status vg_audit_add(struct vg_audit_chain *chain,
                            const struct vg_audit_row *row)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    const bool good =
        digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
        EVP_DigestUpdate(digest, chain->hash, sizeof chain->hash) == 1 &&
        put_number(digest, (uint64_t)row->id) &&
        put_number(digest, (uint64_t)row->at.ms) && put_text(digest, row->kind) &&
        put_text(digest, row->subject) && put_text(digest, row->body) &&
        EVP_DigestFinal_ex(digest, hash, NULL) == 1;

    EVP_MD_CTX_free(digest);
    if (!good) {
        return VG_NO_MEMORY; /* SHA-256 has no other reason */
    }
    memcpy(chain->hash, hash, sizeof chain->hash);
    chain->count = (uint64_t)row->id;
    return VG_OK;
}

enum vg_status vg_audit_digest(struct vg_slice bytes, char out[VG_AUDIT_HEX])
{
    uint8_t hash[EVP_MAX_MD_SIZE];

    if (EVP_Digest(bytes.text, bytes.length, hash, NULL, EVP_sha256(), NULL) != 1) {
        return VG_NO_MEMORY;
    }
    vg_audit_hex(hash, out);
    return VG_OK;
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
