/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding libcurl and its functions. See curl_library.h.
 */
#include "shell/curl_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "shell/curl_loop.h"

/* The file that linking would have named: the Makefile asks the library that it finds. */
#ifndef VG_CURL_SONAME
#define VG_CURL_SONAME "libcurl.so.4"
#endif

/* The newest option that is set is CURLOPT_QUICK_EXIT: an older library would refuse each
 * request, at night. */
#define OLDEST      0x075700U
#define OLDEST_TEXT "7.87.0"

/* The same in the program itself, where packagers look (ELF's notes, owner FDO: "dlopen
 * metadata"): without it neither a package's dependencies nor a list of parts would have it. */
#define NOTE_DLOPEN 0x407c0c0aU
#define NOTE                                                                         \
    "[{\"feature\":\"webhook and mail\",\"description\":\"Channels of kind webhook " \
    "and smtp\",\"priority\":\"required\",\"soname\":[\"" VG_CURL_SONAME "\"]}]"

static const struct {
    uint32_t name_size, size, type;
    char name[4];
    _Alignas(4) char text[sizeof NOTE];
} note __attribute__((used, section(".note.dlopen"), aligned(4))) = {
    sizeof "FDO", sizeof NOTE, NOTE_DLOPEN, "FDO", NOTE};

#define ROW(name) {"curl_" #name, offsetof(struct vg_curl_library, name)},

static const struct {
    const char *name;
    size_t place; /* of its address in the table, bytes */
} rows[] = {VG_CURL_FUNCTIONS(ROW)};

/* dlerror() says the file itself, and what about it. */
static enum vg_status complain(struct vg_error *error)
{
    const char *why = dlerror(); /* NOLINT(concurrency-mt-unsafe): glibc's is */

    vg_error_set(error, "cannot load libcurl: %.200s",
                 why != NULL ? why : VG_CURL_SONAME);
    return VG_ABSENT;
}

enum vg_status vg_curl_library_load(struct vg_curl_library *out, struct vg_error *error)
{
    void *library = dlopen(VG_CURL_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

    if (library == NULL) {
        return complain(error);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        void *address = dlsym(library, rows[i].name);
        if (address == NULL) {
            return complain(error);
        }
        /* A pointer to data becomes one to a function: POSIX says that they are alike. */
        memcpy((char *)out + rows[i].place, &address, sizeof address);
    }
    const curl_version_info_data *version = out->version_info(CURLVERSION_NOW);
    if (version->version_num < OLDEST) {
        vg_error_set(error,
                     "cannot load libcurl: %s is version %.20s, and at least %s "
                     "is needed",
                     VG_CURL_SONAME, version->version, OLDEST_TEXT);
        return VG_ABSENT;
    }
    return VG_OK;
}

bool vg_curl_present(struct vg_error *error)
{
    struct vg_curl_library library;

    return vg_curl_library_load(&library, error) == VG_OK;
}
