# SPDX-License-Identifier: Apache-2.0
"""The Debian package of what is built: lintian, its contents, the same bytes twice, its scripts, and the daemon out of it.
The long campaign, in a bare Debian 12, is `make deb-test`."""
import hashlib
import os
import re
import stat
import subprocess
import tempfile

from place import BUILD, ROOT, run

VERSION = re.search(r"^VERSION := (\S+)", open(os.path.join(ROOT, "Makefile")).read(), re.M)[1]
HERE = os.path.join(ROOT, "contrib", "packaging")
FOLDER = tempfile.TemporaryDirectory(prefix="vigil-test-")


def make(folder, **env):
    done = subprocess.run([os.path.join(HERE, "build-deb"), os.path.relpath(BUILD, ROOT), VERSION, folder], cwd=ROOT,
                          capture_output=True, text=True, env={**os.environ, **env})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def deb():
    names = [n for n in os.listdir(FOLDER.name) if n.endswith(".deb")]
    return os.path.join(FOLDER.name, names[0]) if names else make(FOLDER.name)


def extracted():
    root = os.path.join(FOLDER.name, "root")
    if not os.path.exists(root):
        subprocess.run(["dpkg-deb", "-R", deb(), root], check=True)
    return root


def files(root):
    return sorted(os.path.relpath(os.path.join(f, n), root) for f, _, names in os.walk(root) for n in names)


def test_the_same_bytes_twice():
    """Another time, another folder, another mask of rights."""
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as other:
        old = os.umask(0o077)
        try:
            second = make(other, TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
        finally:
            os.umask(old)
        first, second = (hashlib.sha256(open(path, "rb").read()).hexdigest() for path in (deb(), second))
        assert first == second, "two packages of the same build differ"


def test_lintian():
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", deb()], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stdout.strip(), done.stdout + done.stderr


def test_contents():
    root = extracted()
    there = set(files(root))
    for path in ("usr/sbin/vigild", "usr/bin/vigil", "lib/systemd/system/vigild.service",
                 "lib/systemd/system/vigil-watch.service", "etc/vigil/vigild.yaml", "etc/vigil/protocols/car-t.yaml",
                 "usr/share/man/man1/vigil.1.gz", "usr/share/man/man8/vigild.8.gz", "usr/share/man/man7/vigil-messages.7.gz",
                 "usr/share/bash-completion/completions/vigil", "usr/share/zsh/vendor-completions/_vigil",
                 "usr/share/doc/vigil/copyright", "usr/share/doc/vigil/README.Debian", "usr/share/doc/vigil/changelog.gz",
                 "usr/share/doc/vigil/examples/mosquitto/make-acl", "usr/share/doc/vigil/examples/prometheus/vigil.rules.yml",
                 "usr/share/doc/vigil/examples/grafana/vigil.json", "usr/share/vigil/schemas/alert.json"):
        assert path in there, path
    assert not [p for p in there if "__pycache__" in p or "/local/" in p or p.endswith(".o")]
    conffiles = set(open(os.path.join(root, "DEBIAN", "conffiles")).read().split())
    assert conffiles == {"/" + p for p in there if p.startswith("etc/")}, conffiles
    sums = dict(reversed(line.split("  ")) for line in open(os.path.join(root, "DEBIAN", "md5sums")).read().splitlines())
    assert set(sums) == {p for p in there if not p.startswith("DEBIAN/")}
    for path, md5 in sums.items():
        assert hashlib.md5(open(os.path.join(root, path), "rb").read()).hexdigest() == md5, path
    for path in there:
        mode = os.stat(os.path.join(root, path)).st_mode
        assert not mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_ISUID | stat.S_ISGID), path
    unit = open(os.path.join(root, "lib/systemd/system/vigild.service")).read()
    assert "/usr/local" not in unit and "ExecStart=/usr/sbin/vigild -c /etc/vigil/vigild.yaml" in unit


def test_units_need_nothing_that_a_small_system_lacks_and_fail_where_they_do_nothing():
    root = extracted()
    for name, settings in (("vigild", "vigild.yaml"), ("vigil-watch", "watch.yaml")):
        unit = open(os.path.join(root, f"lib/systemd/system/{name}.service")).read()
        for program in re.findall(r"^Exec\w+=[-@!+:]*(\S+)", unit, re.M):
            assert program == "/bin/sh" or os.path.exists(root + program), (name, program)
        assert f"\nAssertPathExists=/etc/vigil/{settings}\n" in unit and "\nCondition" not in unit, name


