/* SPDX-License-Identifier: Apache-2.0
 *
 * The log-in form: what a browser is shown that is not known, in the board's languages. It needs
 * no script. It is sent to the address at which it is shown, so that what the
 * address says of the display (ward, language, and what stands after its #, which no server
 * sees) is still there once somebody is in.
 */
#include <string.h>
#include <strings.h>

#include "shell/http_inside.h"

enum word { NAME, PASSWORD, LOG_IN, WRONG, LATER, SECONDS, INCOMPLETE, REFUSED, WORDS };
enum language { ENGLISH, CHINESE, LANGUAGES };

static const char *const words[WORDS][LANGUAGES] = {
    [NAME] = {"Name", "用户名"},
    [PASSWORD] = {"Password", "密码"},
    [LOG_IN] = {"Log in", "登录"},
    [WRONG] = {"Name or password is wrong.", "用户名或密码错误。"},
    [LATER] = {"Too many failures: try again in ", "失败次数过多：请在 "},
    [SECONDS] = {" s.", " 秒后重试。"},
    [INCOMPLETE] = {"Say both, name and password.", "请填写用户名和密码。"},
    [REFUSED] = {"That is not possible just now: try again.",
                 "暂时无法登录：请重试。"}};

/* What the address may say of a display (daemon/board/settings.js). */
static const char *const kept[] = {"ward", "lang", "theme", "size"};

/* The page's own policy knows this style by its SHA-256, and lets no other in
 * (test_board_login.py has it fail where the two do not fit). */
static const char style[] =
    "body{font:1.25rem/1.4 system-ui,sans-serif;max-width:20rem;margin:8vh auto;padding:0 1rem}"
    "input,button{font:inherit;box-sizing:border-box;width:100%;min-height:2.75rem}"
    "[role=alert]{border-inline-start:.4rem solid #d3122a;padding:.3rem .6rem}";
const char vg_http_form_policy[] =
    "default-src 'none'; style-src 'sha256-xNxmc0AawqJCtBvQA3jfatBOUCiN30AyOI/ROVPvJXU='; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/* ---- Which */

/* As the board chooses: by the address, else by its ward or the installation, else by the browser's
 * first language. What somebody chose on that display only the board knows. */
static enum language language_of(const struct vg_http_request *request)
{
    const char *asked = vg_api_argument(&request->call, "lang");
    const char *taken = MHD_lookup_connection_value(request->connection,
                                                    MHD_HEADER_KIND, "Accept-Language");

    if (asked != NULL && (strcmp(asked, "zh") == 0 || strcmp(asked, "en") == 0)) {
        return asked[0] == 'z' ? CHINESE : ENGLISH;
    }
    const char *usual = vg_http_language(request);
    if (usual[0] != '\0') {
        return usual[0] == 'z' ? CHINESE : ENGLISH;
    }
    return taken != NULL && strncasecmp(taken, "zh", 2) == 0 ? CHINESE : ENGLISH;
}

static bool is_board(const struct vg_api_call *call)
{
    return strcmp(call->path, "/") == 0 || strcmp(call->path, "/index.html") == 0;
}

static bool is_kept(const char *argument)
{
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strcmp(kept[i], argument) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- The page */

/* "/?ward=onc-7&lang=zh": of the arguments only what a display is told, so that a password that
 * came in an address goes nowhere. */
static void put_address(const struct vg_api_call *call, struct vg_buffer *b)
{
    const char *between = "?";

    vg_put_raw(b, "/");
    for (size_t i = 0; i < call->argument_count; i++) {
        if (is_kept(call->argument[i].name)) {
            vg_put_raw(b, between);
            vg_put_raw(b, call->argument[i].name);
            vg_put_raw(b, "=");
            vg_api_put_escaped(b, call->argument[i].value);
            between = "&";
        }
    }
}

static void put_field(struct vg_buffer *b, const char *label, const char *rest)
{
    vg_put_raw(b, "<p><label>");
    vg_put_raw(b, label);
    vg_put_raw(b, "<br><input required ");
    vg_put_raw(b, rest);
    vg_put_raw(b, "></label>\n");
}

static void put_sentence(struct vg_buffer *b, enum language l, unsigned status,
                         int wait)
{
    const enum word word = status == 401   ? WRONG
                           : status == 429 ? LATER
                           : status == 400 ? INCOMPLETE
                                           : REFUSED;

    vg_put_raw(b, "<p role=\"alert\"><strong>");
    vg_put_raw(b, words[word][l]);
    if (word == LATER) {
        vg_put_int(b, wait);
        vg_put_raw(b, words[SECONDS][l]);
    }
    vg_put_raw(b, "</strong>\n");
}

static void put_head(const struct vg_http_request *request, struct vg_buffer *b,
                     enum language l)
{
    vg_put_raw(b, "<!doctype html>\n<html lang=\"");
    vg_put_raw(b, l == CHINESE ? "zh" : "en");
    vg_put_raw(b, "\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
                  "content=\"width=device-width, initial-scale=1\">"
                  "<meta name=\"color-scheme\" content=\"dark light\">"
                  "<title>vigil</title>\n<style>");
    vg_put_raw(b, style);
    vg_put_raw(b, "</style>\n<h1>vigil</h1>\n<form method=\"post\"");
    if (!request->at_board && !is_board(&request->call)) {
        vg_put_raw(b, " action=\"");
        put_address(&request->call, b);
        vg_put_raw(b, "\"");
    }
    vg_put_raw(b, ">\n");
}

void vg_http_form(struct vg_http_request *request, bool tried)
{
    struct vg_api_answer *answer = &request->answer;
    struct vg_buffer *b = &answer->text;
    const enum language l = language_of(request);

    vg_buffer_clear(b);
    put_head(request, b, l);
    if (tried) {
        put_sentence(b, l, answer->status, answer->retry_s);
    }
    put_field(b, words[NAME][l], "name=\"name\" autocomplete=\"username\" autofocus");
    put_field(b, words[PASSWORD][l],
              "name=\"password\" type=\"password\" autocomplete=\"current-password\"");
    vg_put_raw(b, "<p><button>");
    vg_put_raw(b, words[LOG_IN][l]);
    vg_put_raw(b, "</button>\n</form>\n</html>\n");
    answer->type = "text/html; charset=utf-8";
}

/* ---- What is sent with it */

void vg_http_form_taken(struct vg_http_request *request)
{
    static const char type[] = "application/x-www-form-urlencoded";
    struct vg_api_call *call = &request->call;

    if (strcmp(call->method, "POST") == 0 && is_board(call) &&
        strncasecmp(call->content_type, type, sizeof type - 1) == 0) {
        request->at_board = true;
        call->part_count = 0;
        vg_api_cut_path(call, "/api/v1/login");
    }
}

void vg_http_form_answer(struct vg_http_request *request)
{
    struct vg_api_answer *answer = &request->answer;
    struct vg_buffer to = {.capacity = 0};

    if (!request->call.wants_page || strcmp(request->call.path, "/api/v1/login") != 0 ||
        !vg_access_on(request->http->access)) {
        return;
    }
    if (answer->status >= 400) {
        vg_http_form(request, true);
    } else if (answer->status == 303) {
        put_address(&request->call, &to);
        if (!to.failed && vg_copy(request->where, sizeof request->where, to.bytes)) {
            answer->location = request->where;
        }
        vg_buffer_finish(&to);
    }
}
