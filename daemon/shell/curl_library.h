/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl, loaded when the first channel needs it and not before: with what it depends on it is
 * some twenty libraries and 2 MB of memory, and a ward whose calls go over MQTT alone wants none
 * of them. So nothing is linked with it; its functions are called through this table, whose
 * types are those of libcurl's own header.
 *
 *     struct vg_curl_library lib;
 *     if (vg_curl_library_load(&lib, &error) == VG_OK) { CURL *easy = lib.easy_init(); … }
 *
 * Each owner has a table of its own, a copy of the same addresses; nothing is to be given back,
 * for the library is never unloaded (it has threads and thread-local data). Load it on one
 * thread: curl_global_init wants that too.
 */
#ifndef VIGIL_SHELL_CURL_LIBRARY_H
#define VIGIL_SHELL_CURL_LIBRARY_H

#include <curl/curl.h>

#include "vigil/base.h"

/* What we call, without its "curl_". */
/* clang-format off */
#define VG_CURL_FUNCTIONS(row) \
    row(global_init) \
    row(global_cleanup) \
    row(version_info) \
    row(easy_init) \
    row(easy_cleanup) \
    row(easy_setopt) \
    row(easy_getinfo) \
    row(easy_strerror) \
    row(multi_init) \
    row(multi_cleanup) \
    row(multi_setopt) \
    row(multi_assign) \
    row(multi_add_handle) \
    row(multi_remove_handle) \
    row(multi_info_read) \
    row(multi_socket_action) \
    row(slist_append) \
    row(slist_free_all)
/* clang-format on */

/* NOLINTNEXTLINE(bugprone-macro-parentheses): the name of a member */
#define VG_CURL_MEMBER(name) __typeof__(&curl_##name) name;

struct vg_curl_library {
    VG_CURL_FUNCTIONS(VG_CURL_MEMBER)
};

/* What setopt and getinfo take for an option is told by its number alone, and the header's own
 * check of it watches calls by name, not through a table. So a call says the type, and this that
 * it is of the option's kind: a long, a long file size, or some pointer. */
#define VG_CURL_IS(type, other) __builtin_types_compatible_p(type, other)
#define VG_CURL_FITS(option, type)                                \
    ((option) >= CURLOPTTYPE_OFF_T ? VG_CURL_IS(type, curl_off_t) \
     : (option) < CURLOPTTYPE_OBJECTPOINT                         \
         ? VG_CURL_IS(type, long)                                 \
         : !VG_CURL_IS(type, long) && !VG_CURL_IS(type, curl_off_t))

/* VG_OK, or VG_ABSENT with a sentence: no such library on this machine, an old one, or one that
 * lacks a function. */
enum vg_status vg_curl_library_load(struct vg_curl_library *out,
                                    struct vg_error *error);

#endif
