/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions that the linker puts in the place of paho's own (--wrap, in the Makefile; it can in paho's static archive
 * only). What paho reads ahead is in mqtt_ahead.c.
 */
#include "shell/mqtt_paho.h"

/* A fault of paho 1.3.12 that ends the process, mended from outside.
 *
 * A publication goes into the list of what is in flight, topic and payload with it, and then out. If that
 * fails because the connection is gone, paho's caller frees topic and payload, and the list does so again when
 * it is emptied with the session; what got their place meanwhile is torn. So the caller is told that it is
 * being written, and the list is the only owner. The receiving thread sees that the connection is gone, and
 * ends it; mqtt_link.c has a deadline should it not. On paho's threads; the types are paho's own. */
#define PAHO_FAILED  (-1)  /* SOCKET_ERROR */
#define PAHO_WRITING (-22) /* TCPSOCKET_INTERRUPTED */
/* The linker's names.
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming) */
int __real_MQTTProtocol_startPublish(void *client, void *publish, int qos, int retained,
                                     void **message);
int __wrap_MQTTProtocol_startPublish(void *client, void *publish, int qos, int retained,
                                     void **message);

int __wrap_MQTTProtocol_startPublish(void *client, void *publish, int qos, int retained,
                                     void **message)
{
    const int code =
        __real_MQTTProtocol_startPublish(client, publish, qos, retained, message);

    return code == PAHO_FAILED && qos > 0 ? PAHO_WRITING : code;
}

/* Paho also notes each call of each of its functions, under a lock of the whole process, for a dump of the stack that
 * nobody here asks for: a sixth of what its receiving thread does when many messages come. */
void __wrap_StackTrace_entry(const char *function, int line, int level);
void __wrap_StackTrace_exit(const char *function, int line, void *answer, int level);

void __wrap_StackTrace_entry(const char *function, int line, int level)
{
    (void)function;
    (void)line;
    (void)level;
}

void __wrap_StackTrace_exit(const char *function, int line, void *answer, int level)
{
    (void)function;
    (void)line;
    (void)answer;
    (void)level;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming) */
