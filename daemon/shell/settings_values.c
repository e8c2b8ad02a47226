/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with a single value of the settings.
 */
#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

#include "shell/settings_inside.h"

/* Of any setting. YAML's words for nothing would be names here: a broker's user "null". */
const char *vg_settings_text_complaint(const char *text)
{
    if (strlen(text) >= VG_SETTING_LEN) {
        return "is too long";
    }
    if (strcmp(text, "~") == 0 || strcmp(text, "null") == 0) {
        return "has no value: leave the line out for the usual one";
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return "must not hold a line break, a tab or another control character";
        }
    }
    return text[0] != '\0' && strspn(text, " ") == strlen(text)
               ? "must not be spaces alone"
               : NULL;
}

/* What others publish under, and we subscribe to with more behind it. */
#define ROOT_LEN 100
const char *vg_settings_root_complaint(const char *text)
{
    const size_t length = strlen(text);

    if (length == 0 || text[0] == '/' || text[length - 1] == '/' ||
        strstr(text, "//") != NULL) {
        return "must be words between slashes, none of them empty, like vigil/v1";
    }
    if (strpbrk(text, "#+") != NULL) {
        return "must not contain # or +, the wildcards of subscriptions";
    }
    if (text[0] == '$') {
        return "must not begin with $: such topics are the broker's own";
    }
    return length <= ROOT_LEN ? NULL : "is too long: at most 100 bytes";
}

/* Limits of the HTTP server: small enough to be right, large enough for a hospital. */
#define MOST 1000000
uint64_t vg_settings_number(const char *text)
{
    return strtoull(text, NULL, 10);
}

const char *vg_settings_number_complaint(const char *text)
{
    const size_t length = strlen(text);

    return length > 0 && length <= 7 && strspn(text, "0123456789") == length &&
                   vg_settings_number(text) >= 1 && vg_settings_number(text) <= MOST
               ? NULL
               : "must be a whole number from 1 to 1000000";
}

/* A browser's request must fit: with less nobody is answered, and nothing says why. */
#define BYTES_LEAST 4096
const char *vg_settings_bytes_complaint(const char *text)
{
    return vg_settings_number_complaint(text) == NULL &&
                   vg_settings_number(text) >= BYTES_LEAST
               ? NULL
               : "must be a whole number of bytes from 4096 to 1000000";
}

vg_ms vg_settings_span(const char *text)
{
    vg_ms span = 0;

    return vg_span_parse(text, strlen(text), &span) == VG_OK ? span : 0;
}

const char *vg_settings_span_complaint(const char *text)
{
    const vg_ms span = vg_settings_span(text);

    return span >= VG_SECOND && span <= VG_HOUR
               ? NULL
               : "must be a time like 10s, from 1s to 1h";
}

const char *vg_settings_level_complaint(const char *text)
{
    return strcmp(text, "error") == 0 || strcmp(text, "warning") == 0 ||
                   strcmp(text, "notice") == 0 || strcmp(text, "debug") == 0
               ? NULL
               : "must be error, warning, notice or debug";
}

const char *vg_settings_format_complaint(const char *text)
{
    return strcmp(text, "text") == 0 || strcmp(text, "json") == 0
               ? NULL
               : "must be text or json";
}

const char *vg_settings_dumps_complaint(const char *text)
{
    return strcmp(text, "never") == 0 || strcmp(text, "allowed") == 0
               ? NULL
               : "must be never or allowed";
}

const char *vg_settings_language_complaint(const char *text)
{
    return text[0] == '\0' || strcmp(text, "en") == 0 || strcmp(text, "zh") == 0
               ? NULL
               : "must be en or zh";
}
