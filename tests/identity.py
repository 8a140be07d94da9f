"""A real identity provider on loopback, for single sign-on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.stack.desk import eventually, free_port


class IdentityProvider:
    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"

    def knows(self, name: str, **claims: object) -> None:
        requests.put(f"{self.url}/users/{name}", json=claims, timeout=30).raise_for_status()

    def consent(self, address: str, name: str) -> str:
        """Be `name` in front of the provider's own page, and agree. Returns where the provider sends the browser."""
        return requests.post(address, {"sub": name}, allow_redirects=False, timeout=30).headers["Location"]

    def answers(self) -> bool:
        try:
            return requests.get(self.url, timeout=2).ok
        except requests.RequestException:
            return False


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider(port := free_port())
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(provider.answers)
        yield provider
    finally:
        process.terminate()
        process.wait(60)
