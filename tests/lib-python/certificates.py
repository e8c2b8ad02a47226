# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made by openssl: an authority, servers and clients, of any span of days."""
import os
import subprocess


def openssl(*words):
    done = subprocess.run(["openssl", *words], capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)


class Authority:
    """One in a folder of its own: ca.pem, and what it issues as NAME.pem and NAME.key."""

    def __init__(self, folder, name="ca"):
        self.folder, self.name = folder, name
        os.makedirs(folder, exist_ok=True)
        self.pem, key = self.path(name + ".pem"), self.path(name + ".key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650",
                "-subj", f"/CN=test authority {name}", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", key, "-out", self.pem)

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name, cn=None, san="IP:127.0.0.1,DNS:localhost", use="serverAuth", days=365, begin=None, end=None):
        """The paths of certificate and key. begin, end: like 20260101000000Z, instead of days."""
        key, csr, pem, more = (self.path(name + tail) for tail in (".key", ".csr", ".pem", ".ext"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={cn or name}",
                "-keyout", key, "-out", csr)
        with open(more, "w") as f:
            f.write(f"extendedKeyUsage={use}\n" + (f"subjectAltName={san}\n" if san else ""))
        if begin is None:
            openssl("x509", "-req", "-in", csr, "-CA", self.pem, "-CAkey", self.path(self.name + ".key"), "-CAcreateserial",
                    "-days", str(days), "-extfile", more, "-out", pem)
            return pem, key
        index, settings = self.path(name + ".index"), self.path(name + ".conf")
        open(index, "w").close()
        with open(settings, "w") as f:
            f.write(f"[ca]\ndefault_ca=a\n[a]\ndatabase={index}\nnew_certs_dir={self.folder}\nserial={self.path(name + '.serial')}\n"
                    "rand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        openssl("ca", "-batch", "-config", settings, "-cert", self.pem, "-keyfile", self.path(self.name + ".key"), "-in", csr,
                "-startdate", begin, "-enddate", end, "-extfile", more, "-notext", "-out", pem)
        return pem, key
