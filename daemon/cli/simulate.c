/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil simulate: gathers the cast (recordings or patients, ledger) and has the ward played at a broker
 * or on paper.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "cli/cli.h"
#include "cli/sim_live.h"
#include "cli/sim_people.h"

struct vg_sim_faults vg_sim_cast_faults(const struct vg_sim_cast *cast, vg_ms again)
{
    return (struct vg_sim_faults){.drop = cast->options.drop,
                                  .duplicate = cast->options.duplicate,
                                  .reorder = cast->options.reorder,
                                  .delay = cast->options.delay,
                                  .again = again};
}

struct vg_sim_ward *vg_sim_cast_ward(struct vg_sim_cast *cast, struct vg_instant begun,
                                     double speed)
{
    const struct vg_sim_options *options = &cast->options;
    const struct vg_sim_plan plan = {.root = options->root,
                                     .ward = options->ward,
                                     .beds = options->beds,
                                     .senders = options->gateways,
                                     .sender = cast->sender,
                                     .recordings =
                                         options->model ? NULL : &cast->recordings,
                                     .illness = cast->illness,
                                     .product = options->product,
                                     .begun = begun,
                                     .seed = options->seed,
                                     .speed = speed,
                                     .mistakes = options->mistakes,
                                     .monitor = options->monitor,
                                     .moves = options->moves,
                                     .once = options->once,
                                     .admit = !options->no_admit};
    double most = (double)options->skew;
    for (size_t i = 0; i < options->gateways; i++) {
        struct vg_sim_chance chance = vg_sim_chance_of(options->seed, 500 + i);
        cast->sender[i]->skew = (vg_ms)vg_sim_between(&chance, -most, most);
    }
    return vg_sim_ward_create(&plan);
}

/* Beside the working folder, then beside the command: in the tree, or installed. */
static enum vg_status load_recordings(struct vg_sim_cast *cast, struct vg_error *error)
{
    static const char *const places[] = {"/../contrib/recordings",
                                         "/../share/vigil/recordings"};
    char self[512];
    char folder[600] = "contrib/recordings";
    size_t size = sizeof self;
    if (cast->options.recordings != NULL) {
        return vg_recordings_load(cast->options.recordings, &cast->recordings, error);
    }
    bool known = uv_exepath(self, &size) == 0 && strrchr(self, '/') != NULL;
    if (known) {
        *strrchr(self, '/') = '\0';
    }
    for (size_t i = 0; known && i < sizeof places / sizeof places[0]; i++) {
        if (access(folder, R_OK) != 0) {
            (void)snprintf(folder, sizeof folder, "%s%s", self, places[i]);
        }
    }
    return vg_recordings_load(folder, &cast->recordings, error);
}

static enum vg_status gather(struct vg_sim_cast *cast, struct vg_error *error)
{
    const struct vg_sim_options *options = &cast->options;
    vg_error_set(error, "no memory");
    enum vg_status status =
        options->model ? vg_sim_people_deal(options->patients, options->beds,
                                            vg_sim_chance_of(options->seed, 300),
                                            cast->illness, error)
                       : load_recordings(cast, error);
    if (status == VG_OK && options->ledger != NULL) {
        status = vg_sim_ledger_open(options->ledger, &cast->ledger, error);
    }
    return status;
}

static int run(struct vg_sim_cast *cast)
{
    struct vg_error error = {""};
    (void)fprintf(stderr, "vigil simulate: seed %llu\n",
                  (unsigned long long)cast->options.seed);
    enum vg_status status = gather(cast, &error);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil simulate: %s\n", error.text);
        return status == VG_REFUSED ? VG_EXIT_USAGE : VG_EXIT_CANNOT;
    }
    return cast->options.print ? vg_sim_paper(cast) : vg_sim_live(cast);
}

int vg_cli_simulate(int argc, char **argv)
{
    struct vg_error error = {""};
    struct vg_sim_cast *cast = calloc(1, sizeof *cast);
    if (cast == NULL) {
        (void)fputs("vigil simulate: no memory\n", stderr);
        return VG_EXIT_CANNOT;
    }
    int code = VG_EXIT_USAGE;
    if (vg_sim_options_read(argc, argv, &cast->options, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil simulate: %s\n", error.text);
    } else if (cast->options.help) {
        code = fputs(vg_sim_usage, stdout) >= 0 ? VG_EXIT_DONE : VG_EXIT_CANNOT;
    } else {
        code = run(cast);
    }
    vg_sim_ledger_close(cast->ledger);
    vg_recordings_finish(&cast->recordings);
    free(cast);
    return code;
}
