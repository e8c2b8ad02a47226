/* SPDX-License-Identifier: Apache-2.0
 *
 * sim [--seed N] [--count N] [--twice N] [--trace FILE] [-v]: runs seeds N, N+1, …, each in a
 * process of its own; of the first --twice of them twice, and compares. With more than one the
 * trace is FILE.SEED. Ends "N passed, N failed".
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/sim.h"

struct outcome {
    uint64_t hash, violations;
    bool came;
};

static struct options {
    uint64_t seed, count, twice;
    const char *trace;
    bool verbose;
} options = {.seed = 1, .count = 1, .twice = 1};

static void child(uint64_t seed, int to)
{
    struct outcome outcome = {.came = true};

    sim.seed = seed;
    sim.verbose = options.verbose;
    if (options.trace != NULL) {
        char path[512];
        if (options.count > 1) {
            (void)snprintf(path, sizeof path, "%s.%llu", options.trace,
                           (unsigned long long)seed);
        } else {
            (void)snprintf(path, sizeof path, "%s", options.trace);
        }
        sim.trace = fopen(path, "w");
        if (sim.trace == NULL) {
            perror(path);
            _exit(3);
        }
    }
    outcome.violations = sim_run();
    outcome.hash = trace_hash();
    if (sim.trace != NULL) {
        (void)fclose(sim.trace);
    }
    (void)!write(to, &outcome, sizeof outcome);
    _exit(0);
}

static struct outcome run(uint64_t seed)
{
    struct outcome outcome = {0};
    int ends[2];

    if (pipe(ends) != 0) {
        perror("pipe");
        exit(3);
    }
    const pid_t id = fork();
    if (id == 0) {
        (void)close(ends[0]);
        (void)alarm(300);
        child(seed, ends[1]);
    }
    (void)close(ends[1]);
    if (read(ends[0], &outcome, sizeof outcome) != (ssize_t)sizeof outcome) {
        outcome.came = false;
    }
    (void)close(ends[0]);
    (void)waitpid(id, NULL, 0);
    return outcome;
}

static bool one(uint64_t seed, bool twice)
{
    const struct outcome first = run(seed);

    if (!first.came || first.violations > 0) {
        (void)printf("seed %llu: %s\n", (unsigned long long)seed,
                     first.came ? "what must hold did not" : "the run broke off");
        return false;
    }
    if (twice) {
        const struct outcome second = run(seed);
        if (second.hash != first.hash) {
            (void)printf("seed %llu: two runs differ (%016llx, %016llx)\n",
                         (unsigned long long)seed, (unsigned long long)first.hash,
                         (unsigned long long)second.hash);
            return false;
        }
    }
    if (options.count == 1) {
        (void)printf("seed %llu trace %016llx\n", (unsigned long long)seed,
                     (unsigned long long)first.hash);
    }
    return true;
}

static void read_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "-v") == 0) {
            options.verbose = true;
        } else if (strcmp(argv[i], "--seed") == 0 && more) {
            options.seed = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--count") == 0 && more) {
            options.count = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--twice") == 0 && more) {
            options.twice = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--trace") == 0 && more) {
            options.trace = argv[++i];
        } else {
            (void)fprintf(stderr, "usage: sim [--seed N] [--count N] [--twice N]"
                                  " [--trace FILE] [-v]\n");
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t passed = 0;

    read_options(argc, argv);
    for (uint64_t i = 0; i < options.count; i++) {
        passed += one(options.seed + i, i < options.twice);
        (void)fflush(stdout);
    }
    (void)printf("%llu passed, %llu failed\n", (unsigned long long)passed,
                 (unsigned long long)(options.count - passed));
    return passed == options.count ? 0 : 1;
}
