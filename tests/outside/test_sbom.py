# SPDX-License-Identifier: Apache-2.0
"""What `make sbom` writes: valid against CycloneDX's own schema, true to what the programs load, the same bytes again."""
import ctypes
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

try:
    import jsonschema
except ImportError:  # another python3 is first in PATH: the package is one of Debian's
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

from place import BUILD, MOSQUITTO, ROOT, run

warnings.filterwarnings("ignore", category=DeprecationWarning)  # RefResolver: its successor is not in Debian 12
MAKE = os.path.join(ROOT, "contrib", "packaging", "make-sbom")
NPM = os.environ.get("VIGIL_NPM", os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "vigil", "npm"))
SCHEMAS = os.path.join(NPM, "node_modules", "@cyclonedx", "cyclonedx-library", "res", "schema")


def sbom(build=BUILD, **env):
    done = subprocess.run([MAKE, build, "0.1.0"], capture_output=True, text=True, env={**os.environ, **env})
    assert done.returncode == 0, done.stderr
    return done.stdout


ONCE = sbom()


def loaded_by(program):
    return {os.path.basename(m[1]) for m in re.finditer(r"^\s*(\S+)(?: => \S+)? \(0x", subprocess.run(
        ["ldd", program], capture_output=True, text=True, check=True).stdout, re.M)} - {"linux-vdso.so.1"}


def at_need():
    """The library that a channel loads, and what that loads."""
    text = subprocess.run(["readelf", "-p", ".note.dlopen", f"{BUILD}/vigild"], capture_output=True, text=True, check=True).stdout
    name = re.search(r'"soname":\["([^"]+)"\]', text)[1]
    ctypes.CDLL(name)
    path, = {line.split()[-1] for line in open("/proc/self/maps") if "libcurl" in line}
    return {name} | loaded_by(path)


def values(component, name):
    return {p["value"] for p in component["properties"] if p["name"] == name}


def faults(bom):
    store = {}
    for path in glob.glob(os.path.join(SCHEMAS, "*.schema.json")):
        schema = json.load(open(path, encoding="utf-8"))
        store[schema["$id"]] = store[f"http://cyclonedx.org/schema/{os.path.basename(path)}"] = schema
    schema = store["http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json"]
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
            for e in jsonschema.Draft7Validator(schema, resolver=resolver).iter_errors(bom)]


def test_it_is_cyclonedx():
    assert os.path.isdir(SCHEMAS), f"{SCHEMAS} is missing: contrib/install-deps test"
    bom = json.loads(ONCE)
    assert not faults(bom), faults(bom)[:5]
    bom["components"][0]["licenses"] = [{"license": {"id": "Expat"}}]
    assert faults(bom), "a licence that SPDX does not know"
    del bom["components"][0]["name"]
    assert len(faults(bom)) > 1, "a component without a name"


def test_it_is_true():
    bom = json.loads(ONCE)
    told = {s for c in bom["components"] for s in values(c, "vigil:loaded")}
    assert told == loaded_by(f"{BUILD}/vigild") | loaded_by(f"{BUILD}/vigil") | at_need(), told
    for c in bom["components"]:
        version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", c["name"]], capture_output=True, text=True, check=True).stdout
        assert c["version"] == version and ("licenses" in c or values(c, "vigil:licence")), c
    direct = {c["name"] for c in bom["components"] if values(c, "vigil:linked") == {"directly"}}
    assert {"libsqlite3-0", "libcjson1", "libuv1", "libmicrohttpd12", "libc6"} <= direct, direct
    assert "libgmp10" not in direct, direct
    assert {c["name"] for c in bom["components"] if values(c, "vigil:linked") == {"loaded when needed"}} == {"libcurl4"}
    assert {c["name"] for c in bom["components"] if values(c, "vigil:linked") == {"built in"}} == {"libpaho-mqtt-dev"}
    ours, = (set(d["dependsOn"]) for d in bom["dependencies"] if d["ref"] == "pkg:generic/vigil@0.1.0")
    assert any("/libcurl4@" in ref for ref in ours) and not any("/libldap" in ref for ref in ours), ours
    refs = {c["bom-ref"] for c in bom["components"]}
    assert all(set(d["dependsOn"]) <= refs for d in bom["dependencies"])
    assert {d["ref"] for d in bom["dependencies"]} == refs | {"pkg:generic/vigil@0.1.0"}
    print(f"  {len(refs)} packages, {len(direct)} linked directly, {sum('licenses' in c for c in bom['components'])} with licences")


def test_it_is_the_same_again():
    assert ONCE == sbom(TZ="Asia/Tokyo", LANG="C") and json.loads(ONCE)["serialNumber"].startswith("urn:uuid:")
    later = sbom(SOURCE_DATE_EPOCH="86400")
    assert later != ONCE and "1970-01-02T00:00:00Z" in later


def test_another_program_is_another_list():
    folder = tempfile.mkdtemp(prefix="vigil-test-")
    shutil.copy(MOSQUITTO, f"{folder}/vigild")
    shutil.copy(MOSQUITTO, f"{folder}/vigil")
    other, ours = ({c["name"] for c in json.loads(text)["components"]} for text in (sbom(folder), ONCE))
    assert len(other - ours) > 3 and len(ours - other) > 0, other - ours
    shutil.rmtree(folder)


assert MOSQUITTO
run([v for k, v in list(globals().items()) if k.startswith("test_")])
