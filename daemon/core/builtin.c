/* SPDX-License-Identifier: Apache-2.0
 *
 * The built-in rules. See builtin.h. Severities: Clinical reference 9.3.
 */
#include "core/builtin.h"

static const struct vg_rule rules[VG_BUILTIN_COUNT] = {
    [VG_CHECK_PATIENT] =
        {.id = "CHECK_PATIENT",
         .class_ = VG_CLASS_GLOBAL,
         .severity = VG_CRITICAL,
         .stand_in = "check-patient",
         .text =
             {"Value beyond what can be measured, a cuff that twice gave no pressure, or a flat "
              "line: asystole, apnoea, no pressure or lead off. Look now.",
              "数值超出可测范围、袖带两次未测得血压或动脉波形平直：心搏停止、呼吸暂停、无血压或导联脱落。立即查看病人。"},
         .reference = {"Look at the patient first, then at the sensor.", ""},
         .source = "Clinical reference 10.1"},
    [VG_OUT_OF_RANGE_RULE] =
        {.id = "OUT_OF_RANGE",
         .class_ = VG_CLASS_TECHNICAL,
         .severity = VG_TECHNICAL,
         .stand_in = "technical",
         .text =
             {"A value outside the physically possible range was refused. Check the "
              "sensor.",
              "数值超出生理可能范围，已拒绝。请检查传感器。"},
         .reference = {"", ""},
         .source = "Clinical reference 10.1"},
    [VG_CLOCK_FUTURE] =
        {.id = "CLOCK_FUTURE",
         .class_ = VG_CLASS_TECHNICAL,
         .severity = VG_TECHNICAL,
         .stand_in = "technical",
         .text = {"Readings are stamped in the future. They are judged as measured on "
                  "arrival. Check the gateway's clock.",
                  "读数时间在未来，按到达时间判断。请检查网关时钟。"},
         .reference = {"", ""},
         .source = "Clinical reference 0.3"},
    [VG_IDENTITY_MISMATCH] =
        {.id = "IDENTITY_MISMATCH",
         .class_ = VG_CLASS_TECHNICAL,
         .severity = VG_TECHNICAL,
         .latch = true,
         .stand_in = "technical",
         .text =
             {"Readings name another patient than the one admitted to this bed. They are "
              "kept aside. Check who is connected.",
              "读数中的病人与本床登记的病人不符，已另存。请核对身份。"},
         .reference = {"", ""},
         .source = "message contract, patient"},
    [VG_PROTOCOL_UNKNOWN] =
        {.id = "PROTOCOL_UNKNOWN",
         .class_ = VG_CLASS_TECHNICAL,
         .severity = VG_TECHNICAL,
         .stand_in = "technical",
         .text =
             {"The protocol that the admission names is not loaded: the patient is "
              "watched by another. Admit with the right one, or load it.",
              "登记所指定的方案未加载，病人暂由其他方案监护。请更正登记或加载方案。"},
         .reference = {"", ""},
         .source = "message contract, episode"},
};

/* Never raised, found or asked: its alert stands for itself. */
static const struct vg_rule orphan = {
    .id = "", .class_ = VG_CLASS_TECHNICAL, .severity = VG_TECHNICAL};

const struct vg_rule *vg_builtin_rule(enum vg_builtin which)
{
    return which < VG_BUILTIN_COUNT ? &rules[which] : &orphan;
}