def test_control():
    text = subprocess.run(["dpkg-deb", "-f", deb()], capture_output=True, text=True, check=True).stdout
    fields = dict(re.findall(r"^([\w-]+): (.*)$", text, re.M))
    assert fields["Version"] == VERSION and fields["Package"] == "vigil", fields
    needs = {part.split()[0] for part in fields["Depends"].split(", ")}
    # Of each library that the programs name, the package; and what makes the user.
    for package in ("adduser", "libc6", "libuv1", "libsqlite3-0", "libcjson1", "libyaml-0-2",
                    "libmicrohttpd12", "libssl3", "libcurl4", "libzstd1"):
        assert package in needs, (package, needs)
    assert not [p for p in needs if p.endswith("-dev")], needs


def test_scripts():
    root = extracted()
    for name in ("postinst", "prerm", "postrm"):
        path = os.path.join(root, "DEBIAN", name)
        assert os.stat(path).st_mode & 0o111, name
        subprocess.run(["sh", "-n", path], check=True)
    text = open(os.path.join(root, "DEBIAN", "postinst")).read()
    for word in ("enable ", "systemctl start", "deb-systemd-invoke start", " restart "):
        assert word not in text.replace("enable --now vigild\"", ""), f"it would start unasked: {word}"
    text = open(os.path.join(root, "DEBIAN", "postrm")).read()
    for name in ("vigild", "vigil-watch"):
        assert f"multi-user.target.wants/{name}.service" in text, "enabled again by the next installation"
    assert "rm -r" not in text and "vigil.db" not in text, "what was stored must stay"


def test_the_daemon_out_of_it():
    root = extracted()
    settings = os.path.join(root, "etc/vigil/vigild.yaml")
    assert "path: /var/lib/vigil/vigil.db" in open(settings).read()
    store = os.path.join(FOLDER.name, "v.db")
    done = subprocess.run([os.path.join(root, "usr/sbin/vigild"), "--check", "-c", settings, "--set", f"store.path={store}"],
                          capture_output=True, text=True)
    assert done.returncode == 0 and "settings and protocols are good" in done.stdout, done
    done = subprocess.run([os.path.join(root, "usr/bin/vigil"), "--version"], capture_output=True, text=True)
    assert done.stdout == f"vigil {VERSION}\n", done
    said = subprocess.run(["file", "-b", os.path.join(root, "usr/sbin/vigild")], capture_output=True, text=True).stdout \
        if os.path.exists("/usr/bin/file") else "stripped"
    assert "not stripped" not in said, said


def test_make_install_leaves_what_a_hospital_wrote():
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as folder:
        words = ["make", "--no-print-directory", f"BUILD={os.path.relpath(BUILD, ROOT)}", f"DESTDIR={folder}"]
        subprocess.run([*words, "install"], cwd=ROOT, check=True, capture_output=True)
        protocol = os.path.join(folder, "etc/vigil/protocols/car-t.yaml")
        settings = os.path.join(folder, "etc/vigil/vigild.yaml")
        for path in (protocol, settings):
            with open(path, "a") as file:
                file.write("# ours\n")
        subprocess.run([*words, "install"], cwd=ROOT, check=True, capture_output=True)
        for path in (protocol, settings):
            assert open(path).read().endswith("# ours\n"), path
        subprocess.run([*words, "uninstall"], cwd=ROOT, check=True, capture_output=True)
        left = files(folder)
        assert left and all(path.startswith("etc/vigil/") for path in left), left


def test_make_install_into_other_folders_is_of_one_piece():
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as folder:
        subprocess.run(["make", "--no-print-directory", f"BUILD={os.path.relpath(BUILD, ROOT)}", f"DESTDIR={folder}", "PREFIX=/opt/vigil",
                        "SYSCONFDIR=/opt/etc", "STATEDIR=/srv/vigil", "UNITDIR=/u", "install"], cwd=ROOT, check=True, capture_output=True)
        unit = open(os.path.join(folder, "u/vigild.service")).read()
        assert "path: /srv/vigil/vigil.db" in open(os.path.join(folder, "opt/etc/vigil/vigild.yaml")).read()
        assert "\nReadWritePaths=/srv/vigil\n" in unit and "=/opt/vigil/sbin/vigild -c /opt/etc/vigil/vigild.yaml\n" in unit, unit
        assert "/var/lib/vigil\n" not in unit and "/usr/local" not in unit and "=/etc/vigil" not in unit, unit
        assert "\nReadWritePaths=/var/lib/vigil-watch\n" in open(os.path.join(folder, "u/vigil-watch.service")).read()


run([v for k, v in list(globals().items()) if k.startswith("test_")])
