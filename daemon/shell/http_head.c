/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with a request by its head alone: it can be read in two ways, a page of another
 * site made a browser send it, or it was sent to a name that is not ours.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "shell/http_inside.h"

const char *vg_http_header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

bool vg_http_is_length(const char *text)
{
    const size_t digits = strspn(text, "0123456789");

    return digits > 0 && digits < 19 && text[digits] == '\0';
}

struct heads {
    unsigned lengths, encodings, hosts, blanks, unread;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the callback's type */
static enum MHD_Result count_head(void *to, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    struct heads *heads = to;
    const bool encoding = strcasecmp(name, "Transfer-Encoding") == 0;
    (void)kind;
    heads->blanks += strpbrk(name, " \t") != NULL;
    heads->lengths += strcasecmp(name, "Content-Length") == 0;
    heads->encodings += encoding;
    heads->unread += encoding && (value == NULL || strcasecmp(value, "chunked") != 0);
    heads->hosts += strcasecmp(name, "Host") == 0;
    return MHD_YES;
}

/* Two ways to say where a request ends are an attack on whoever stands before or behind us; a name
 * with a blank is one that they may read without it. */
const char *vg_http_ambiguity(struct MHD_Connection *connection, const char *version)
{
    struct heads heads = {0};

    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_head, &heads);
    if (heads.lengths + heads.encodings > 1 || heads.blanks > 0) {
        return "one Content-Length or one Transfer-Encoding; no blank in a name";
    }
    if (heads.unread > 0) {
        return "the only Transfer-Encoding that is read is chunked";
    }
    return heads.hosts > 1 || (heads.hosts == 0 && strcmp(version, "HTTP/1.0") != 0)
               ? "a request has one Host"
               : NULL;
}

/* What a page of another site makes a browser send is no person's wish. */
bool vg_http_is_foreign(struct MHD_Connection *connection)
{
    const char *origin = vg_http_header(connection, "Origin");
    const char *host = vg_http_header(connection, "Host");
    const char *site = vg_http_header(connection, "Sec-Fetch-Site");

    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return true;
    }
    if (origin == NULL) {
        return false;
    }
    const char *name = strstr(origin, "://");
    return name == NULL || host == NULL || strcasecmp(name + 3, host) != 0;
}

/* ---- To whom it was sent. Without users whoever reaches this machine is believed, and a page whose
 * name was made to mean a loopback address (DNS rebinding) reaches it from a browser here: by its
 * own name, which is what Host says. With users it has no session: cookies belong to a name. */

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool is_loopback(const char *name, size_t length)
{
    static const char below[] = ".localhost"; /* all of it is loopback: RFC 6761 */
    const size_t size = sizeof below - 1;
    char text[INET_ADDRSTRLEN];
    struct in_addr address;

    if (is_word(name, length, "localhost") || is_word(name, length, "[::1]") ||
        (length > size && is_word(name + length - size, size, below))) {
        return true;
    }
    if (length >= sizeof text) {
        return false;
    }
    memcpy(text, name, length);
    text[length] = '\0';
    return inet_pton(AF_INET, text, &address) == 1 &&
           ntohl(address.s_addr) >> 24 == 127;
}

static bool is_among(const char *name, size_t length, const char *names)
{
    static const char between[] = " ,";

    for (names += strspn(names, between); *names != '\0';
         names += strspn(names, between)) {
        const size_t size = strcspn(names, between);
        if (size == length && strncasecmp(names, name, size) == 0) {
            return true;
        }
        names += size;
    }
    return false;
}

bool vg_http_is_ours(const char *host, const char *names)
{
    const char *colon = strrchr(host, ':');
    const bool port =
        colon != NULL && colon[1 + strspn(colon + 1, "0123456789")] == '\0';
    size_t length = port ? (size_t)(colon - host) : strlen(host);

    length -= length > 0 && host[length - 1] == '.'; /* a whole name may end so */
    return host[0] == '\0' /* HTTP/1.0: no browser */ || is_loopback(host, length) ||
           is_among(host, length, names);
}

const char *vg_http_names_complaint(const char *names)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_ ,";

    return names[strspn(names, letters)] == '\0'
               ? NULL
               : "must be names like board.ward.example, with a blank or comma between, "
                 "without a port";
}
