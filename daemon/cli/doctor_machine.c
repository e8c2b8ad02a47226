/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: the clock, and the addresses that should answer.
 */
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/doctor_reach.h"
#include "shell/tls.h"

/* ---- The clock. Rules use measured time: a clock that is off makes readings of the future,
 * or stale ones, of what is neither. */

#define OFF_WARN VG_SECOND /* what the kernel says it may be off by at most */
#define OFF_BAD  VG_MINUTE /* readings from so far ahead are taken for received now */

static enum vg_grade judge_sync(bool synchronised, vg_ms worst)
{
    if (!synchronised) {
        return VG_GRADE_WARN;
    }
    return worst > OFF_BAD    ? VG_GRADE_BAD
           : worst > OFF_WARN ? VG_GRADE_WARN
                              : VG_GRADE_OK;
}

void vg_doctor_clock(struct vg_doctor *doctor)
{
    static const char mend[] =
        "Run an NTP client that steers the clock (chrony or systemd-timesyncd) and let it "
        "reach its servers; timedatectl shows it.";
    struct timex about;

    memset(&about, 0, sizeof about);
    const int state = adjtimex(&about); /* modes 0: only asks */
    if (state < 0) {
        vg_doctor_say(doctor, VG_GRADE_WARN, mend,
                      "The kernel does not say whether its "
                      "clock is synchronised.");
        return;
    }
    const bool synchronised = state != TIME_ERROR && (about.status & STA_UNSYNC) == 0;
    const vg_ms worst = about.maxerror / 1000; /* from microseconds */
    const enum vg_grade grade = judge_sync(synchronised, worst);
    if (!synchronised) {
        vg_doctor_say(doctor, grade, mend,
                      "The clock is not synchronised: nothing on this machine corrects "
                      "it.");
    } else {
        vg_doctor_say(doctor, grade, grade == VG_GRADE_OK ? NULL : mend,
                      "The clock is synchronised, off by %lld ms at most.",
                      (long long)worst);
    }
}

/* ---- HTTP */

static void say_answer(struct vg_doctor *doctor, int status, const char *why)
{
    const char *listen = doctor->settings.http_listen;

    if (status == 200) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL, "%s answers and is ready.", listen);
    } else if (status == 503) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "See the alerts that it has raised about itself, here, and its log.",
            "%s answers that the daemon is not fit to be relied on.", listen);
    } else if (status == 401) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL,
                      "%s answers, and asks who is there: its users are configured.",
                      listen);
    } else if (status != 0) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "Another program has this address: give http.listen another port.",
            "%s answers, but not as vigil does (status %d).", listen, status);
    } else {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "Compare http.listen with what the daemon was started with; restart "
            "it if it does not answer.",
            "The daemon runs, but its HTTP cannot be reached: %s.", why);
    }
}

static int ask_by_tls(struct vg_doctor *doctor, const struct vg_reach *to,
                      struct vg_error *error)
{
    const char *cert = doctor->settings.http_cert;
    struct vg_tls_question question = {
        .host = to->host, .path = "/readyz", .cert = cert};
    bool same = false;

    question.fd = vg_reach_connect(to, error);
    if (question.fd < 0) {
        return 0;
    }
    const int status = vg_tls_ask(&question, &same, error);
    (void)close(question.fd);
    if (status != 0 && !same) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "The daemon's log says why (tls.refused); its next start would fail.",
            "%s shows another certificate than that of http.cert: it was not taken.",
            doctor->settings.http_listen);
    }
    return status;
}

void vg_doctor_http(struct vg_doctor *doctor)
{
    char url[VG_SETTING_LEN + 8] = "http://";
    struct vg_error error = {""};
    struct vg_reach to;
    const char *listen = doctor->settings.http_listen;

    (void)vg_copy(url + 7, sizeof url - 7, listen);
    if (!vg_reach_parse(url, &to) || strcmp(to.port, "0") == 0) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL,
                      "http.listen is %s: any free port, not looked for.", listen);
        return;
    }
    if (doctor->locked) {
        const char *cert = doctor->settings.http_cert;
        const int status = cert[0] != '\0' ? ask_by_tls(doctor, &to, &error)
                                           : vg_reach_ask(&to, "/readyz", &error);
        say_answer(doctor, status, error.text);
        return;
    }
    const int fd = vg_reach_connect(&to, &error);
    if (fd < 0) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL, "%s is free for the daemon.", listen);
        return;
    }
    (void)close(fd);
    vg_doctor_say(
        doctor, VG_GRADE_BAD,
        "End that program or give http.listen another port: the daemon will not "
        "start.",
        "The daemon does not run, and somebody else has %s.", listen);
}

/* ---- Channels. Connected to, not spoken with: a page that nobody asked for would wake
 * somebody. */

void vg_doctor_channels(struct vg_doctor *doctor)
{
    const struct vg_settings *s = &doctor->settings;

    for (size_t i = 0; i < s->channel_count; i++) {
        struct vg_error error = {""};
        struct vg_reach to = {{0}, {0}};
        const bool known = vg_reach_parse(s->channel[i].url, &to);
        const int fd = known ? vg_reach_connect(&to, &error) : -1;
        if (fd >= 0) {
            (void)close(fd);
            vg_doctor_say(doctor, VG_GRADE_OK, NULL,
                          "%s: %s port %s takes connections.", s->channel[i].name,
                          to.host, to.port);
            continue;
        }
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "Compare the channel's url, the name service and the firewalls with "
            "the service's own words: pages by this way do not arrive.",
            "%s cannot be reached: %s.", s->channel[i].name,
            known ? error.text : "its url is of no kind that is known");
    }
    if (s->channel_count == 0) {
        vg_doctor_say(doctor, VG_GRADE_WARN,
                      "Give a second way to people under \"channels\" and \"routes\": "
                      "CHANNELS.md.",
                      "Pages go by MQTT alone: if the broker is lost, only vigil watch "
                      "can call.");
    }
}
