/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules and the ladder, at the ward and at home, of the tests of the carer.
 */
#ifndef VIGIL_TESTS_UNIT_CARER_HELP_H
#define VIGIL_TESTS_UNIT_CARER_HELP_H

#define RULE(id, class, severity, when, rest)                             \
    "  - id: " id                                                         \
    "\n    class: " class "\n    severity: " severity "\n    when: " when \
                          "\n    text: t\n    source: s\n    ladder: one\n" rest
#define LADDER                                       \
    "ladders:\n  one:\n    hold: 60m\n    steps:\n"  \
    "      - {offer: [nurse], wait: 10m}\n"          \
    "      - {offer: [senior], wait: 20m}\n"         \
    "      - {offer: [head], wait: 30m}\n"           \
    "    fallback: {offer: [doctor], repeat: 8h}\n"  \
    "  one-outpatient:\n    hold: 60m\n    steps:\n" \
    "      - {offer: [line], wait: 10m}\n"           \
    "    fallback: {offer: [doctor], repeat: 8h}\n"

static const char rules[] = RULE("SCORE", "global", "urgent", "news2.score >= 3", "")
    RULE("NEURO", "neuro", "urgent", "icans.grade >= 1",
         "") RULE("STORM", "infusion", "urgent", "crs.grade >= 1",
                  "") RULE("RATE", "lab", "urgent", "hr > 100 /min",
                           "    again: [hr > 110 /min, hr > 115 /min]\n")
        RULE("GRAVE", "haemodynamic", "critical", "map < 55 mm[Hg]", "    latch: yes\n")
            RULE("SUGAR", "technical", "technical", "glucose > 200 mg/dL", "") LADDER;

#endif
