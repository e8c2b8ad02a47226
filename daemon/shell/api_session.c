/* SPDX-License-Identifier: Apache-2.0
 *
 * Logging in and out, and who is logged in. A log-in is a form as browsers send it, so that
 * the page for it needs no script.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shell/api.h"
#include "shell/clock.h"
#include "wire/encode_parts.h"

#define FIELD 256

/* ---- The form */

static int hex(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);

    return at != NULL ? (int)(at - digits) : -1;
}

/* The value of a field; false: absent, too long or not plain text. */
static bool field(const struct vg_api_call *call, const char *name, char out[FIELD])
{
    const char *at = call->body;
    const char *end = at + call->body_length;
    const size_t size = strlen(name);
    size_t n = 0;

    while (at < end && ((size_t)(end - at) <= size || strncmp(at, name, size) != 0 ||
                        at[size] != '=')) {
        const char *next = memchr(at, '&', (size_t)(end - at));
        at = next != NULL ? next + 1 : end;
    }
    if (at == end) {
        return false;
    }
    for (at += size + 1; at < end && *at != '&'; at++) {
        const bool coded =
            *at == '%' && end - at > 2 && hex(at[1]) >= 0 && hex(at[2]) >= 0;
        const char c =
            (char)(coded ? hex(at[1]) * 16 + hex(at[2]) : (*at == '+' ? ' ' : *at));
        at += coded ? 2 : 0;
        if (c == '\0' || n == FIELD - 1) {
            return false;
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

/* ---- Who */

/* Which they may put on a patient. */
static void put_flags(struct vg_buffer *b, const struct vg_who *who)
{
    const char *before = "";

    vg_key(b, "flags");
    vg_put_raw(b, "[");
    for (int f = 0; f < VG_FLAG_COUNT; f++) {
        if (!who->known || vg_right_puts(who->user.right, (enum vg_flag)f)) {
            vg_put_raw(b, before);
            vg_put_string(b, vg_flag_names[f]);
            before = ",";
        }
    }
    vg_put_raw(b, "]");
}

static void put_who(struct vg_buffer *b, const struct vg_who *who)
{
    const struct vg_user *user = &who->user;

    vg_put_raw(b, who->known ? "{\"users\":true" : "{\"users\":false");
    vg_key_text_or_null(b, "name", user->name);
    vg_key_text_or_null(b, "right", who->known ? vg_right_text(user->right) : "");
    vg_key_text_or_null(b, "ward", user->ward);
    vg_key(b, "roles");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < user->role_count; i++) {
        vg_put_raw(b, i > 0 ? "," : "");
        vg_put_string(b, user->role[i]);
    }
    vg_put_raw(b, "]");
    put_flags(b, who);
    vg_put_raw(b, "}\n");
}

void vg_api_session(struct vg_api *api, const struct vg_api_call *call,
                    struct vg_api_answer *answer)
{
    static const char *const names[] = {NULL};

    (void)api;
    answer->changing = true;
    if (vg_api_only(call, answer, names)) {
        put_who(&answer->text, &call->who);
    }
}

/* ---- In and out */

static bool is_form(const struct vg_api_call *call)
{
    static const char form[] = "application/x-www-form-urlencoded";

    return strncasecmp(call->content_type, form, sizeof form - 1) == 0;
}

/* Strict: no request that another site caused brings it; who follows a link from a mail is asked
 * to log in, though they are. Secure where it came by TLS. */
static void put_cookie(const struct vg_api_call *call, struct vg_api_answer *answer,
                       const char *key)
{
    (void)snprintf(answer->cookie, sizeof answer->cookie,
                   VG_API_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s%s", key,
                   key[0] == '\0' ? "; Max-Age=0" : "", call->secure ? "; Secure" : "");
}

static void welcome(const struct vg_api_call *call, struct vg_api_answer *answer,
                    const char *key, const struct vg_who *who)
{
    put_cookie(call, answer, key);
    put_who(&answer->text, who);
    if (call->wants_page) {
        answer->status = 303;
        answer->location = "/";
    }
}

void vg_api_login(struct vg_api *api, const struct vg_api_call *call,
                  struct vg_api_answer *answer)
{
    char name[FIELD];
    char password[FIELD];
    char key[VG_TOKEN_LEN + 1] = "";
    struct vg_who who = {.known = false};
    vg_ms wait = 0;

    answer->changing = true;
    if (!vg_access_on(api->access)) {
        vg_api_problem(call, answer, 404, "no users are configured here");
        return;
    }
    if (!is_form(call) || !field(call, "name", name) ||
        !field(call, "password", password)) {
        vg_api_problem(call, answer, 400,
                       "log in by a form (application/x-www-form-urlencoded) with name "
                       "and password");
        return;
    }
    const struct vg_attempt attempt = {name, password, call->from, vg_clock_boot()};
    const enum vg_status status =
        vg_access_login(api->access, &attempt, key, &who, &wait);
    explicit_bzero(password, sizeof password);
    const bool valid = vg_id_valid(name, strlen(name));
    if (status == VG_OK) {
        (void)vg_api_audit(api, "login", name, "%s logged in",
                           vg_right_text(who.user.right));
        welcome(call, answer, key, &who);
    } else if (status == VG_FULL) {
        vg_api_slow_down(call, answer, wait);
    } else {
        (void)vg_api_audit(api, "login_refused", valid ? name : "-",
                           "a log-in was refused");
        vg_api_problem(call, answer, 401, "name or password is wrong");
    }
    explicit_bzero(key, sizeof key);
}

void vg_api_logout(struct vg_api *api, const struct vg_api_call *call,
                   struct vg_api_answer *answer)
{
    struct vg_who who = {.known = false};

    answer->changing = true;
    if (call->cookie[0] != '\0' && vg_access_on(api->access) &&
        vg_access_session(api->access, call->cookie, vg_clock_boot(), false, &who) ==
            VG_OK) {
        vg_access_logout(api->access, call->cookie);
        (void)vg_api_audit(api, "logout", who.user.name, "logged out");
    }
    put_cookie(call, answer, "");
    vg_put_raw(&answer->text, "{}\n");
    if (call->wants_page) {
        answer->status = 303;
        answer->location = "/";
    }
}
