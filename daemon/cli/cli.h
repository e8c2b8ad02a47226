/* SPDX-License-Identifier: Apache-2.0
 *
 * The sub-commands of `vigil`: one file each, one row in main.c. argv[0] is the
 * sub-command's own name. They return the tool's exit code.
 */
#ifndef VIGIL_CLI_CLI_H
#define VIGIL_CLI_CLI_H

#include <stdbool.h>

/* Exit codes of the outside contract. */
enum vg_exit {
    VG_EXIT_DONE = 0,
    VG_EXIT_NO = 1,
    VG_EXIT_USAGE = 2,
    VG_EXIT_CANNOT = 3
};

int vg_cli_alerts(int argc, char **argv);
int vg_cli_audit(int argc, char **argv);
int vg_cli_backup(int argc, char **argv); /* and restore */
int vg_cli_beds(int argc, char **argv);
int vg_cli_command(int argc, char **argv); /* acknowledge, accept … */
int vg_cli_doctor(int argc, char **argv);
int vg_cli_episode(int argc, char **argv); /* admit, transfer, discharge */
int vg_cli_episodes(int argc, char **argv);
int vg_cli_export(int argc, char **argv);
int vg_cli_explain(int argc, char **argv);
int vg_cli_history(int argc, char **argv);
int vg_cli_protocol(int argc, char **argv);
int vg_cli_replay(int argc, char **argv);
int vg_cli_report(int argc, char **argv);
int vg_cli_simulate(int argc, char **argv);
int vg_cli_status(int argc, char **argv);
int vg_cli_store(int argc, char **argv);
int vg_cli_user(int argc, char **argv);
int vg_cli_watch(int argc, char **argv);

#endif
