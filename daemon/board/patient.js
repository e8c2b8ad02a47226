// SPDX-License-Identifier: Apache-2.0
import {make} from './dom.js';
export class PatientPage {
    constructor(id) { this.id = id; this.element = make('section', {}, id); }
    load() {}
    close() {}
    alert() {}
    values() {}
}
