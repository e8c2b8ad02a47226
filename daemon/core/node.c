/* SPDX-License-Identifier: Apache-2.0
 *
 * What the shell finds wrong with the node or with a gateway becomes an alert like any
 * other: it has a ladder, is acknowledged and accepted, and ends when it is right again.
 * The node's troubles are kept like those of a bed named "", a gateway's like those of a
 * bed named ":gateway", which no real bed can be called.
 */
#include <stdio.h>
#include <string.h>

#include "core/carer.h"

#define TROUBLE(which, urgency, ladder_, en_, zh_) \
    [which] = {.id = &#which[3],                   \
               .class_ = VG_CLASS_TECHNICAL,       \
               .severity = (urgency),              \
               .stand_in = (ladder_),              \
               .text = {en_, zh_},                 \
               .reference = {"", ""},              \
               .source = "message contract, section 3"}

/* &#which[3] leaves out "VG_". */
static struct vg_rule troubles[VG_TROUBLE_COUNT] = {
    TROUBLE(VG_GATEWAY_SILENT, VG_TECHNICAL, "technical",
            "A gateway sends nothing. Its beds are not watched.",
            "网关无数据，其床位未受监护。"),
    TROUBLE(VG_GATEWAY_CONFLICT, VG_TECHNICAL, "technical",
            "Two senders use the name of one gateway. Check which is right.",
            "两个发送方使用同一网关名，请核对。"),
    TROUBLE(VG_GATEWAY_CLOCK_SKEW, VG_TECHNICAL, "technical",
            "A gateway's clock and this computer's do not agree. Check both.",
            "网关与本机时钟不一致，请核对。"),
    TROUBLE(VG_MESSAGES_REFUSED, VG_TECHNICAL, "technical",
            "Many messages of a gateway are refused. Check its set-up.",
            "网关的大量消息被拒绝，请检查设置。"),
    TROUBLE(
        VG_STORE_DEGRADED, VG_URGENT, "urgent",
        "Readings cannot be stored. Alerts go on; records may be lost. Call IT now.",
        "读数无法保存。告警继续，但记录可能丢失。请立即联系信息科。"),
    TROUBLE(
        VG_BROKER_LOST, VG_URGENT, "urgent",
        "The connection to the message broker was lost: nobody was watched meanwhile. "
        "Look at the patients.",
        "与消息代理的连接曾中断，期间无人受监护，请查看病人。"),
    TROUBLE(VG_PAGE_UNDELIVERABLE, VG_URGENT, "urgent",
            "A call could not be delivered on any way. Look at the board.",
            "呼叫无法送达，请查看看板。"),
    TROUBLE(VG_PROTOCOL_REFUSED, VG_TECHNICAL, "technical",
            "A new protocol file is faulty. The old one stays in force.",
            "新的方案文件有误，仍使用旧方案。"),
    TROUBLE(VG_CLOCK_STEP, VG_TECHNICAL, "technical",
            "The clock of this computer was set. Times before and after do not agree.",
            "本机时钟被调整，前后时间不一致。"),
    TROUBLE(
        VG_NODE_CLOCK_SKEW, VG_TECHNICAL, "technical",
        "The gateways agree with each other on the time, and not with this computer: "
        "its clock is probably the wrong one.",
        "各网关时间一致而本机不同，本机时钟可能有误。"),
    TROUBLE(VG_CERT_EXPIRING, VG_TECHNICAL, "technical",
            "A certificate runs out soon: after that nobody is watched. Renew it.",
            "证书即将过期，过期后将无法监护，请更新。"),
    TROUBLE(
        VG_LADDER_STALLED, VG_CRITICAL, "critical",
        "An open alert waits for nothing: calls may be missing. Look at the board and the "
        "patients.",
        "有未关闭的告警无后续呼叫，请查看看板和病人。"),
    TROUBLE(VG_CERT_REFUSED, VG_TECHNICAL, "technical",
            "A new certificate is faulty. The old one stays in use.",
            "新证书有误，仍使用旧证书。"),
};

