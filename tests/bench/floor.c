/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor of the benchmark: the least that a subscriber on paho can do. It counts,
 * and answers the first message of a bed that is both feverish and low in pressure with an
 * alert, from paho's own callback: no JSON tree, no window, no store. What the daemon
 * costs beyond this is the daemon's own.
 *
 * On TERM it prints how many messages came, as one line of JSON.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <MQTTAsync.h>

enum { BEDS = 100000 };

static MQTTAsync client;
static atomic_ullong count;
static atomic_int ready;    /* 1 subscribed, -1 failed */
static bool answered[BEDS]; /* paho's receiving thread only */

/* The number behind `key`, or `none`. */
static double number_after(const char *text, size_t length, const char *key,
                           double none)
{
    const char *at = memmem(text, length, key, strlen(key));

    return at == NULL ? none : strtod(at + strlen(key), NULL);
}

static void answer(const char *topic, const char *text, size_t length)
{
    static const char time_key[] = "\"ts\":\"";
    const char *ts = memmem(text, length, time_key, strlen(time_key));
    char ward[16];
    unsigned bed = 0;
    char to[64];
    char alert[160];

    if (number_after(text, length, "\"temp\",\"value\":", 0) < 38.0 ||
        number_after(text, length, "\"sbp\",\"value\":", 999) >= 90 || ts == NULL ||
        sscanf(topic, "vigil/v1/beds/%15[^/]/b%u/", ward, &bed) != 2 || bed >= BEDS ||
        answered[bed]) {
        return;
    }
    answered[bed] = true;
    (void)snprintf(to, sizeof to, "vigil/v1/wards/%s/events", ward);
    const int size =
        snprintf(alert, sizeof alert,
                 "{\"event\":\"raised\",\"rule\":\"BENCH\",\"bed\":\"b%05u\","
                 "\"onset\":\"%.24s\"}",
                 bed, ts + strlen(time_key));

    (void)MQTTAsync_send(client, to, size, alert, 1, 0, NULL);
}

static int on_message(void *context, char *topic, int length,
                      MQTTAsync_message *message)
{
    (void)context;
    (void)length;
    (void)atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    answer(topic, message->payload, (size_t)message->payloadlen);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void on_failure(void *context, MQTTAsync_failureData *data)
{
    (void)context;
    (void)data;
    atomic_store(&ready, -1);
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    (void)context;
    (void)data;
    atomic_store(&ready, 1);
}

static void on_connected(void *context, MQTTAsync_successData *data)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    (void)context;
    (void)data;
    options.onSuccess = on_subscribed;
    options.onFailure = on_failure;
    if (MQTTAsync_subscribe(client, "vigil/v1/beds/+/+/vitals", 1, &options) !=
        MQTTASYNC_SUCCESS) {
        atomic_store(&ready, -1);
    }
}

static bool start(const char *url)
{
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
    MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer;

    create.MQTTVersion = MQTTVERSION_3_1_1;
    connect.MQTTVersion = MQTTVERSION_3_1_1;
    connect.keepAliveInterval = 60;
    connect.onSuccess = on_connected;
    connect.onFailure = on_failure;
    return MQTTAsync_createWithOptions(&client, url, "bench-floor",
                                       MQTTCLIENT_PERSISTENCE_NONE, NULL,
                                       &create) == MQTTASYNC_SUCCESS &&
           MQTTAsync_setCallbacks(client, NULL, NULL, on_message, NULL) ==
               MQTTASYNC_SUCCESS &&
           MQTTAsync_connect(client, &connect) == MQTTASYNC_SUCCESS;
}

int main(int argc, char **argv)
{
    sigset_t end;
    char url[40];
    int received = 0;

    if (argc != 2) {
        (void)fputs("usage: floor PORT\n", stderr);
        return 2;
    }
    /* Before paho makes its threads, so that only sigwait below sees them. */
    (void)sigemptyset(&end);
    (void)sigaddset(&end, SIGTERM);
    (void)sigaddset(&end, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &end, NULL);
    (void)snprintf(url, sizeof url, "tcp://127.0.0.1:%.5s", argv[1]);
    if (!start(url)) {
        (void)fputs("floor: cannot start\n", stderr);
        return 3;
    }
    while (atomic_load(&ready) == 0) {
        (void)usleep(1000);
    }
    if (atomic_load(&ready) < 0) {
        (void)fputs("floor: cannot connect or subscribe\n", stderr);
        return 3;
    }
    (void)puts("ready");
    (void)fflush(stdout);
    (void)sigwait(&end, &received);
    (void)printf("{\"count\":%llu}\n", atomic_load(&count));
    (void)fflush(stdout);
    _exit(0); /* paho's threads are still running: no destroy, no atexit */
}
