/* SPDX-License-Identifier: Apache-2.0
 *
 * Coroutines: the daemon's main thread and the store's, one at a time and never by chance.
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "sim/sim.h"

#define STACK ((size_t)1 << 20)

struct co {
    ucontext_t here, back;
    void (*entry)(void *);
    void *argument;
    void *stack;
    bool ended;
};

static struct co *current;

static void run(void)
{
    current->entry(current->argument);
    current->ended = true;
    (void)swapcontext(&current->here, &current->back);
    abort();
}

struct co *co_start(void (*entry)(void *), void *argument)
{
    struct co *co = calloc(1, sizeof *co);

    assert(co != NULL);
    co->entry = entry;
    co->argument = argument;
    co->stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    assert(co->stack != MAP_FAILED);
    (void)getcontext(&co->here);
    co->here.uc_stack.ss_sp = co->stack;
    co->here.uc_stack.ss_size = STACK;
    co->here.uc_link = NULL;
    makecontext(&co->here, run, 0);
    return co;
}

void co_forget(struct co *co)
{
    if (co != NULL) {
        (void)munmap(co->stack, STACK);
        free(co);
    }
}

bool co_resume(struct co *co)
{
    assert(current == NULL);
    current = co;
    (void)swapcontext(&co->back, &co->here);
    current = NULL;
    if (co->ended) {
        co_forget(co);
        return false;
    }
    return true;
}

void co_yield (void)
{
    struct co *co = current;

    assert(co != NULL);
    (void)swapcontext(&co->here, &co->back);
}

bool co_inside(void)
{
    return current != NULL;
}
