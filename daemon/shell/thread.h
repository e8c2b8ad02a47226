/* SPDX-License-Identifier: Apache-2.0
 *
 * Which threads give way when they want a core that the way of an alert wants too. No privilege
 * is needed; where the kernel does not allow it, nothing is lost but the order.
 */
#ifndef VIGIL_SHELL_THREAD_H
#define VIGIL_SHELL_THREAD_H

/* The calling thread gets a tenth of the others' share of a core that both want, and pushes
 * none of them aside when it wakes. */
void vg_thread_stand_back(void);

#endif
