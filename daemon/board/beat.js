// SPDX-License-Identifier: Apache-2.0
// A worker: four times a second, whether somebody looks at the page or not (steady.js).
setInterval(() => postMessage(null), 250);
