// SPDX-License-Identifier: Apache-2.0
//
// The body of the function node of the Node-RED peer (node_red_flow.js): the rule of bench.yaml, and readings gathered
// to one INSERT a second or a thousand messages. Outputs: an alert; an INSERT.
const NUMBER = { temp: 0, hr: 1, rr: 2, spo2: 3, sbp: 4, dbp: 5, map: 6 };
let state = context.get("state");
if (state === undefined) {
    state = { beds: new Map(), rows: [], messages: 0 };
    context.set("state", state);
}

function insert() {
    if (state.messages === 0) {
        return null;
    }
    const text = "INSERT OR REPLACE INTO reading VALUES" + state.rows.join(",");
    state.rows = [];
    state.messages = 0;
    return { topic: text };
}

if (msg.tick !== undefined) {
    return [null, insert()];
}
const [, , , ward, name] = msg.topic.split("/");
let bed = state.beds.get(name);
if (bed === undefined) {
    bed = { at: [], value: [], first: 0, total: 0, low: -Infinity, was: false };
    state.beds.set(name, bed);
}
const at = Date.parse(msg.payload.ts);
for (const item of msg.payload.obs) {
    if (item.code === "temp") {
        bed.at.push(at);
        bed.value.push(item.value);
        bed.total += item.value;
    } else if (item.code === "sbp" && item.value < 90) {
        bed.low = at;
    }
    state.rows.push(`('${name}',${NUMBER[item.code]},${at},${item.value})`);
}
while (bed.first < bed.at.length && bed.at[bed.first] <= at - 600000) {
    bed.total -= bed.value[bed.first++];
}
if (bed.first > 1000) {
    bed.at.splice(0, bed.first);
    bed.value.splice(0, bed.first);
    bed.first = 0;
}
const held = bed.at.length - bed.first;
const is = held > 0 && bed.total >= 38.0 * held - 1e-6 && at - bed.low <= 300000;
let alert = null;
if (is && !bed.was) {
    const event = { event: "raised", rule: "BENCH", bed: name, onset: msg.payload.ts };
    alert = { topic: `vigil/v1/wards/${ward}/events`, payload: JSON.stringify(event) };
}
bed.was = is;
state.messages += 1;
const due = state.messages >= 1000 ? insert() : null;
return alert !== null || due !== null ? [alert, due] : null;
