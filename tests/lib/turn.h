/* SPDX-License-Identifier: Apache-2.0
 *
 * Turning a loop until something is true, never for a fixed time.
 */
#ifndef VIGIL_TESTS_TURN_H
#define VIGIL_TESTS_TURN_H

#include <stdbool.h>

#include <uv.h>

/* Turns until *flag, and fails the test if that takes longer than 20 s. */
void turn_until(uv_loop_t *loop, const bool *flag);

/* Turns until nothing is left and closes the loop; fails the test if a handle stays. */
void turn_out(uv_loop_t *loop);

#endif
