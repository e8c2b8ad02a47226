// SPDX-License-Identifier: Apache-2.0
// Checks FHIR R4 resources, one JSON object a line on standard input: against the published JSON schema; each code
// against its code system, as far as that is published with it; vital signs against their profiles: the codes that
// these fix and the units that they allow. Prints {"faults": ["…"], "count": {"schema": …, "codes": …, …}}.
import {createInterface} from 'node:readline';
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, join} from 'node:path';

const cache = process.env.VIGIL_NPM ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vigil', 'npm');
const need = createRequire(join(cache, 'package.json'));
const Ajv = need('ajv').default;
const folder = join(cache, 'node_modules', '@medplum', 'definitions', 'dist', 'fhir', 'r4');
const load = (name) => JSON.parse(readFileSync(join(folder, name)));
const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const faults = [];
const count = {};

function counted(what) {
    count[what] = (count[what] ?? 0) + 1;
}

// ---- What is published

const schema = load('fhir.schema.json');
const ajv = new Ajv({strict: false, allErrors: false, validateFormats: false});
ajv.addMetaSchema(JSON.parse(readFileSync(join(dirname(need.resolve('ajv/package.json')), 'dist', 'refs', 'json-schema-draft-06.json'))));
for (const key of ['id', 'oneOf', 'discriminator']) delete schema[key];  // of an older draft; of all resources
// The file has resources beside those of R4, which refer to types that are not there; ours are enough, and quick.
const served = ['Bundle', 'CapabilityStatement', 'OperationOutcome', 'Patient', 'Encounter', 'Observation', 'Flag', 'Communication'];
schema.definitions.ResourceList = {oneOf: served.map((type) => ({$ref: `#/definitions/${type}`}))};
ajv.addSchema(schema, 'fhir');

const systems = new Map();  // code system -> Set of codes
const sets = new Map();     // value set -> [[system, Set of codes or null: all]]
function takeConcepts(concepts, codes) {
    for (const c of concepts ?? []) {
        codes.add(c.code);
        takeConcepts(c.concept, codes);
    }
    return codes;
}
for (const file of ['valuesets.json', 'v3-codesystems.json']) {
    for (const {resource: r} of load(file).entry) {
        if (r.resourceType === 'CodeSystem' && r.content === 'complete') systems.set(r.url, takeConcepts(r.concept, new Set()));
        if (r.resourceType === 'ValueSet') {
            sets.set(r.url, (r.compose?.include ?? []).map((i) => [i.system, i.concept ? takeConcepts(i.concept, new Set()) : null]));
        }
    }
}
const profiles = new Map();
for (const {resource: r} of load('profiles-others.json').entry) {
    if (r.resourceType === 'StructureDefinition') profiles.set(r.url, r);
}

function inSet(url, system, code) {
    const set = sets.get(url.split('|')[0]);
    if (!set) throw new Error(`no value set ${url}`);
    return set.some(([s, codes]) => s === system && (codes === null || codes.has(code)));
}

// ---- Checks

const compiled = new Map();
function bySchema(resource, name) {
    const type = resource.resourceType;
    if (!compiled.has(type)) compiled.set(type, ajv.compile({$ref: `fhir#/definitions/${type}`}));
    const validate = compiled.get(type);
    counted('schema');
    if (!validate(resource)) faults.push(`${name}: ${ajv.errorsText(validate.errors)}`);
}

// Every {system, code} anywhere.
function byCodeSystem(value, name) {
    if (Array.isArray(value)) {
        if (value.length === 0) faults.push(`${name}: an empty list`);
        for (const v of value) byCodeSystem(v, name);
    } else if (value && typeof value === 'object') {
        if (Object.keys(value).length === 0) faults.push(`${name}: an empty object`);
        if (typeof value.code === 'string' && typeof value.system === 'string') byOneSystem(value, name);
        for (const v of Object.values(value)) byCodeSystem(v, name);
    } else if (value === null || value === '') faults.push(`${name}: null or an empty text`);
}

