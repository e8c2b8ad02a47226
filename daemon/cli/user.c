/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil user: who may come in over HTTP. Writes the file of the setting `users`; a running daemon
 * sees the change within a second.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/query.h"
#include "cli/user_file.h"
#include "shell/access.h"

static const char usage[] =
    "usage: vigil user add NAME --role ROLE [--as LADDER-ROLE]... [--ward W]\n                      [--token | --certificate[=NAME]]\n"
    "       vigil user password NAME      (a new password, or token, for who is there)\n"
    "       vigil user remove NAME\n"
    "       vigil user list [--json]\n"
    "each with [-c FILE] [--set users=FILE]\n"
    "\n"
    "ROLE is display, nurse, physician or administrator: what they may do. --as names the\n"
    "roles of ladders in which they answer (bedside-nurse, charge-nurse ...); without it\n"
    "they answer as ROLE. --ward: they see only this ward. The password is asked for, or is\n"
    "the first line of standard input; with --token one is made and printed, once;\n"
    "with --certificate they come by a client certificate of http.client_ca that bears\n"
    "NAME (its common or alternative name; without it their own).\n"
    "Exit 0: done; 1: there is no such user, or there is one already; 3: could not.\n";

#define LEAST  8          /* bytes of a password */
#define MOST   255        /* that the log-in form takes (api_session.c) */
#define SECRET (MOST + 3) /* one more, the line's end, a NUL */

struct user {
    struct vg_query_options options;
    const char *verb, *name;
    struct vg_user made;
    bool has_right;
    struct vg_users *users;
};

static int wrong(const char *sentence, const char *what)
{
    (void)fprintf(stderr, "vigil user: %s%s\n%s", sentence, what, usage);
    return VG_EXIT_USAGE;
}

static int cannot(const char *sentence, const char *what)
{
    (void)fprintf(stderr, "vigil user: %s%s\n", sentence, what);
    return VG_EXIT_CANNOT;
}

/* ---- The file */

static int store(const struct user *u)
{
    return vg_user_file_store(u->options.settings.users, u->options.settings.store_path,
                              u->users)
               ? VG_EXIT_DONE
               : cannot("cannot write the users: ", strerrordesc_np(errno));
}

static int load(struct user *u)
{
    const char *path = u->options.settings.users;
    struct vg_error error = {""};

    if (path[0] == '\0') {
        return cannot(
            "the setting `users` names no file: give -c FILE, or --set users=FILE", "");
    }
    if (u->name != NULL && !vg_user_file_alone(path)) { /* it changes something */
        return cannot("cannot read the folder of the users: ", strerrordesc_np(errno));
    }
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        u->users = calloc(1, sizeof *u->users);
        return u->users != NULL ? VG_EXIT_DONE : cannot("no memory", "");
    }
    return vg_users_load(path, &u->users, &error) == VG_OK ? VG_EXIT_DONE
                                                           : cannot(error.text, "");
}

/* ---- Secrets */

/* Without an echo. The keys that would end or stop the program end the line instead: a terminal without
 * an echo must not be left behind. */
static struct termios hidden_of(const struct termios *shown)
{
    struct termios hidden = *shown;

    hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    hidden.c_cc[VEOL] = shown->c_cc[VINTR];
    hidden.c_cc[VEOL2] = shown->c_cc[VQUIT];
    return hidden;
}

/* A terminal gives a line at a time; one that such a key has ended is none. */
static bool read_hidden(const char *prompt, const struct termios *shown,
                        char out[SECRET])
{
    const struct termios hidden = hidden_of(shown);

    (void)fputs(prompt, stderr);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    const ssize_t length = read(STDIN_FILENO, out, SECRET - 1);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, shown);
    (void)fputs("\n", stderr);
    out[length > 0 ? length : 0] = '\0';
    return length > 0 && (cc_t)out[length - 1] != shown->c_cc[VINTR] &&
           (cc_t)out[length - 1] != shown->c_cc[VQUIT];
}

static bool read_line(const char *prompt, char out[SECRET])
{
    struct termios shown;
    const bool got = tcgetattr(STDIN_FILENO, &shown) == 0
                         ? read_hidden(prompt, &shown, out)
                         : fgets(out, SECRET, stdin) != NULL;

    if (got) {
        out[strcspn(out, "\r\n")] = '\0';
    }
    return got;
}

