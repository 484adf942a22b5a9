"""nginx with the configuration of docs/deployment.md in front of a lab, and pages of other sites that embed it."""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import trustme
from patience import PATIENCE

DOCS = Path(__file__).resolve().parent.parent / "docs" / "deployment.md"
BLOCKS = re.findall(r"```nginx\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
WHOLE, BELOW, TAKEN_OFF = BLOCKS
NAME = "lab.campus.test"
# A page of the lab's own site, and one of another site.
PORTAL, LMS = "portal.campus.test", "moodle.school.test"
INSTALL = "no nginx was found; on Debian: apt-get install nginx-light"
_HTTP = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    {temporary}
    {lab}
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {others};
        ssl_certificate {folder}/lab.pem;
        ssl_certificate_key {folder}/lab.key;
        default_type text/html;
        location / {{
            return 200 '<!doctype html><html lang="en"><title>Course</title><body><h1>Course</h1>
                <iframe title="The lab" src="https://{name}:{port}$request_uri" width="1250" height="850"></iframe>
                </body></html>';
        }}
    }}
}}
"""


def find_nginx():
    """Return the path of nginx, which is not on everybody's PATH; None if there is none."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def lines(locations=""):
    """Return the configuration of the docs, with other locations in place of those at the root, if given."""
    if not locations:
        return WHOLE
    start = WHOLE.index("    location / {")
    return f"{WHOLE[:start]}{locations}}}\n"


def _put(text, there, here):
    assert text.count(there) == 1, there
    return text.replace(there, here)


class Nginx:
    """nginx in its own process, with a self-made certificate, in front of servers of the lab."""

    def __init__(self, folder, text, *replicas, port=0):
        self.port = port or free_port()
        self.url = f"https://{NAME}:{self.port}"
        folder.mkdir(exist_ok=True)
        made = trustme.CA().issue_cert(NAME, PORTAL, LMS)
        made.private_key_pem.write_to_path(folder / "lab.key")
        for number, pem in enumerate(made.cert_chain_pems):
            pem.write_to_path(folder / "lab.pem", append=number > 0)
        for there, here in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("server_name lab.example.org;", f"server_name {NAME};"),
            ("/etc/ssl/lab.pem", f"{folder}/lab.pem"),
            ("/etc/ssl/lab.key", f"{folder}/lab.key"),
            ("server lab-1:8501;", "".join(f"server {replica};" for replica in replicas)),
            ("server lab-2:8501;", ""),
        ):
            text = _put(text, there, here)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        whole = _HTTP.format(
            folder=folder, temporary=temporary, lab=text, port=self.port, name=NAME, others=f"{PORTAL} {LMS}"
        )
        (folder / "nginx.conf").write_text(whole, encoding="utf-8")
        self._log = folder / "error.log"
        command = [find_nginx(), "-p", folder, "-c", folder / "nginx.conf", "-e", self._log]
        self._process = subprocess.Popen(command)
        deadline = time.monotonic() + 10 * PATIENCE
        while not self._listens():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def said(self):
        return self._log.read_text(encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10 * PATIENCE)
