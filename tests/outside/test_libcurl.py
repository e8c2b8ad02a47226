# SPDX-License-Identifier: Apache-2.0
"""libcurl is loaded when a channel needs it, and not before: without such a channel it may be broken or absent; with one,
that it cannot be loaded is a sentence at the start and in --check. That pages go out through it: test_channels.py."""
import os
import re
import subprocess

from place import BUILD, ROOT, Place, run

SOURCE = open(os.path.join(ROOT, "daemon/shell/curl_library.h")).read()
FUNCTIONS = re.findall(r"^ +row\((\w+)\)", SOURCE, re.M)
PROGRAMS = ("vigild", "vigil")


def soname():
    """Of the note that the programs carry."""
    said = {subprocess.run(["readelf", "-p", ".note.dlopen", os.path.join(BUILD, p)], capture_output=True, text=True,
                           check=True).stdout for p in PROGRAMS}
    names = {n for text in said for n in re.findall(r'"soname":\["([^"]+)"\]', text)}
    assert len(names) == 1, said
    return names.pop()


class Site(Place):
    """A daemon with a channel, or none, that finds the libraries of `libraries` first."""

    def __init__(self, channel=True):
        super().__init__(start=False)
        self.broker.start()
        self.libraries = os.path.join(self.folder, "libraries")
        os.mkdir(self.libraries)
        self.daemon.settings = os.path.join(self.folder, "vigild.yaml")
        with open(self.daemon.settings, "w") as out:
            out.write(f"node: vigil-1\ncore_dumps: allowed\nprotocols: {ROOT}/config/protocols\n")
            if channel:
                out.write('channels:\n  - {name: pager, kind: webhook, url: "http://127.0.0.1:9/x"}\n')

    def spoil(self, text):
        with open(os.path.join(self.libraries, soname()), "w") as out:
            out.write(text)

    def imitate(self, functions, version):
        """A library with these functions, which says that it is that version."""
        source = os.path.join(self.folder, "imitated.c")
        with open(source, "w") as out:
            out.writelines(f"void curl_{f}(void) {{}}\n" for f in functions if f != "version_info")
            # Of curl_version_info_data the head: age, version in words, in numbers.
            out.write('struct head {int age; const char *words; unsigned number;};\n'
                      f'static struct head head = {{0, "{".".join(map(str, version))}", '
                      f'{version[0] << 16 | version[1] << 8 | version[2]}}};\n'
                      'struct head *curl_version_info(int now) {(void)now; return &head;}\n')
        subprocess.run(["cc", "-shared", "-fPIC", "-o", os.path.join(self.libraries, soname()), source], check=True)

    def environment(self):
        return {**os.environ, "LD_LIBRARY_PATH": self.libraries}

    def refused(self):
        """What the start and --check say, which is the same but for where the channel stands."""
        done, checked = (subprocess.run(self.daemon.command(*more), capture_output=True, text=True, env=self.environment(), timeout=60)
                         for more in ((), ("--check",)))
        assert done.returncode == 3, (done.returncode, done.stderr[-500:])
        assert checked.returncode == 1 and "good" not in checked.stdout, checked
        said = re.search(r"level=error event=start text=\"(channel pager: .*)\"", done.stderr)[1].replace("\\", "")
        assert f"vigild.yaml:5:5: {said}" in checked.stderr, (said, checked.stderr)
        return said

    def maps(self):
        return open(f"/proc/{self.daemon.process.pid}/maps").read()


def test_the_programs_do_not_name_it():
    for program in PROGRAMS:
        said = subprocess.run(["ldd", os.path.join(BUILD, program)], capture_output=True, text=True, check=True).stdout
        assert "libc.so" in said and "libcurl" not in said and "ldap" not in said, said
    assert re.fullmatch(r"libcurl(-\w+)?\.so\.\d+", soname()), soname()
    assert len(FUNCTIONS) > 15 and "multi_socket_action" in FUNCTIONS, FUNCTIONS


def test_without_a_channel_it_is_not_asked_for():
    with Site(channel=False) as site:
        site.spoil("no library\n")
        os.environ["LD_LIBRARY_PATH"] = site.libraries
        try:
            site.daemon.start()
            assert "libmicrohttpd" in site.maps() and "libcurl" not in site.maps()
            done = subprocess.run(site.daemon.command("--check"), capture_output=True, text=True)
            assert done.returncode == 0, done
        finally:
            del os.environ["LD_LIBRARY_PATH"]


def test_with_one_it_is_loaded():
    with Site() as site:
        site.daemon.start()
        assert soname() in site.maps()
        done = subprocess.run(site.daemon.command("--check"), capture_output=True, text=True)
        assert done.returncode == 0, done


def test_a_broken_one_is_told():
    with Site() as site:
        site.spoil("no library, and long enough to look like one: " + "x" * 200 + "\n")
        said = site.refused()
        assert said == f"channel pager: cannot load libcurl: {site.libraries}/{soname()}: invalid ELF header", said


def test_one_without_a_function_is_told():
    with Site() as site:
        for missing in ("multi_assign", FUNCTIONS[-1]):
            site.imitate([f for f in FUNCTIONS if f != missing], (8, 0, 0))
            said = site.refused()
            assert said.startswith("channel pager: cannot load libcurl: ") and f"undefined symbol: curl_{missing}" in said, said


def test_an_old_one_is_told():
    with Site() as site:
        site.imitate(FUNCTIONS, (7, 86, 99))
        said = site.refused()
        assert said == f"channel pager: cannot load libcurl: {soname()} is version 7.86.99, and at least 7.87.0 is needed", said


run([v for k, v in list(globals().items()) if k.startswith("test_")])
