/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings' list of channels: rows of words, then what must fit together.
 */
#include <stdio.h>
#include <string.h>

#include "shell/channel_text.h"
#include "shell/confine.h"
#include "shell/settings_inside.h"

enum { WEBHOOK = 1, SMTP = 2, BOTH = 3 };

static const struct word {
    const char *key;
    size_t offset, size;
    int kinds;
    const char *usual;
    bool path;
    const char *choice[4]; /* none: free */
} words[] = {
#define AT(field)                                \
    offsetof(struct vg_settings_channel, field), \
        sizeof(((struct vg_settings_channel *)NULL)->field)
    {"name", AT(name), BOTH, "", false, {NULL}},
    {"kind", AT(kind), BOTH, "", false, {"webhook", "smtp"}},
    {"url", AT(url), BOTH, "", false, {NULL}},
    {"ca", AT(ca), BOTH, "", true, {NULL}},
    {"username", AT(username), BOTH, "", false, {NULL}},
    {"password_file", AT(password_file), BOTH, "", true, {NULL}},
    {"template",
     AT(template_),
     WEBHOOK,
     "json",
     false,
     {"json", "alertmanager", "ntfy"}},
    {"content", AT(content), WEBHOOK, "minimal", false, {"minimal", "full"}},
    {"topic", AT(topic), WEBHOOK, "", false, {NULL}},
    {"secret_file", AT(secret_file), WEBHOOK, "", true, {NULL}},
    {"from", AT(from), SMTP, "", false, {NULL}},
    {"tls", AT(tls), SMTP, "required", false, {"required", "none"}},
#undef AT
};
#define WORDS (sizeof words / sizeof words[0])

static int kind_of(const struct vg_settings_channel *channel)
{
    if (strcmp(channel->kind, "webhook") == 0) {
        return WEBHOOK;
    }
    return strcmp(channel->kind, "smtp") == 0 ? SMTP : BOTH;
}

const struct vg_settings_channel *
vg_settings_channel_find(const struct vg_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->channel_count; i++) {
        if (strcmp(settings->channel[i].name, name) == 0) {
            return &settings->channel[i];
        }
    }
    return NULL;
}

/* ---- Word by word */

static const struct word *find_word(const char *key)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(words[i].key, key) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

static void unknown(struct vg_loading *load, const struct vg_node *node)
{
    const char *names[WORDS + 1] = {NULL};

    for (size_t i = 0; i < WORDS; i++) {
        names[i] = words[i].key;
    }
    const char *near = vg_nearest(node->key, names);
    if (near != NULL) {
        vg_fault_add(load->faults, node->key_place,
                     "a channel has no \"%s\", did you mean \"%s\"?", node->key, near);
    } else {
        vg_fault_add(load->faults, node->key_place, "a channel has no \"%s\"",
                     node->key);
    }
}

static bool chosen(const struct word *word, const char *text)
{
    for (size_t i = 0; i < 4 && word->choice[i] != NULL; i++) {
        if (strcmp(word->choice[i], text) == 0) {
            return true;
        }
    }
    return word->choice[0] == NULL;
}

static void refuse_choice(struct vg_loading *load, const struct word *word,
                          const struct vg_node *node)
{
    char list[96] = "";

    for (size_t i = 0; i < 4 && word->choice[i] != NULL; i++) {
        const size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ",
                       word->choice[i]);
    }
    vg_fault_add(load->faults, node->place, "%s must be one of %s", word->key, list);
}

static void take_word(struct vg_loading *load, struct vg_settings_channel *channel,
                      const struct vg_node *node)
{
    const struct word *word = find_word(node->key);
    char path[VG_SETTING_LEN];

    if (word == NULL) {
        unknown(load, node);
        return;
    }
    if (node->kind != VG_NODE_SCALAR || node->text[0] == '\0') {
        vg_fault_add(load->faults, node->place, "%s must be a single value", word->key);
        return;
    }
    if (!chosen(word, node->text)) {
        refuse_choice(load, word, node);
        return;
    }
    const bool fits = !word->path || vg_settings_path(load, node->text, path);
    if (!fits || !vg_copy((char *)channel + word->offset, word->size,
                          word->path ? path : node->text)) {
        vg_fault_add(load->faults, node->place, "%s is too long", word->key);
    }
}

/* ---- Together */

static bool has_scheme(const char *url, const char *scheme)
{
    const size_t length = strlen(scheme);

    return strncmp(url, scheme, length) == 0 && url[length] != '\0' &&
           url[length] != '/' && url[length] != ':';
}

static const char *url_complaint(const struct vg_settings_channel *c)
{
    const bool mail = kind_of(c) == SMTP;

    if (c->url[0] == '\0') {
        return "a channel needs a url";
    }
    for (const char *at = c->url; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~') {
            return "url must not have a blank or a letter beyond ASCII in it";
        }
    }
    if (strchr(c->url, '@') != NULL) {
        return "url must not name a user: that is username and password_file";
    }
    if (mail) {
        return has_scheme(c->url, "smtp://") || has_scheme(c->url, "smtps://")
                   ? NULL
                   : "url should look like smtp://mail.hospital.example:587";
    }
    return has_scheme(c->url, "http://") || has_scheme(c->url, "https://")
               ? NULL
               : "url should look like https://pager.hospital.example/hook";
}

static bool encrypted(const struct vg_settings_channel *c)
{
    return strncmp(c->url, "https://", 8) == 0 || strncmp(c->url, "smtps://", 8) == 0 ||
           (kind_of(c) == SMTP && strcmp(c->tls, "required") == 0);
}

