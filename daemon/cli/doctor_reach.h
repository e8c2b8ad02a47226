/* SPDX-License-Identifier: Apache-2.0
 *
 * Does anybody answer there? Plain TCP, within a few seconds, and nothing is said unless it
 * is HTTP of our own.
 */
#ifndef VIGIL_CLI_DOCTOR_REACH_H
#define VIGIL_CLI_DOCTOR_REACH_H

#include "vigil/base.h"

#define VG_REACH_HOST 256

struct vg_reach {
    char host[VG_REACH_HOST], port[8];
};

/* "https://pager.example:8443/hook" and the like; without a port the scheme's own. False: no
 * URL of a kind that is known. */
bool vg_reach_parse(const char *url, struct vg_reach *out);

/* A connected socket, the caller's; -1: not, `error` says why. */
int vg_reach_connect(const struct vg_reach *to, struct vg_error *error);

/* The status that the HTTP server there answers to GET `path`; 0: none within 3 s. */
int vg_reach_ask(const struct vg_reach *to, const char *path, struct vg_error *error);

#endif