function byOneSystem({system, code}, name) {
    if (systems.has(system)) {
        counted('codes');
        if (!systems.get(system).has(code)) faults.push(`${name}: ${code} is not in ${system}`);
    } else if (system === UCUM) {
        counted('units');
        if (!inSet('http://hl7.org/fhir/ValueSet/ucum-common', UCUM, code) && !/^\{[A-Za-z]+\}$/.test(code)) faults.push(`${name}: ${code} is no common unit`);
    } else if (!system.startsWith('urn:vigil:') && system !== LOINC) faults.push(`${name}: nobody publishes ${system}`);
}

// What a profile fixes or binds below a path, by the path and slice of its elements.
function rules(profile) {
    return profile.snapshot.element.filter((e) => e.fixedCode || e.fixedUri || (e.binding?.strength === 'required' && e.path.endsWith('.code')));
}

function byProfile(observation, url, name) {
    const profile = profiles.get(url);
    if (!profile) return faults.push(`${name}: there is no profile ${url}`);
    counted('profiles');
    for (const e of rules(profile)) {
        const slice = e.id.match(/component:([A-Za-z]+)/)?.[1];
        const parts = !e.path.startsWith('Observation.component') ? [observation]
            : observation.component.filter((c) => !slice || c.code.coding.some((k) => k.code === fixedOf(profile, slice)));
        if (slice && parts.length !== 1) faults.push(`${name}: ${parts.length} of component ${slice}`);
        for (const part of parts) byRule(part, e, name);
    }
    if (!observation.category.some((c) => c.coding.some((k) => k.code === 'vital-signs'))) faults.push(`${name}: not in vital-signs`);
    if (!observation.effectiveDateTime?.match(/T.*\.\d{3}Z$/)) faults.push(`${name}: ${observation.effectiveDateTime} has no milliseconds`);
}

function fixedOf(profile, slice) {
    return profile.snapshot.element.find((e) => e.id.includes(`component:${slice}.code.coding`) && e.path.endsWith('coding.code') && e.fixedCode)?.fixedCode;
}

function byRule(part, e, name) {
    const path = e.path.replace(/^Observation\.(component\.)?/, '');
    if (path === 'code.coding.code' && e.fixedCode) {
        counted('fixed codes');
        if (!part.code.coding.some((k) => k.system === LOINC && k.code === e.fixedCode)) faults.push(`${name}: code ${e.fixedCode} is missing`);
    } else if (/^value(\[x\]|Quantity)\.code$/.test(path)) {
        if (!part.valueQuantity) {
            if (!part.dataAbsentReason) faults.push(`${name}: neither value nor reason`);
            return;
        }
        counted('units of profiles');
        const {system, code} = part.valueQuantity;
        const good = system === UCUM && (e.fixedCode ? code === e.fixedCode : inSet(e.binding.valueSet, system, code));
        if (!good) faults.push(`${name}: the profile does not allow ${code}`);
    }
}

function check(resource) {
    const name = `${resource.resourceType}/${resource.id ?? ''}`;
    bySchema(resource, name);
    byCodeSystem(resource, name);
    if (resource.resourceType !== 'Observation') return;
    for (const url of resource.meta?.profile ?? []) byProfile(resource, url, name);
    const vital = resource.category.some((c) => c.coding.some((k) => k.code === 'vital-signs'));
    if (!vital) return;
    if (!resource.meta?.profile) faults.push(`${name}: a vital sign without a profile`);
    counted('vital signs');
    for (const part of [resource, ...(resource.component ?? [])]) {
        if (!part.code.coding.some((k) => inSet('http://hl7.org/fhir/ValueSet/observation-vitalsignresult', k.system, k.code))) faults.push(`${name}: no code of the vital signs`);
        if (part.valueQuantity && !inSet('http://hl7.org/fhir/ValueSet/ucum-vitals-common', UCUM, part.valueQuantity.code)) faults.push(`${name}: ${part.valueQuantity.code} is no unit of vital signs`);
    }
}

for await (const line of createInterface({input: process.stdin})) {
    const resource = JSON.parse(line);
    check(resource);
    for (const entry of resource.entry ?? []) check(entry.resource);
}
process.stdout.write(`${JSON.stringify({faults, count})}\n`);