static bool topic_valid(const char *topic)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    return topic[0] != '\0' && topic[strspn(topic, allowed)] == '\0';
}

/* Each with the word whose place it is said at. */
static const char *webhook_complaint(const struct vg_settings_channel *c,
                                     const char **word)
{
    const bool ntfy = strcmp(c->template_, "ntfy") == 0;
    const bool full = strcmp(c->content, "full") == 0;

    *word = "topic";
    if (ntfy && !topic_valid(c->topic)) {
        return "the template ntfy needs a topic of letters, digits, - and _";
    }
    if (!ntfy && c->topic[0] != '\0') {
        return "a topic goes only with the template ntfy";
    }
    *word = "content";
    if (full && strcmp(c->template_, "json") != 0) {
        return "content: full goes only with the template json: patients and values "
               "never leave by the others";
    }
    if (full && !encrypted(c) && !vg_confine_is_here(c->url)) {
        return "content: full holds patients and values, so the url must be https://";
    }
    return NULL;
}

static const char *smtp_complaint(const struct vg_settings_channel *c,
                                  const char **word)
{
    *word = "from";
    if (!vg_mailbox_valid(c->from)) {
        return "a mail channel needs a from like vigil@hospital.example";
    }
    *word = "tls";
    if (strcmp(c->tls, "none") == 0 &&
        (strncmp(c->url, "smtps://", 8) == 0 || !vg_confine_is_here(c->url))) {
        return "tls: none is for a mail server on this machine (smtp://127.0.0.1)";
    }
    return NULL;
}

static const char *access_complaint(const struct vg_settings_channel *c,
                                    const char **word)
{
    *word = c->username[0] != '\0' ? "username" : "password_file";
    if ((c->username[0] == '\0') != (c->password_file[0] == '\0')) {
        return "username and password_file go together, one is missing";
    }
    if (c->username[0] != '\0' && !encrypted(c) && !vg_confine_is_here(c->url)) {
        return "the password would travel in clear: the url must be encrypted";
    }
    *word = "ca";
    if (c->ca[0] != '\0' && !encrypted(c)) {
        return "ca is set but nothing would be encrypted";
    }
    return NULL;
}

static const char *name_complaint(const struct vg_settings *settings,
                                  const struct vg_settings_channel *c)
{
    if (!vg_id_valid(c->name, strlen(c->name))) {
        return "a channel needs a name like \"pager\"";
    }
    if (strcmp(c->name, "mqtt") == 0) {
        return "the channel \"mqtt\" is there by itself";
    }
    return vg_settings_channel_find(settings, c->name) != c
               ? "two channels have this name"
               : NULL;
}

static struct vg_place place_of(const struct vg_node *node, const char *key)
{
    const struct vg_node *value = vg_node_get(node, key);

    return value != NULL ? value->place : node->place;
}

static void refuse_strange(struct vg_loading *load, const struct vg_node *node,
                           int kind)
{
    for (const struct vg_node *k = node->first; k != NULL; k = k->next) {
        const struct word *word = find_word(k->key);
        if (word != NULL && (word->kinds & kind) == 0) {
            vg_fault_add(load->faults, k->key_place, "a %s channel has no \"%s\"",
                         kind == SMTP ? "smtp" : "webhook", k->key);
        }
    }
}

static void judge(struct vg_loading *load, const struct vg_settings_channel *channel,
                  const struct vg_node *node)
{
    const int kind = kind_of(channel);
    const char *word = "name";
    const char *wrong = name_complaint(load->settings, channel);

    if (wrong == NULL && kind == BOTH) {
        word = "kind";
        wrong = "a channel needs a kind: webhook or smtp";
    }
    if (wrong == NULL) {
        refuse_strange(load, node, kind);
        word = "url";
        wrong = url_complaint(channel);
    }
    if (wrong == NULL) {
        wrong = kind == SMTP ? smtp_complaint(channel, &word)
                             : webhook_complaint(channel, &word);
    }
    if (wrong == NULL) {
        wrong = access_complaint(channel, &word);
    }
    if (wrong != NULL) {
        vg_fault_add(load->faults, place_of(node, word), "%s", wrong);
    }
}

static void take_channel(struct vg_loading *load, const struct vg_node *node)
{
    struct vg_settings *settings = load->settings;
    struct vg_settings_channel *channel = &settings->channel[settings->channel_count++];
    const size_t before = load->faults->errors;

    memset(channel, 0, sizeof *channel);
    for (size_t i = 0; i < WORDS; i++) {
        (void)vg_copy((char *)channel + words[i].offset, words[i].size, words[i].usual);
    }
    for (const struct vg_node *k = node->first; k != NULL; k = k->next) {
        take_word(load, channel, k);
    }
    channel->place = node->place;
    channel->secret_place = place_of(node, "secret_file");
    channel->password_place = place_of(node, "password_file");
    channel->ca_place = place_of(node, "ca");
    if (load->faults->errors == before) {
        judge(load, channel, node);
    }
}

void vg_settings_take_channels(struct vg_loading *load, const struct vg_node *list)
{
    if (list->kind != VG_NODE_LIST) {
        vg_fault_add(load->faults, list->place,
                     "channels must be a list of name, kind, url and more");
        return;
    }
    load->settings->channel_count = 0;
    for (const struct vg_node *node = list->first; node != NULL; node = node->next) {
        if (node->kind != VG_NODE_MAP || load->settings->channel_count == VG_CHANNELS) {
            vg_fault_add(load->faults, node->place,
                         "a channel is written as {name: pager, kind: webhook, url: "
                         "https://…}, at most %d",
                         VG_CHANNELS);
            continue;
        }
        take_channel(load, node);
    }
}
