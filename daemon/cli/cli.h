/* SPDX-License-Identifier: Apache-2.0
 *
 * The sub-commands of `vigil`. Each answers the exit code: 0 done, 1 the answer is no,
 * 2 wrong usage, 3 could not do it. argv[0] is the sub-command's name.
 */
#ifndef VIGIL_CLI_CLI_H
#define VIGIL_CLI_CLI_H

int vg_cli_protocol(int argc, char **argv);

#endif
