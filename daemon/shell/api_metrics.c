/* SPDX-License-Identifier: Apache-2.0
 *
 * /metrics in the text format of Prometheus. No patient, bed or value.
 */
#include "shell/api.h"

#define PREFIX "vigil_"

static void head(struct vg_buffer *b, const char *name, const char *type,
                 const char *help)
{
    vg_put_raw(b, "# HELP " PREFIX);
    vg_put_raw(b, name);
    vg_put_raw(b, " ");
    vg_put_raw(b, help);
    vg_put_raw(b, "\n# TYPE " PREFIX);
    vg_put_raw(b, name);
    vg_put_raw(b, " ");
    vg_put_raw(b, type);
    vg_put_raw(b, "\n");
}

static void line(struct vg_buffer *b, const char *name, const char *label,
                 struct vg_decimal value)
{
    char text[VG_DECIMAL_TEXT];

    (void)vg_decimal_format(value, text, sizeof text);
    vg_put_raw(b, PREFIX);
    vg_put_raw(b, name);
    vg_put_raw(b, label);
    vg_put_raw(b, " ");
    vg_put_raw(b, text);
    vg_put_raw(b, "\n");
}

static struct vg_decimal whole(uint64_t number)
{
    return (struct vg_decimal){(int64_t)number, 0};
}

struct row {
    const char *name, *help;
    uint64_t value;
};

static void put_rows(struct vg_buffer *b, const char *type, const struct row *rows,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        head(b, rows[i].name, type, rows[i].help);
        line(b, rows[i].name, "", whole(rows[i].value));
    }
}

static void put_counters(struct vg_buffer *b, const struct vg_live_node *n,
                         const struct vg_http_counts *http)
{
    const struct row rows[] = {
        {"messages_received_total",
         "Messages taken from the broker, HTTP and the journal.", n->letters},
        {"messages_repeated_total", "Messages that had come before.", n->repeats},
        {"messages_dropped_total",
         "Messages not taken for want of memory; they come again.", n->dropped},
        {"inbox_refused_total", "Messages refused because the inbox was full.",
         n->inbox_refused},
        {"readings_total", "Readings handed to the engine.", n->readings},
        {"engine_steps_total", "Events the engine was handed.", n->steps},
        {"rules_evaluated_total", "Rules the engine has evaluated.", n->asked},
        {"store_batches_total", "Batches written to the store.", n->batches},
        {"alert_changes_published_total", "Changes of alerts handed to the broker.",
         n->notices},
        {"alert_changes_unstored_total",
         "Changes of alerts that were told before they were stored.", n->early},
        {"pages_sent_total", "Pages sent to people.", n->pages},
        {"commands_total", "Commands that people gave.", n->commands},
        {"heartbeats_total", "Heartbeats, each behind a letter through the whole path.",
         n->beats},
        {"http_requests_total", "HTTP requests.", http->requests},
        {"http_refused_total", "HTTP requests refused for their form or size.",
         http->refused},
        {"http_timeouts_total", "HTTP connections ended because they took too long.",
         http->timeouts},
        {"http_streams_total", "Event streams begun.", http->streams},
        {"http_resyncs_total", "Event streams told to ask for everything anew.",
         http->resyncs},
    };

    put_rows(b, "counter", rows, sizeof rows / sizeof rows[0]);
}

static void put_gauges(struct vg_buffer *b, const struct vg_live_node *n,
                       const struct vg_http_counts *http)
{
    const struct row rows[] = {
        {"ready", "1 if the daemon is fit to be relied on.", n->ready},
        {"broker_in_up", "1 if messages can come in.", n->broker_in},
        {"broker_out_up", "1 if alerts can go out to the broker.", n->broker_out},
        {"store_up", "1 if the store takes what is written.", !n->store_failed},
        {"beds", "Beds that are watched.", n->beds},
        {"patients", "Patients that are admitted.", n->patients},
        {"audit_rows", "Rows of the audit trail.", n->audit_rows},
        {"http_connections", "Open HTTP connections.", http->connections},
        {"http_open_streams", "Open event streams.", http->open_streams},
    };

    put_rows(b, "gauge", rows, sizeof rows / sizeof rows[0]);
}

static void put_times(struct vg_buffer *b, const struct vg_live_node *n,
                      struct vg_instant now)
{
    const struct {
        const char *name, *help;
        vg_ms value;
    } rows[] = {
        {"heartbeat_age_seconds", "Since the latest heartbeat.", vg_since(now, n->at)},
        {"path_seconds", "The latest heartbeat's letter through the whole path.",
         n->path},
        {"commit_age_seconds", "Since the latest batch was on disk.", n->commit_age},
        {"loop_lag_seconds", "The worst delay of the loop since the latest heartbeat.",
         n->loop_lag},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        head(b, rows[i].name, "gauge", rows[i].help);
        line(b, rows[i].name, "", vg_decimal_of(rows[i].value, 3));
    }
}

static void put_alerts(struct vg_api *api, struct vg_buffer *b)
{
    uint64_t open[VG_SEVERITY_COUNT];

    (void)vg_live_open_by_severity(api->live, open);
    head(b, "open_alerts", "gauge", "Open alerts.");
    for (int s = 0; s < VG_SEVERITY_COUNT; s++) {
        vg_put_raw(b, PREFIX "open_alerts{severity=\"");
        vg_put_raw(b, vg_severity_text((enum vg_severity)s));
        vg_put_raw(b, "\"} ");
        vg_put_int(b, (int64_t)open[s]);
        vg_put_raw(b, "\n");
    }
}

static void put_troubles(struct vg_api *api, struct vg_buffer *b)
{
    uint64_t open[VG_TROUBLE_COUNT];

    vg_live_open_by_trouble(api->live, open);
    head(b, "troubles", "gauge",
         "Open alerts about the node and the gateways, in all wards.");
    for (int t = 0; t < VG_TROUBLE_COUNT; t++) {
        vg_put_raw(b, PREFIX "troubles{trouble=\"");
        vg_put_raw(b, vg_trouble_text((enum vg_trouble)t));
        vg_put_raw(b, "\"} ");
        vg_put_int(b, (int64_t)open[t]);
        vg_put_raw(b, "\n");
    }
}

void vg_api_metrics(struct vg_api *api, const struct vg_api_call *call,
                    struct vg_api_answer *answer)
{
    static const struct vg_http_counts none;
    struct vg_buffer *b = &answer->text;
    struct vg_live_node node;

    answer->type = "text/plain; version=0.0.4; charset=utf-8";
    answer->changing = true;
    vg_live_node_get(api->live, &node);
    head(b, "build_info", "gauge", "Always 1; the version stands in the label.");
    line(b, "build_info", "{version=\"" VG_VERSION "\"}", whole(1));
    put_counters(b, &node, api->http != NULL ? api->http : &none);
    put_gauges(b, &node, api->http != NULL ? api->http : &none);
    put_times(b, &node, call->now);
    put_alerts(api, b);
    put_troubles(api, b);
}
