/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon ends by _exit, since paho's threads must not meet a destroyed client; what was
 * counted is written at an ordinary end only. Linked into the build for coverage, with
 * --wrap=_exit.
 */
void __gcov_dump(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}
