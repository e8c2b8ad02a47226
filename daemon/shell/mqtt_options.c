/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks and copies what a connection is opened with.
 */
#include "shell/mqtt_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *copy_text(const char *text, bool *failed)
{
    char *copy = text == NULL ? NULL : strdup(text);
    *failed = *failed || (text != NULL && copy == NULL);
    return copy;
}

/* Whether `host` already ends in ":port"; an IPv6 address stands in brackets. */
static bool has_port(const char *host)
{
    const char *bracket = strrchr(host, ']');
    return strchr(bracket != NULL ? bracket : host, ':') != NULL;
}

/* "mqtt://host" to paho's "tcp://host:1883". */
static enum vg_status translate_url(const char *url, struct vg_mqtt_texts *texts,
                                    struct vg_error *error)
{
    static const struct {
        const char *scheme, *paho, *port;
        bool tls;
    } rows[] = {{"mqtt://", "tcp://", ":1883", false},
                {"mqtts://", "ssl://", ":8883", true}};
    for (size_t i = 0; url != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t length = strlen(rows[i].scheme);
        const char *host = url + length;
        if (strncmp(url, rows[i].scheme, length) != 0 || *host == '\0' ||
            strpbrk(host, "/@ ") != NULL) {
            continue;
        }
        texts->tls = rows[i].tls;
        int written = asprintf(&texts->uri, "%s%s%s", rows[i].paho, host,
                               has_port(host) ? "" : rows[i].port);
        if (written < 0) {
            texts->uri = NULL;
            return VG_NO_MEMORY;
        }
        return VG_OK;
    }
    vg_error_set(error,
                 "mqtt.url \"%.100s\" should look like mqtt://127.0.0.1:1883 or "
                 "mqtts://broker.example:8883",
                 url == NULL ? "" : url);
    return VG_REFUSED;
}

/* The first line of the file. */
static enum vg_status read_password(const char *path, char **out,
                                    struct vg_error *error)
{
    char line[1024];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
    int reason = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (length <= 0) {
        vg_error_set(error, "cannot read mqtt.password_file \"%.120s\": %s", path,
                     length == 0 ? "it is empty" : strerrordesc_np(reason));
        return VG_REFUSED;
    }
    line[length] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    *out = strdup(line);
    explicit_bzero(line, sizeof(line));
    return *out == NULL ? VG_NO_MEMORY : VG_OK;
}

static enum vg_status check(const struct vg_mqtt_options *options,
                            const struct vg_mqtt_texts *texts, struct vg_error *error)
{
    static const char *const tls_only[] = {"mqtt.ca", "mqtt.cert", "mqtt.key"};
    const char *const given[] = {options->ca, options->cert, options->key};
    for (size_t i = 0; !texts->tls && i < 3; i++) {
        if (given[i] != NULL) {
            vg_error_set(error,
                         "%s is set but mqtt.url is not mqtts://, so nothing "
                         "would be encrypted",
                         tls_only[i]);
            return VG_REFUSED;
        }
    }
    if (texts->tls && options->ca == NULL) {
        vg_error_set(error,
                     "mqtts:// needs mqtt.ca, the certificate authority that the "
                     "broker's certificate is checked against");
        return VG_REFUSED;
    }
    if ((options->cert == NULL) != (options->key == NULL)) {
        vg_error_set(error, "mqtt.cert and mqtt.key go together, one is missing");
        return VG_REFUSED;
    }
    for (size_t i = 0; i < 3; i++) {
        if (given[i] != NULL && access(given[i], R_OK) != 0) {
            vg_error_set(error, "cannot read %s \"%.120s\": %s", tls_only[i], given[i],
                         strerrordesc_np(errno));
            return VG_REFUSED;
        }
    }
    return VG_OK;
}

static enum vg_status copy_all(const struct vg_mqtt_options *options,
                               struct vg_mqtt_texts *texts)
{
    bool failed = false;
    texts->client_id = copy_text(options->client_id, &failed);
    texts->username = copy_text(options->username, &failed);
    texts->ca = copy_text(options->ca, &failed);
    texts->cert = copy_text(options->cert, &failed);
    texts->key = copy_text(options->key, &failed);
    texts->will_topic = copy_text(options->will_topic, &failed);
    texts->will_payload = copy_text(options->will_payload, &failed);
    texts->subscription = calloc(options->subscription_count + 1, sizeof(char *));
    texts->qos = calloc(options->subscription_count + 1, sizeof(int));
    if (texts->subscription == NULL || texts->qos == NULL) {
        return VG_NO_MEMORY;
    }
    for (size_t i = 0; i < options->subscription_count; i++) {
        texts->subscription[i] = copy_text(options->subscription[i], &failed);
        texts->qos[i] = 1;
        texts->subscription_count++;
    }
    return failed ? VG_NO_MEMORY : VG_OK;
}

enum vg_status vg_mqtt_texts_init(struct vg_mqtt_texts *texts,
                                  const struct vg_mqtt_options *options,
                                  struct vg_error *error)
{
    *texts = (struct vg_mqtt_texts){.clean_session = options->clean_session};
    enum vg_status status = translate_url(options->url, texts, error);
    if (status == VG_OK) {
        status = check(options, texts, error);
    }
    if (status == VG_OK) {
        status = copy_all(options, texts);
    }
    if (status == VG_OK && options->password_file != NULL) {
        status = read_password(options->password_file, &texts->password, error);
    }
    if (status != VG_OK) {
        vg_mqtt_texts_finish(texts);
    }
    return status;
}

void vg_mqtt_texts_finish(struct vg_mqtt_texts *texts)
{
    for (size_t i = 0; i < texts->subscription_count; i++) {
        free(texts->subscription[i]);
    }
    char *const all[] = {texts->uri,      texts->client_id,  texts->username,
                         texts->password, texts->ca,         texts->cert,
                         texts->key,      texts->will_topic, texts->will_payload};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        free(all[i]);
    }
    free(texts->subscription);
    free(texts->qos);
    *texts = (struct vg_mqtt_texts){0};
}
