/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil protocol: checks protocol files, and shows what was understood.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/rule_test.h"
#include "shell/protocol_file.h"

enum { DONE = 0, ANSWER_NO = 1, WRONG_USAGE = 2, CANNOT = 3 };

static const char usage[] =
    "usage: vigil protocol check FILE...   all faults of the files; 0 if there are none\n"
    "       vigil protocol show FILE       the file as it was understood\n"
    "       vigil protocol test FILE...    runs the tests inside the files\n"
    "\n"
    "How a protocol file is written: config/PROTOCOLS.md.\n";

static void print_good(const struct vg_protocol_file *file)
{
    const struct vg_protocol *protocol = file->protocol;

    (void)printf(
        "%s: protocol \"%s\" %s, %zu rule%s, %s%s\n", file->path, protocol->name,
        protocol->version, protocol->rule_count, protocol->rule_count == 1 ? "" : "s",
        protocol->signed_by[0] == '\0' ? "not signed: research use only" : "signed by ",
        protocol->signed_by);
}

/* The exit code for one file, which is loaded and, if `report`, reported. */
static int load(const char *path, struct vg_protocol_file *file, FILE *report)
{
    struct vg_error error = {""};
    const enum vg_status status = vg_protocol_file_load(path, file, &error);

    if (status == VG_OK || status == VG_REFUSED) {
        vg_protocol_file_report(file, report);
        return status == VG_OK ? DONE : ANSWER_NO;
    }
    (void)fprintf(stderr, "vigil protocol: %s\n", error.text);
    return CANNOT;
}

static int check(int count, char **paths)
{
    int worst = DONE;

    for (int i = 0; i < count; i++) {
        struct vg_protocol_file file;
        const int code = load(paths[i], &file, stdout);

        if (code == DONE) {
            print_good(&file);
        }
        vg_protocol_file_finish(&file);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static void write_out(void *to, const char *text, size_t length)
{
    (void)fwrite(text, 1, length, to);
}

static int show(int count, char **paths)
{
    struct vg_protocol_file file;

    if (count != 1) {
        (void)fputs("vigil protocol show: name one file\n", stderr);
        return WRONG_USAGE;
    }
    const int code = load(paths[0], &file, stderr);

    if (code == DONE) {
        vg_protocol_show(file.protocol, write_out, stdout);
    }
    vg_protocol_file_finish(&file);
    return code;
}

static void test_file(const struct vg_protocol_file *file, unsigned *passed,
                      unsigned *failed)
{
    const struct vg_node *tests = file->protocol->tests;

    for (const struct vg_node *node = tests != NULL ? tests->first : NULL; node != NULL;
         node = node->next) {
        const bool good = vg_test_run(file->protocol, node, file->path, stdout);
        *passed += good;
        *failed += !good;
        if (!good) {
            (void)printf("%s: FAILED: %s\n", file->path,
                         vg_node_get(node, "name")->text);
        }
    }
}

static int test(int count, char **paths)
{
    unsigned passed = 0;
    unsigned failed = 0;
    int worst = DONE;

    for (int i = 0; i < count; i++) {
        struct vg_protocol_file file;
        const int code = load(paths[i], &file, stdout);

        if (code == DONE) {
            test_file(&file, &passed, &failed);
        }
        vg_protocol_file_finish(&file);
        worst = code > worst ? code : worst;
    }
    (void)printf("%u passed, %u failed\n", passed, failed);
    return worst == DONE && failed > 0 ? ANSWER_NO : worst;
}

static const struct {
    const char *name;
    int (*run)(int count, char **paths);
} commands[] = {{"check", check}, {"show", show}, {"test", test}};

static bool is_help(const char *word)
{
    return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0 ||
           strcmp(word, "help") == 0;
}

/* Whatever was printed must have arrived: a full disk is no success. */
static int printed(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        (void)fputs("vigil protocol: cannot write the output\n", stderr);
        return CANNOT;
    }
    return code;
}

int vg_cli_protocol(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (is_help(argv[i])) {
            (void)fputs(usage, stdout);
            return printed(DONE);
        }
    }
    for (size_t i = 0; argc > 2 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, argv[1]) == 0) {
            return printed(commands[i].run(argc - 2, argv + 2));
        }
    }
    (void)fputs(usage, stderr);
    return WRONG_USAGE;
}
