/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks and copies what a connection is opened with.
 */
#include "shell/mqtt_options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/secret.h"
#include "wire/utf8.h"

static char *copy_text(const char *text, bool *failed)
{
    char *copy = text == NULL ? NULL : strdup(text);
    *failed = *failed || (text != NULL && copy == NULL);
    return copy;
}

/* The ":port" that `host` ends in; NULL: none. An IPv6 address stands in brackets. */
static const char *port_of(const char *host)
{
    const char *bracket = strrchr(host, ']');
    return strchr(bracket != NULL ? bracket : host, ':');
}

static bool good_port(const char *port)
{
    if (port == NULL) {
        return true;
    }
    char *end = NULL;
    const unsigned long number = strtoul(port + 1, &end, 10);
    return port[1] >= '0' && port[1] <= '9' && *end == '\0' && number > 0 &&
           number <= UINT16_MAX;
}

struct scheme {
    const char *scheme, *paho, *port;
    bool tls;
};

/* NULL: no URL of ours. */
static const struct scheme *scheme_of(const char *url)
{
    static const struct scheme rows[] = {{"mqtt://", "tcp://", ":1883", false},
                                         {"mqtts://", "ssl://", ":8883", true}};
    for (size_t i = 0; url != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t length = strlen(rows[i].scheme);
        if (strncmp(url, rows[i].scheme, length) == 0 && url[length] != '\0' &&
            strpbrk(url + length, "/@ ") == NULL && good_port(port_of(url + length))) {
            return &rows[i];
        }
    }
    return NULL;
}

/* "mqtt://host" to paho's "tcp://host:1883". */
static enum vg_status translate_url(const char *url, struct vg_mqtt_texts *texts)
{
    const struct scheme *scheme = scheme_of(url);
    const char *host = url + strlen(scheme->scheme);
    texts->tls = scheme->tls;
    if (asprintf(&texts->uri, "%s%s%s", scheme->paho, host,
                 port_of(host) != NULL ? "" : scheme->port) < 0) {
        texts->uri = NULL;
        return VG_NO_MEMORY;
    }
    return VG_OK;
}

/* Paho takes no other text: it would refuse each connect with a number. */
static bool is_text(const char *name, const char *text, struct vg_error *error)
{
    size_t left = strlen(text);
    size_t size = 1;

    for (; left > 0 && size > 0; text += size, left -= size) {
        size = vg_utf8_size(text, left);
    }
    if (size == 0) {
        vg_error_set(error, "%s is no text in UTF-8, and no other can be sent", name);
    }
    return size > 0;
}

/* The password is asked for only by its file. */
static const char *password_fault(const struct vg_mqtt_options *options,
                                  struct vg_error *error)
{
    char line[VG_SECRET_LEN];
    if (options->password_file != NULL && options->username == NULL) {
        vg_error_set(error, "mqtt.password_file wants mqtt.username: MQTT 3.1.1 has no "
                            "password without a name, and no broker takes one");
        return "mqtt.password_file";
    }
    bool good =
        options->password_file == NULL ||
        (vg_secret_read("mqtt.password_file", options->password_file, line, error) &&
         is_text("mqtt.password_file", line, error));
    explicit_bzero(line, sizeof(line));
    return good ? NULL : "mqtt.password_file";
}

struct tls_file {
    const char *name, *path;
};

static const char *file_fault(const struct tls_file *file, struct vg_error *error)
{
    struct stat about;
    if (file->path == NULL) {
        return NULL;
    }
    bool there = access(file->path, R_OK) == 0 && stat(file->path, &about) == 0;
    if (there && !S_ISDIR(about.st_mode)) {
        return NULL;
    }
    vg_error_set(error, "cannot read %s \"%.120s\": %s", file->name, file->path,
                 there ? "it is a folder" : strerrordesc_np(errno));
    return file->name;
}

static const char *tls_fault(const struct vg_mqtt_options *options, bool tls,
                             struct vg_error *error)
{
    const struct tls_file files[] = {{"mqtt.ca", options->ca},
                                     {"mqtt.cert", options->cert},
                                     {"mqtt.key", options->key}};
    for (size_t i = 0; !tls && i < sizeof(files) / sizeof(files[0]); i++) {
        if (files[i].path != NULL) {
            vg_error_set(error,
                         "%s is set but mqtt.url is not mqtts://, so nothing "
                         "would be encrypted",
                         files[i].name);
            return files[i].name;
        }
    }
    if (tls && options->ca == NULL) {
        vg_error_set(error,
                     "mqtts:// needs mqtt.ca, the certificate authority that the "
                     "broker's certificate is checked against");
        return "mqtt.url";
    }
    if ((options->cert == NULL) != (options->key == NULL)) {
        vg_error_set(error, "mqtt.cert and mqtt.key go together, one is missing");
        return options->cert != NULL ? "mqtt.cert" : "mqtt.key";
    }
    const char *fault = NULL;
    for (size_t i = 0; fault == NULL && i < sizeof(files) / sizeof(files[0]); i++) {
        fault = file_fault(&files[i], error);
    }
    return fault;
}

const char *vg_mqtt_fault(const struct vg_mqtt_options *options, struct vg_error *error)
{
    const struct scheme *scheme = scheme_of(options->url);
    if (options->url != NULL && strchr(options->url, '@') != NULL) {
        vg_error_set(error,
                     "mqtt.url holds a name or a password: they belong into "
                     "mqtt.username and mqtt.password_file"); /* not into a log */
        return "mqtt.url";
    }
    if (scheme == NULL) {
        vg_error_set(error,
                     "mqtt.url \"%.100s\" should look like mqtt://127.0.0.1:1883 or "
                     "mqtts://broker.example:8883",
                     options->url == NULL ? "" : options->url);
        return "mqtt.url";
    }
    if (options->username != NULL &&
        !is_text("mqtt.username", options->username, error)) {
        return "mqtt.username";
    }
    const char *fault = tls_fault(options, scheme->tls, error);
    return fault != NULL ? fault : password_fault(options, error);
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

static enum vg_status copy_password(const char *path, struct vg_mqtt_texts *texts,
                                    struct vg_error *error)
{
    char line[VG_SECRET_LEN];
    enum vg_status status = VG_REFUSED;
    if (vg_secret_read("mqtt.password_file", path, line, error)) {
        texts->password = strdup(line);
        status = texts->password == NULL ? VG_NO_MEMORY : VG_OK;
    }
    explicit_bzero(line, sizeof(line));
    return status;
}

enum vg_status vg_mqtt_texts_init(struct vg_mqtt_texts *texts,
                                  const struct vg_mqtt_options *options,
                                  struct vg_error *error)
{
    *texts = (struct vg_mqtt_texts){.clean_session = options->clean_session};
    if (vg_mqtt_fault(options, error) != NULL) {
        return VG_REFUSED;
    }
    enum vg_status status = translate_url(options->url, texts);
    if (status == VG_OK) {
        status = copy_all(options, texts);
    }
    if (status == VG_OK && options->password_file != NULL) {
        status = copy_password(options->password_file, texts, error);
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