static int ask_password(struct vg_user *user)
{
    char first[SECRET] = "";
    char again[SECRET] = "";
    int code = VG_EXIT_DONE;

    if (!read_line("Password: ", first)) {
        code = cannot("no password was given", "");
    } else if (strlen(first) < LEAST) {
        code = cannot("a password has at least 8 bytes", "");
    } else if (strlen(first) > MOST) { /* cut, nobody could log in with it */
        code = cannot("a password has at most 255 bytes", "");
    } else if (isatty(STDIN_FILENO) != 0 &&
               (!read_line("Again: ", again) || strcmp(first, again) != 0)) {
        code = cannot("the two are not the same", "");
    } else if (!vg_secret_hash(first, user->hash)) {
        code = cannot("no memory for argon2id", "");
    }
    explicit_bzero(first, sizeof first);
    explicit_bzero(again, sizeof again);
    return code;
}

static int make_token(struct vg_user *user)
{
    char secret[VG_TOKEN_LEN + 1];

    if (!vg_secret_make(secret) || !vg_secret_hash(secret, user->hash)) {
        return cannot("no random number, or no memory", "");
    }
    (void)printf("vg1.%s.%s\n", user->name, secret);
    explicit_bzero(secret, sizeof secret);
    return VG_EXIT_DONE;
}

/* Nothing is secret in it: the name, theirs unless another was given. */
static int take_certificate(struct vg_user *user)
{
    if (user->hash[0] == '\0') {
        (void)vg_copy(user->hash, sizeof user->hash, user->name);
    }
    return VG_EXIT_DONE;
}

static int new_secret(struct vg_user *user)
{
    switch (user->kind) {
    case VG_USER_TOKEN:
        return make_token(user);
    case VG_USER_CERTIFICATE:
        return take_certificate(user);
    case VG_USER_PASSWORD:
    case VG_USER_KINDS:
        break;
    }
    return ask_password(user);
}

/* ---- The verbs */

static struct vg_user *find(struct user *u)
{
    for (size_t i = 0; i < u->users->count; i++) {
        if (strcmp(u->users->user[i].name, u->name) == 0) {
            return &u->users->user[i];
        }
    }
    return NULL;
}

