/* SPDX-License-Identifier: Apache-2.0
 *
 * What kind of world a seed is. Most are bad in one way or two; some are calm, so that the
 * oracle can ask for every instant; a few are bad in every way at once.
 */
#include "sim/sim.h"

static vg_ms mean_of(bool wanted, vg_ms low, vg_ms high)
{
    return wanted ? luck_between(LUCK_PLAN, low, high) : 0;
}

void plan_draw(void)
{
    const int64_t kind = luck_below(LUCK_PLAN, 10); /* 0, 1: calm; 9: everything */
    const double odds = kind < 2 ? 0 : kind == 9 ? 80 : 30;
    struct sim_plan *p = &sim.plan;

    *p = (struct sim_plan){.length = luck_between(LUCK_PLAN, 6, 11) * VG_MINUTE};
    p->gateways = (unsigned)luck_between(LUCK_PLAN, 1, 3);
    p->beds = p->gateways + (unsigned)luck_between(LUCK_PLAN, 0, 3);
    p->period = luck_between(LUCK_PLAN, 6, 20) * VG_SECOND;
    p->lose =
        luck_percent(LUCK_PLAN, odds) ? (double)luck_between(LUCK_PLAN, 1, 12) : 0;
    p->twice =
        luck_percent(LUCK_PLAN, odds) ? (double)luck_between(LUCK_PLAN, 1, 15) : 0;
    p->broker_slow =
        luck_percent(LUCK_PLAN, odds) ? luck_between(LUCK_PLAN, 10, 4000) : 10;
    p->sync_slow =
        luck_percent(LUCK_PLAN, odds) ? luck_between(LUCK_PLAN, 20, 1500) : 20;
    p->broker_away = mean_of(luck_percent(LUCK_PLAN, odds), 120000, 600000);
    p->link_lost = mean_of(luck_percent(LUCK_PLAN, odds), 60000, 600000);
    p->gateway_away = mean_of(luck_percent(LUCK_PLAN, odds), 90000, 600000);
    p->kill_every = mean_of(luck_percent(LUCK_PLAN, odds), 60000, 400000);
    p->cut_every = mean_of(luck_percent(LUCK_PLAN, odds), 60000, 400000);
    p->stop_every = mean_of(luck_percent(LUCK_PLAN, odds / 2), 120000, 400000);
    p->move_every = mean_of(luck_percent(LUCK_PLAN, odds + 20), 40000, 300000);
    p->deaf =
        luck_percent(LUCK_PLAN, 30) ? 100 : (unsigned)luck_between(LUCK_PLAN, 0, 80);
    p->stall = kind < 2 ? 0 : 1;
    p->stall_long = luck_percent(LUCK_PLAN, odds) ? 0.05 : 0;
    p->steps = luck_percent(LUCK_PLAN, odds / 2);
    p->disk_fails = luck_percent(LUCK_PLAN, odds / 2);
    p->crowd = luck_percent(LUCK_PLAN, 20);
}

void plan_print(void)
{
    const struct sim_plan *p = &sim.plan;

    trace_line(
        "{\"t\":0,\"e\":\"plan\",\"seed\":%llu,\"length\":%lld,\"gateways\":%u,"
        "\"beds\":%u,\"period\":%lld,\"lose\":%g,\"twice\":%g,\"broker_slow\":%lld,"
        "\"sync_slow\":%lld,\"broker_away\":%lld,\"link_lost\":%lld,"
        "\"gateway_away\":%lld,\"kill\":%lld,\"cut\":%lld,\"stop\":%lld,\"move\":%lld,"
        "\"deaf\":%u,\"stall\":%g,\"stall_long\":%g,\"steps\":%d,\"disk\":%d,"
        "\"crowd\":%d}",
        (unsigned long long)sim.seed, (long long)p->length, p->gateways, p->beds,
        (long long)p->period, p->lose, p->twice, (long long)p->broker_slow,
        (long long)p->sync_slow, (long long)p->broker_away, (long long)p->link_lost,
        (long long)p->gateway_away, (long long)p->kill_every, (long long)p->cut_every,
        (long long)p->stop_every, (long long)p->move_every, p->deaf, p->stall,
        p->stall_long, p->steps, p->disk_fails, p->crowd);
}
