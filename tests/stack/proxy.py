"""The proxy of docs/reverse-proxy.md before a desk: nginx with TLS, on loopback."""

import os
import re
import subprocess
from pathlib import Path

from tests.stack.desk import ROOT, eventually

AROUND = """
daemon off; pid {folder}/pid; {user} error_log {folder}/log;
events {{}}
http {{
  access_log off; include /etc/nginx/mime.types;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  {server}
}}
"""


def recommended_server(port: int, desk_port: int, folder: Path) -> str:
    """The `server` that docs/reverse-proxy.md recommends, for these ports and this certificate."""
    page = (ROOT / "docs/reverse-proxy.md").read_text()
    block = re.search(r"^server \{.*?^\}", page, re.MULTILINE | re.DOTALL)
    assert block, "docs/reverse-proxy.md shows no nginx"
    listen = re.compile(r"listen 443 ssl;\s+http2 on;.*")  # the older way to say it, which every nginx takes
    text = listen.sub(f"listen 127.0.0.1:{port} ssl http2;", block[0])
    text = text.replace("desk.example.com", "localhost").replace("127.0.0.1:8000", f"127.0.0.1:{desk_port}")
    return text.replace("/etc/ssl", str(folder))


class Proxy:
    def __init__(self, folder: Path, port: int, desk_port: int) -> None:
        folder.mkdir()
        subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "desk.key"]
        made = ["openssl", "req", "-x509", *key, "-out", folder / "desk.pem", "-days", "2", *subject]
        subprocess.run(made, check=True, capture_output=True)
        user = "user root;" if os.geteuid() == 0 else ""
        server = recommended_server(port, desk_port, folder)
        (folder / "conf").write_text(AROUND.format(folder=folder, user=user, server=server))
        command = ["/usr/sbin/nginx", "-e", folder / "log", "-c", folder / "conf"]
        self.process = subprocess.Popen(command)
        eventually((folder / "pid").exists)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)
