/* SPDX-License-Identifier: Apache-2.0
 *
 * From a line of input to a line of the spool: "beds/onc-7/12/vitals {…}", the object without what stands
 * in the topic and without what the gateway itself gives (gateway, epoch, seq); with the time of now if it
 * has none.
 */
#ifndef CONTRIB_LINE_H
#define CONTRIB_LINE_H

#include <stdbool.h>

#define LINE_BYTES 65536 /* vigil's limit of a message */

/* To be freed; NULL: not understood, or too long. */
char *vg_line_understood(const char *text);

/* Whether it can name a ward, a bed, a gateway. NULL cannot. */
bool vg_line_place(const char *text);

#endif
