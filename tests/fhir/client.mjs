// SPDX-License-Identifier: Apache-2.0
// A stock FHIR client reads a patient's vital signs: usage client.mjs BASE PATIENT COUNT. Prints what it saw as one
// JSON object.
import {createRequire} from 'node:module';
import {homedir} from 'node:os';
import {join} from 'node:path';

const cache = process.env.VIGIL_NPM ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vigil', 'npm');
const need = createRequire(join(cache, 'package.json'));
const Client = need('fhir-kit-client');
const [baseUrl, patient, count] = process.argv.slice(2);
const client = new Client({baseUrl});

const capability = await client.capabilityStatement();
const person = await client.read({resourceType: 'Patient', id: patient});
const pages = [];
let bundle = await client.search({resourceType: 'Observation', searchParams: {patient, category: 'vital-signs', _count: count}});
while (bundle) {
    pages.push(bundle.entry.map((e) => e.resource));
    bundle = await client.nextPage({bundle});
}
const stays = await client.resourceSearch({resourceType: 'Encounter', searchParams: {patient}});
const encounter = await client.resolve({reference: pages[0][0].encounter.reference});
let outcome;
try {
    await client.read({resourceType: 'Observation', id: 'nothing'});
} catch (error) {
    outcome = {status: error.response.status, type: error.response.data.resourceType};
}
process.stdout.write(`${JSON.stringify({version: capability.fhirVersion, person, pages, stays: stays.entry?.length, encounter: encounter.id, outcome})}\n`);