static int add(struct user *u)
{
    if (!u->has_right) {
        return wrong("say what they may do: --role nurse", "");
    }
    if (!vg_id_valid(u->name, strlen(u->name))) {
        return wrong("a name is 1 to 32 of a-z 0-9 . _ -: ", u->name);
    }
    if (find(u) != NULL) {
        (void)fprintf(stderr, "vigil user: there is a %s already\n", u->name);
        return VG_EXIT_NO;
    }
    (void)vg_copy(u->made.name, sizeof u->made.name, u->name);
    if (!vg_user_fits(&u->made)) {
        return wrong("a role and the name together must be at most 63 bytes: ",
                     u->name);
    }
    struct vg_user *grown =
        realloc(u->users->user, (u->users->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return cannot("no memory", "");
    }
    u->users->user = grown;
    const int code = new_secret(&u->made);
    if (code != VG_EXIT_DONE) {
        return code;
    }
    if (u->made.kind == VG_USER_CERTIFICATE &&
        vg_users_certified(u->users, u->made.hash) != NULL) {
        (void)fprintf(stderr, "vigil user: the certificate %s is another user's\n",
                      u->made.hash);
        return VG_EXIT_NO;
    }
    grown[u->users->count++] = u->made;
    if (u->made.ward[0] != '\0') {
        vg_query_say_unlisted(&u->options.settings, "user", u->made.ward);
    }
    return store(u);
}

static int nobody(const struct user *u)
{
    (void)fprintf(stderr, "vigil user: there is no %s\n", u->name);
    return VG_EXIT_NO;
}

static int password(struct user *u)
{
    struct vg_user *user = find(u);

    if (user == NULL) {
        return nobody(u);
    }
    if (user->kind == VG_USER_CERTIFICATE) {
        return wrong("who comes with a certificate has no password: ", u->name);
    }
    const int code = new_secret(user);
    return code == VG_EXIT_DONE ? store(u) : code;
}

static int remove_one(struct user *u)
{
    struct vg_user *user = find(u);

    if (user == NULL) {
        return nobody(u);
    }
    user->name[0] = '\0'; /* is not written */
    return store(u);
}

static int list(struct user *u)
{
    for (size_t i = 0; i < u->users->count; i++) {
        const struct vg_user *user = &u->users->user[i];
        char line[1024];
        if (!vg_user_line(user, line, sizeof line)) {
            continue;
        }
        if (user->kind != VG_USER_CERTIFICATE) {
            *strrchr(line, ' ') = '\0'; /* without the hash */
        }
        if (u->options.json) {
            (void)printf(
                "{\"name\":\"%s\",\"role\":\"%s\",\"ward\":\"%s\",\"token\":%s,"
                "\"by\":\"%s\"}\n",
                user->name, vg_right_text(user->right), user->ward,
                user->kind == VG_USER_TOKEN ? "true" : "false",
                vg_user_kind_text(user->kind));
        } else {
            (void)puts(line);
        }
    }
    return VG_EXIT_DONE;
}

/* ---- Arguments */

static int certificate_option(struct user *u, const char *rest)
{
    u->made.kind = VG_USER_CERTIFICATE;
    if (rest[0] == '\0') {
        return VG_EXIT_DONE;
    }
    if (rest[0] != '=' || !vg_user_certificate_valid(rest + 1)) {
        return wrong("a certificate's name has 1 to 127 bytes and no space: ", rest);
    }
    (void)vg_copy(u->made.hash, sizeof u->made.hash, rest + 1);
    return VG_EXIT_DONE;
}

static int option(struct user *u, int argc, char **argv, int *i)
{
    const char *value = *i + 1 < argc ? argv[*i + 1] : NULL;

    if (strcmp(argv[*i], "--token") == 0) {
        u->made.kind = VG_USER_TOKEN;
        return VG_EXIT_DONE;
    }
    if (strncmp(argv[*i], "--certificate", 13) == 0) {
        return certificate_option(u, argv[*i] + 13);
    }
    if (value == NULL) {
        return wrong("do not understand ", argv[*i]);
    }
    const char *name = argv[(*i)++];
    if (strcmp(name, "--role") == 0 && vg_right_find(value, &u->made.right) == VG_OK) {
        u->has_right = true;
    } else if (strcmp(name, "--ward") == 0 && vg_id_valid(value, strlen(value))) {
        (void)vg_copy(u->made.ward, sizeof u->made.ward, value);
    } else if (strcmp(name, "--as") == 0 && vg_id_valid(value, strlen(value)) &&
               u->made.role_count < VG_USER_ROLES) {
        (void)vg_copy(u->made.role[u->made.role_count++], sizeof u->made.role[0],
                      value);
    } else {
        return wrong("do not understand ", name);
    }
    return VG_EXIT_DONE;
}

static int parse(struct user *u, int argc, char **argv)
{
    int code = VG_EXIT_DONE;

    for (int i = 1; i < argc && code == VG_EXIT_DONE; i++) {
        int done = 0;
        if (vg_query_word(&u->options, usage, argc, argv, &i, &done)) {
            if (done != 0) {
                return done;
            }
            continue;
        }
        if (argv[i][0] == '-') {
            code = option(u, argc, argv, &i);
        } else if (u->verb == NULL) {
            u->verb = argv[i];
        } else if (u->name == NULL) {
            u->name = argv[i];
        } else {
            code = wrong("do not understand ", argv[i]);
        }
    }
    return code;
}

int vg_cli_user(int argc, char **argv)
{
    static const struct {
        const char *verb;
        int (*run)(struct user *u);
        bool named;
    } verbs[] = {{"add", add, true},
                 {"password", password, true},
                 {"remove", remove_one, true},
                 {"list", list, false}};
    static struct user u; /* large, and there is one */

    vg_settings_default(&u.options.settings);
    int code = parse(&u, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (u.verb == NULL || strcmp(u.verb, verbs[i].verb) != 0) {
            continue;
        }
        if (verbs[i].named != (u.name != NULL)) {
            return wrong(verbs[i].named ? "whom?" : "nobody is named here", "");
        }
        code = load(&u);
        code = code == VG_EXIT_DONE ? verbs[i].run(&u) : code;
        vg_users_free(u.users);
        return code;
    }
    return wrong("add, password, remove or list", "");
}
