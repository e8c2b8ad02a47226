/* SPDX-License-Identifier: Apache-2.0
 *
 * Why TLS with the broker fails.
 */
#ifndef VIGIL_CLI_DOCTOR_TLS_H
#define VIGIL_CLI_DOCTOR_TLS_H

#include "shell/settings.h"

struct vg_tls_fault {
    char why[200];
    const char *mend;
};

/* Shakes hands on a connected socket with the settings' mqtt.ca, cert and key, for this host. True: it fails,
 * and `fault` says why. The socket is of no use afterwards. */
bool vg_tls_fault_find(int fd, const char *host, const struct vg_settings *settings,
                       struct vg_tls_fault *fault);

#endif