static const struct vg_protocol node_protocol = {.name = "",
                                                 .version = "",
                                                 .digest = "",
                                                 .signed_by = "",
                                                 .rule_count = VG_TROUBLE_COUNT,
                                                 .rule = troubles};

const char *vg_trouble_text(enum vg_trouble trouble)
{
    return troubles[trouble].id;
}

const struct vg_protocol *vg_node_protocol(void)
{
    return &node_protocol;
}

static void raise_trouble(const struct vg_asking *asking, const struct vg_event *event)
{
    const size_t index = event->node.trouble;
    struct vg_rule_state *state = &asking->bed->state[index];

    state->phase = VG_ON;
    state->onset = asking->stamp;
    asking->bed->said = event->node.text;
    asking->bed->urgency = event->node.severity;
    vg_tell_raised(asking, index, asking->stamp);
    asking->bed->said = NULL;
    asking->bed->urgency = VG_INFO;
}

/* It is open, and has become graver. */
static void rise(const struct vg_asking *asking, const struct vg_event *event)
{
    const size_t index = event->node.trouble;
    struct vg_alert *alert = asking->bed->state[index].alert;

    if (alert == NULL || event->node.severity <= alert->severity) {
        return;
    }
    alert->severity = event->node.severity;
    alert->peak = alert->severity > alert->peak ? alert->severity : alert->peak;
    if (event->node.text != NULL) {
        (void)vg_copy(alert->text, sizeof alert->text, event->node.text);
    }
    vg_carer_severity(asking->engine, asking->bed, index, true, asking->stamp);
}

enum vg_status vg_node_event(struct vg_engine *engine, const struct vg_event *event)
{
    char name[VG_ID_LEN + 1] = "";
    const char *slot = event->node.slot;
    const size_t index = event->node.trouble;

    if (slot[0] != '\0') {
        name[0] = ':';
        (void)vg_copy(name + 1, sizeof name - 1, slot);
    }
    struct vg_bed *bed = vg_roster_bed(engine, event->node.ward, name);
    if (bed == NULL || !vg_tell_reserve(engine, bed, 0)) {
        return VG_NO_MEMORY;
    }
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = engine->now,
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now};
    if (event->node.on && bed->state[index].phase == VG_IDLE) {
        raise_trouble(&asking, event);
    } else if (event->node.on) {
        rise(&asking, event);
    } else if (!event->node.on && bed->state[index].phase != VG_IDLE) {
        bed->state[index].phase = VG_IDLE;
        vg_tell_ended(engine, bed, index, false, engine->now);
    }
    vg_bed_rewake(engine, bed);
    return VG_OK;
}

/* ---- A page that has no way left */

enum vg_status vg_unreachable_event(struct vg_engine *engine,
                                    const struct vg_event *event)
{
    struct vg_found found = vg_find_alert(engine, event->unreachable.alert);
    char page[VG_ALERT_LEN + 1];

    if (found.bed == NULL) {
        return VG_OK;
    }
    struct vg_rule_state *state = &found.bed->state[found.index];
    const uint32_t role =
        vg_plan_role(&state->alert->care.plan, event->unreachable.role);
    vg_page_id(state->alert, VG_PAGE_CALL, event->unreachable.role, page);
    if (role == 0 || strcmp(page, event->unreachable.page) != 0) {
        return VG_OK; /* of a step that is over */
    }
    if (!vg_tell_reserve(engine, found.bed, 0)) {
        return VG_NO_MEMORY;
    }
    const struct vg_turn turn = vg_care_unreachable(state->alert, role, engine->now);
    (void)snprintf(state->alert->remark, sizeof state->alert->remark,
                   "no way leads to %s", event->unreachable.role);
    vg_carer_turn(engine, found.bed, state, &turn, engine->now);
    vg_bed_rewake(engine, found.bed);
    return VG_OK;
}
