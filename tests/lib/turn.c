/* SPDX-License-Identifier: Apache-2.0
 *
 * Turning a loop.
 */
#include "lib/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PATIENCE_MS 20000

static void on_timeout(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing happened for %d ms", PATIENCE_MS);
}

void turn_until(uv_loop_t *loop, const bool *flag)
{
    uv_timer_t timeout;
    uv_timer_init(loop, &timeout);
    uv_timer_start(&timeout, on_timeout, PATIENCE_MS, 0);
    while (!*flag) {
        uv_run(loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&timeout, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
}

void turn_out(uv_loop_t *loop)
{
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}
