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
    return NULL;
}

const char *vg_http_settings_fault(const struct vg_settings *s, struct vg_error *error)
{
    const bool cert = s->http_cert[0] != '\0';
    const bool key = s->http_key[0] != '\0';
    const bool ca = s->http_client_ca[0] != '\0';
    const bool users = s->users[0] != '\0';
    struct sockaddr_in address;
    const bool beyond = parse(s->http_listen, &address) == VG_OK &&
                        (ntohl(address.sin_addr.s_addr) >> 24) != 127;
    const struct {
        bool wrong;
        const char *setting, *sentence;
    } rows[] = {
        {cert && !key, "http.cert", "wants its key in http.key"},
        {key && !cert, "http.key", "wants its certificate in http.cert"},
        {ca && !cert, "http.client_ca", "wants TLS: set http.cert and http.key"},
        {ca && !users, "http.client_ca",
         "says who may come in by certificate, but the setting users names nobody"},
        {beyond && !cert, "http.listen",
         "must be a loopback address like 127.0.0.1:8470 as long as there is no TLS: "
         "set http.cert and http.key"},
        {beyond && !users, "http.listen",
         "must be a loopback address like 127.0.0.1:8470 as long as there are no users "
         "whom the daemon could ask who they are: set users"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].wrong) {
            vg_error_set(error, "%s %s", rows[i].setting, rows[i].sentence);
            return rows[i].setting;
        }
    }
    return NULL;
}

const char *vg_http_listen_complaint(const char *listen)
{
    struct sockaddr_in address;

    return vg_http_address(listen, &address);
}
