/* SPDX-License-Identifier: Apache-2.0
 *
 * Passwords and tokens. The only file that knows libargon2.
 *
 * Costs: 19 MiB, 2 passes, 1 lane, the least that OWASP's Password Storage Cheat Sheet gives
 * for argon2id.
 */
#include <argon2.h>
#include <string.h>

#include <uv.h>

#include "shell/users.h"

#define MEMORY_KIB 19456
#define PASSES     2
#define SALT       16
#define HASH       32

static bool random_bytes(void *out, size_t length)
{
    return uv_random(NULL, NULL, out, length, 0, NULL) == 0;
}

bool vg_secret_hash(const char *secret, char out[VG_USER_HASH])
{
    uint8_t salt[SALT];

    return random_bytes(salt, sizeof salt) &&
           argon2id_hash_encoded(PASSES, MEMORY_KIB, 1, secret, strlen(secret), salt,
                                 sizeof salt, HASH, out, VG_USER_HASH) == ARGON2_OK;
}

bool vg_secret_is(const char *hash, const char *secret)
{
    return argon2id_verify(hash, secret, strlen(secret)) == ARGON2_OK;
}

bool vg_token_split(const char *token, char name[VG_ID_LEN + 1], const char **secret)
{
    const char *dot = strncmp(token, "vg1.", 4) == 0 ? strrchr(token + 4, '.') : NULL;

    if (dot == NULL || !vg_id_valid(token + 4, (size_t)(dot - token - 4)) ||
        strlen(dot + 1) != VG_TOKEN_LEN) {
        return false;
    }
    memcpy(name, token + 4, (size_t)(dot - token - 4));
    name[dot - token - 4] = '\0';
    *secret = dot + 1;
    return true;
}

bool vg_secret_make(char out[VG_TOKEN_LEN + 1])
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t bytes[VG_TOKEN_LEN];

    if (!random_bytes(bytes, sizeof bytes)) {
        return false;
    }
    for (size_t i = 0; i < VG_TOKEN_LEN; i++) {
        out[i] = digits[bytes[i] & 63]; /* six bits each: 258 in all */
    }
    out[VG_TOKEN_LEN] = '\0';
    return true;
}
