/* SPDX-License-Identifier: Apache-2.0
 *
 * One request as libcurl wants it, and how it ended in words.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/curl_inside.h"

/* What a server answers is of no use, but it must not fill the memory either. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the callback's type is libcurl's */
static size_t on_answer(char *bytes, size_t size, size_t count, void *to)
{
    (void)bytes;
    (void)to;
    return size * count;
}

static size_t on_read(char *out, size_t size, size_t count, void *to)
{
    struct vg_curl_transfer *transfer = to;
    const size_t left = transfer->length - transfer->read;
    const size_t taken = left < size * count ? left : size * count;

    memcpy(out, transfer->body + transfer->read, taken);
    transfer->read += taken;
    return taken;
}

/* libcurl asks for this when it must send again on a new connection. */
static int on_seek(void *to, curl_off_t offset, int origin)
{
    struct vg_curl_transfer *transfer = to;

    if (origin != SEEK_SET || offset < 0 || (size_t)offset > transfer->length) {
        return CURL_SEEKFUNC_FAIL;
    }
    transfer->read = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static bool append(const struct vg_curl *curl, struct curl_slist **list,
                   const char *text)
{
    struct curl_slist *longer = curl->lib.slist_append(*list, text);

    *list = longer != NULL ? longer : *list;
    return longer != NULL;
}

#define SET(option, type, value)                                                     \
    do {                                                                             \
        _Static_assert(VG_CURL_FITS((option), type), #option " wants another type"); \
        good = transfer->curl->lib.easy_setopt(transfer->easy, (option),             \
                                               (type){value}) == CURLE_OK &&         \
               good;                                                                 \
    } while (0)

/* No proxy, no redirect, no file of the user's: only what the settings name is talked to. */
static bool set_common(struct vg_curl_transfer *transfer,
                       const struct vg_curl_request *request)
{
    bool good = true;

    SET(CURLOPT_URL, const char *, request->url);
    SET(CURLOPT_PRIVATE, void *, transfer);
    SET(CURLOPT_ERRORBUFFER, char *, transfer->error);
    SET(CURLOPT_NOSIGNAL, long, 1);
    SET(CURLOPT_QUICK_EXIT, long, 1); /* never wait for a name that does not resolve */
    SET(CURLOPT_CONNECTTIMEOUT_MS, long, VG_CURL_CONNECT);
    SET(CURLOPT_TIMEOUT_MS, long, VG_CURL_WHOLE);
    SET(CURLOPT_PROXY, const char *, "");
    SET(CURLOPT_FOLLOWLOCATION, long, 0);
    SET(CURLOPT_NETRC, long, CURL_NETRC_IGNORED);
    SET(CURLOPT_WRITEFUNCTION, curl_write_callback, on_answer);
    SET(CURLOPT_SSLVERSION, long, CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, long, 1);
    SET(CURLOPT_SSL_VERIFYHOST, long, 2);
    if (request->ca != NULL) {
        SET(CURLOPT_CAINFO, const char *, request->ca);
        SET(CURLOPT_CAPATH, const char *, NULL);
    }
    if (request->username != NULL) {
        SET(CURLOPT_USERNAME, const char *, request->username);
        SET(CURLOPT_PASSWORD, const char *, request->password);
    }
    return good;
}

static bool set_http(struct vg_curl_transfer *transfer,
                     const struct vg_curl_request *request)
{
    bool good = append(transfer->curl, &transfer->headers, "Expect:");

    for (size_t i = 0; i < request->header_count; i++) {
        good = append(transfer->curl, &transfer->headers, request->header[i]) && good;
    }
    SET(CURLOPT_PROTOCOLS_STR, const char *, "http,https");
    SET(CURLOPT_HTTP_VERSION, long, CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTPAUTH, long, CURLAUTH_BASIC);
    SET(CURLOPT_USERAGENT, const char *, "vigil/" VG_VERSION);
    SET(CURLOPT_HTTPHEADER, struct curl_slist *, transfer->headers);
    SET(CURLOPT_POST, long, 1);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t, (curl_off_t)transfer->length);
    SET(CURLOPT_POSTFIELDS, const char *, transfer->body);
    return good;
}

static bool set_mail(struct vg_curl_transfer *transfer,
                     const struct vg_curl_request *request)
{
    bool good = append(transfer->curl, &transfer->recipients, request->mail_to);

    SET(CURLOPT_PROTOCOLS_STR, const char *, "smtp,smtps");
    SET(CURLOPT_USE_SSL, long, (request->plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    SET(CURLOPT_MAIL_FROM, const char *, request->mail_from);
    SET(CURLOPT_MAIL_RCPT, struct curl_slist *, transfer->recipients);
    SET(CURLOPT_UPLOAD, long, 1);
    SET(CURLOPT_INFILESIZE_LARGE, curl_off_t, (curl_off_t)transfer->length);
    SET(CURLOPT_READFUNCTION, curl_read_callback, on_read);
    SET(CURLOPT_READDATA, void *, transfer);
    SET(CURLOPT_SEEKFUNCTION, curl_seek_callback, on_seek);
    SET(CURLOPT_SEEKDATA, void *, transfer);
    return good;
}

struct vg_curl_transfer *vg_curl_prepare(struct vg_curl *curl,
                                         const struct vg_curl_request *request,
                                         vg_curl_fn *done, void *to)
{
    struct vg_curl_transfer *transfer = calloc(1, sizeof *transfer);

    if (transfer == NULL) {
        return NULL;
    }
    transfer->curl = curl;
    transfer->done = done;
    transfer->to = to;
    transfer->mail = request->mail_to != NULL;
    transfer->length = request->length;
    transfer->body = malloc(request->length + 1);
    transfer->easy = curl->lib.easy_init();
    bool good = transfer->body != NULL && transfer->easy != NULL;
    if (good) {
        memcpy(transfer->body, request->body, request->length);
        good = set_common(transfer, request) &&
               (transfer->mail ? set_mail(transfer, request)
                               : set_http(transfer, request));
    }
    if (!good) {
        vg_curl_drop(transfer);
        return NULL;
    }
    return transfer;
}

void vg_curl_drop(struct vg_curl_transfer *transfer)
{
    const struct vg_curl_library *lib = &transfer->curl->lib;

    lib->easy_cleanup(transfer->easy);
    lib->slist_free_all(transfer->headers);
    lib->slist_free_all(transfer->recipients);
    free(transfer->body);
    free(transfer);
}

/* ---- Outcome */

/* What can go wrong before anything of the request has been sent: libcurl's own sentence
 * says which address or certificate, and can hold nothing of an answer. */
static bool before_sending(CURLcode code)
{
    static const CURLcode rows[] = {
        CURLE_COULDNT_RESOLVE_HOST,  CURLE_COULDNT_CONNECT,
        CURLE_SSL_CONNECT_ERROR,     CURLE_PEER_FAILED_VERIFICATION,
        CURLE_SSL_CACERT_BADFILE,    CURLE_USE_SSL_FAILED,
        CURLE_UNSUPPORTED_PROTOCOL,  CURLE_URL_MALFORMAT,
        CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CIPHER,
        CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i] == code) {
            return true;
        }
    }
    return false;
}

/* A mail server's greeting belongs to the connection. */
static void say_timeout(const struct vg_curl_transfer *transfer, struct vg_error *why)
{
    curl_off_t whole_us = 0;

    VG_CURL_ASK(transfer, CURLINFO_TOTAL_TIME_T, curl_off_t, &whole_us);
    if (whole_us < VG_CURL_WHOLE * 1000) {
        vg_error_set(why, "no connection to the server within %d s",
                     (int)(VG_CURL_CONNECT / VG_SECOND));
    } else {
        vg_error_set(why, "the server did not answer within %d s",
                     (int)(VG_CURL_WHOLE / VG_SECOND));
    }
}

enum vg_status vg_curl_outcome(struct vg_curl_transfer *transfer, CURLcode code,
                               struct vg_error *why)
{
    long answer = 0;

    VG_CURL_ASK(transfer, CURLINFO_RESPONSE_CODE, long, &answer);
    if (code == CURLE_OK && (transfer->mail || (answer >= 200 && answer < 300))) {
        return VG_OK;
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        say_timeout(transfer, why);
    } else if (before_sending(code) && transfer->error[0] != '\0') {
        vg_error_set(why, "%s", transfer->error);
    } else if (answer >= 100) {
        vg_error_set(why, "the server answered %ld", answer);
    } else {
        vg_error_set(why, "%s", transfer->curl->lib.easy_strerror(code));
    }
    return VG_FAILED;
}
