// SPDX-License-Identifier: Apache-2.0
//
// Writes the folder of a Node-RED peer: its flow (MQTT in, a function node with node_red_rule.js, MQTT out, the SQLite
// node) and settings without editor or pages.
//
//   node node_red_flow.js FOLDER MODULES PORT STORE
"use strict";
const fs = require("fs");
const path = require("path");
const [, , folder, modules, port, store] = process.argv;

const TABLE = "CREATE TABLE IF NOT EXISTS reading(bed TEXT, signal INTEGER, at INTEGER, value REAL,"
    + " PRIMARY KEY(bed, signal, at)) WITHOUT ROWID";
const rule = fs.readFileSync(path.join(__dirname, "node_red_rule.js"), "utf8");
const wall = "ward";
const node = (id, type, more) => ({ id, type, z: wall, name: "", ...more });
const inject = (id, topic, to, more) => node(id, "inject", {
    topic, wires: [[to]], repeat: "", crontab: "", once: false, onceDelay: 0.1,
    props: [{ p: "topic", vt: "str" }], ...more,
});
const flow = [
    { id: wall, type: "tab", label: "ward" },
    { id: "broker", type: "mqtt-broker", broker: "127.0.0.1", port, clientid: "bench-node-red", autoConnect: true,
        usetls: false, protocolVersion: "4", keepalive: "60", cleansession: true, autoUnsubscribe: true },
    { id: "store", type: "sqlitedb", db: store, mode: "RWC" },
    node("in", "mqtt in", { topic: "vigil/v1/beds/+/+/vitals", qos: "1", datatype: "json", broker: "broker", inputs: 0, wires: [["rule"]] }),
    node("rule", "function", { func: rule, outputs: 2, initialize: "", finalize: "", libs: [], wires: [["out"], ["rows"]] }),
    node("out", "mqtt out", { topic: "", qos: "1", retain: "false", broker: "broker", wires: [] }),
    node("rows", "sqlite", { mydb: "store", sqlquery: "msg.topic", sql: "", wires: [[]] }),
    node("made", "sqlite", { mydb: "store", sqlquery: "batch", sql: "", wires: [[]] }),
    inject("begin", `PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; ${TABLE};`, "made", { once: true }),
    inject("second", "", "rule", { repeat: "1", props: [{ p: "tick", v: "true", vt: "bool" }] }),
];
fs.writeFileSync(path.join(folder, "flows.json"), JSON.stringify(flow));
fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({
    name: "bench-node-red", version: "1.0.0", private: true, dependencies: { "node-red-node-sqlite": "*" } }));
fs.writeFileSync(path.join(folder, "settings.js"), `module.exports = ${JSON.stringify({
    flowFile: "flows.json", uiHost: "127.0.0.1", uiPort: 0, httpAdminRoot: false, httpNodeRoot: false, disableEditor: true,
    telemetry: { enabled: false, updateNotification: false }, logging: { console: { level: "info" } },
    externalModules: { autoInstall: false, palette: { allowInstall: false, catalogues: [] } } })};\n`);
fs.symlinkSync(path.join(modules, "node_modules"), path.join(folder, "node_modules"));
