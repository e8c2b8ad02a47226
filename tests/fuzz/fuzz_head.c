/* SPDX-License-Identifier: Apache-2.0
 *
 * What we ourselves read in the head of a request, each against a slow twin that cuts the text
 * into its items first. The first byte picks what is read.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "shell/http_inside.h"

#define MOST  512
#define ITEMS (MOST + 1)

/* A list's items, without the blanks around them; how many. */
static size_t items_of(char *text, char *item[ITEMS])
{
    size_t count = 0;

    for (char *at = text; at != NULL;) {
        char *comma = strchr(at, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        at += strspn(at, " \t");
        for (size_t n = strlen(at); n > 0 && strchr(" \t", at[n - 1]) != NULL; n--) {
            at[n - 1] = '\0';
        }
        item[count++] = at;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return count;
}

/* The first that names gzip, or everything, decides. */
static void gzip(char *text)
{
    static char copy[MOST + 1];
    char *item[ITEMS];
    bool takes = false;
    const bool is = vg_http_takes_gzip(text);

    (void)strcpy(copy, text);
    const size_t count = items_of(copy, item);
    for (size_t i = 0; i < count; i++) {
        const size_t word = strcspn(item[i], "; \t");
        if ((word == 4 && strncasecmp(item[i], "gzip", 4) == 0) ||
            (word == 1 && item[i][0] == '*')) {
            const char *q = strlen(item[i]) < 63 ? strstr(item[i], "q=") : NULL;
            if (strlen(item[i]) >= 63) {
                return; /* longer than is looked at */
            }
            takes = q == NULL || strtod(q + 2, NULL) > 0;
            break;
        }
    }
    MUST(is == takes);
}

static void matches(char *text)
{
    static char copy[MOST + 1];
    char *item[ITEMS];
    bool has = false;

    (void)strcpy(copy, text);
    const size_t count = items_of(copy, item);
    for (size_t i = 0; i < count && !has; i++) {
        const char *bare = item[i] + (strncmp(item[i], "W/", 2) == 0 ? 2 : 0);
        has = item[i][0] == '*' || strcmp(bare, "\"abc\"") == 0;
    }
    MUST(vg_http_matches(text, "\"abc\"") == has);
    MUST(vg_http_matches(text, "W/\"abc\"") == has);
}

static int digit(char c)
{
    return isxdigit((unsigned char)c) == 0 ? -1
           : c <= '9'                      ? c - '0'
                                           : tolower(c) - 'a' + 10;
}

/* Whatever is escaped: no NUL, never longer, and no escaped character is unescaped twice. */
static void unescape(char *text)
{
    static char twin[MOST + 1];
    size_t length = 0;

    for (const char *at = text; *at != '\0'; at++) {
        const int high = *at == '%' ? digit(at[1]) : -1;
        const int low = high >= 0 ? digit(at[2]) : -1;
        if (low >= 0 && high + low > 0) {
            twin[length++] = (char)(high * 16 + low);
            at += 2;
        } else if (low >= 0) {
            twin[length++] = '\x7f'; /* and the two digits stay */
        } else {
            twin[length++] = *at;
        }
    }
    twin[length] = '\0';
    const size_t was = strlen(text);
    const size_t is = vg_http_unescape(NULL, NULL, text);
    MUST(is <= was && strlen(text) == is);
    MUST(is == length && memcmp(text, twin, length) == 0);
}

static void address(char *text)
{
    struct sockaddr_in to;
    struct sockaddr_in again;
    char host[INET_ADDRSTRLEN];
    char said[INET_ADDRSTRLEN + 8];

    if (vg_http_address(text, &to) == NULL) {
        MUST(inet_ntop(AF_INET, &to.sin_addr, host, sizeof host) != NULL);
        (void)snprintf(said, sizeof said, "%s:%u", host, ntohs(to.sin_port));
        MUST(vg_http_address(said, &again) == NULL && again.sin_port == to.sin_port &&
             again.sin_addr.s_addr == to.sin_addr.s_addr);
    }
}

/* A number of an IPv4 address: 0 to 255, without a sign, a blank or a needless zero. */
static bool part_of(const char **at, unsigned *out)
{
    const char *from = *at;

    for (*out = 0; isdigit((unsigned char)**at) != 0 && *out <= 255; (*at)++) {
        *out = *out * 10 + (unsigned)(**at - '0');
    }
    return *at > from && *out <= 255 && (*from != '0' || *at == from + 1);
}

static bool loopback_twin(const char *name)
{
    const size_t length = strlen(name);
    const char *at = name;
    unsigned part[4];
    bool is = true;

    if (strcmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0 ||
        (length > 10 && strcmp(name + length - 10, ".localhost") == 0)) {
        return true;
    }
    for (int i = 0; i < 4 && is; i++) {
        is = (i == 0 || *at++ == '.') && part_of(&at, &part[i]);
    }
    return is && *at == '\0' && part[0] == 127;
}

static void host(char *text)
{
    const bool is = vg_http_is_ours(text, "board.example, other");
    const bool none = text[0] == '\0';
    char *colon = strrchr(text, ':');

    for (char *at = text; *at != '\0'; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
    }
    if (colon != NULL && strspn(colon + 1, "0123456789") == strlen(colon + 1)) {
        *colon = '\0';
    }
    if (text[0] != '\0' && text[strlen(text) - 1] == '.') {
        text[strlen(text) - 1] = '\0';
    }
    MUST(is == (none || loopback_twin(text) || strcmp(text, "board.example") == 0 ||
                strcmp(text, "other") == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(char *) = {gzip, matches, unescape, address};
    static char text[MOST + 1];

    if (size == 0 || size > MOST || memchr(data, '\0', size) != NULL) {
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    (data[0] == 'h' ? host : readers[data[0] % 4])(text);
    return 0;
}
