/* SPDX-License-Identifier: Apache-2.0
 *
 * Where to listen.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "shell/http_inside.h"

static enum vg_status parse(const char *text, struct sockaddr_in *address)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    char *end = NULL;

    if (colon == NULL || (size_t)(colon - text) >= sizeof host) {
        return VG_REFUSED;
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    const unsigned long port = strtoul(colon + 1, &end, 10);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    if (end == colon + 1 || *end != '\0' || port > 65535 ||
        inet_pton(AF_INET, host, &address->sin_addr) != 1) {
        return VG_REFUSED;
    }
    address->sin_port = htons((uint16_t)port);
    return VG_OK;
}

const char *vg_http_address(const char *listen, struct sockaddr_in *address)
{
    if (parse(listen, address) != VG_OK) {
        return "is no address like 127.0.0.1:8470";
    }
    if ((ntohl(address->sin_addr.s_addr) >> 24) != 127) {
        return "must be a loopback address like 127.0.0.1:8470: there are no users whom "
               "the daemon could ask for a token";
    }
    return NULL;
}

const char *vg_http_listen_complaint(const char *listen)
{
    struct sockaddr_in address;

    return vg_http_address(listen, &address);
}
