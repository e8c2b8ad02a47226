/* SPDX-License-Identifier: Apache-2.0
 *
 * zstd frames with their content's size and checksum. See store_zip.h.
 */
#include "shell/store_zip.h"

#include <zstd.h>
#include <zstd_errors.h>

/* Measured on real recordings: 9 saves a twentieth and takes six times as long. */
#define LEVEL 3

void vg_zip_finish(struct vg_zip *zip)
{
    ZSTD_freeCCtx(zip->packer);
    ZSTD_freeDCtx(zip->unpacker);
    *zip = (struct vg_zip){NULL, NULL};
}

/* Room for `more` bytes behind what is there. */
static bool make_room(struct vg_pack *pack, size_t more)
{
    const size_t length = pack->length;

    if (pack->capacity - length >= more) {
        return true;
    }
    static const uint8_t zeros[4096];
    while (pack->capacity - length < more && !pack->failed) {
        vg_pack_bytes(pack, zeros, sizeof zeros);
    }
    pack->length = length;
    return !pack->failed;
}

static bool prepare(struct vg_zip *zip)
{
    if (zip->packer != NULL) {
        return true;
    }
    ZSTD_CCtx *packer = ZSTD_createCCtx();
    if (packer == NULL) {
        return false;
    }
    if (ZSTD_isError(ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, 1))) {
        ZSTD_freeCCtx(packer);
        return false;
    }
    zip->packer = packer;
    return true;
}

enum vg_status vg_zip_pack(struct vg_zip *zip, const struct vg_pack *in,
                           struct vg_pack *out)
{
    if (in->length > VG_ZIP_MOST) {
        return VG_FULL;
    }
    const size_t most = ZSTD_compressBound(in->length);
    if (in->failed || !prepare(zip) || !make_room(out, most)) {
        return VG_NO_MEMORY;
    }
    const size_t n = ZSTD_compress2(zip->packer, out->bytes + out->length, most,
                                    in->bytes, in->length);
    if (ZSTD_isError(n)) {
        return VG_NO_MEMORY;
    }
    out->length += n;
    return VG_OK;
}

enum vg_status vg_zip_unpack(struct vg_zip *zip, struct vg_slice in,
                             struct vg_pack *out)
{
    const unsigned long long size = ZSTD_getFrameContentSize(in.text, in.length);

    out->length = 0;
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
        size > VG_ZIP_MOST) {
        return VG_REFUSED;
    }
    if (zip->unpacker == NULL) {
        zip->unpacker = ZSTD_createDCtx();
    }
    if (zip->unpacker == NULL || !make_room(out, (size_t)size + 1)) {
        return VG_NO_MEMORY;
    }
    const size_t n = ZSTD_decompressDCtx(zip->unpacker, out->bytes, (size_t)size,
                                         in.text, in.length);
    if (ZSTD_isError(n)) {
        return ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation ? VG_NO_MEMORY
                                                                    : VG_REFUSED;
    }
    out->length = n;
    return n == size ? VG_OK : VG_REFUSED;
}
