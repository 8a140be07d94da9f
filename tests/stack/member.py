"""A member who works without a browser."""

import re
import uuid
from typing import Any

import requests

PASSWORD = "sesame-open-1"


class Member:
    """A signed-in member without a browser, for what a test needs done but is not about."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False
        page = self.http.get(f"{self.url}/accounts/login/", timeout=30)
        words = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token(page.text)}
        self.token = token(self.http.post(f"{self.url}/accounts/login/", words, timeout=30).text)

    def prove(self) -> None:
        """Give the password once more, as pages that matter want it of an administrator."""
        self.post("/accounts/reauthenticate/", password=PASSWORD).raise_for_status()

    def get(self, path: str) -> requests.Response:
        return self.http.get(f"{self.url}{path}", timeout=30)

    def post(self, path: str, **words: Any) -> requests.Response:
        headers = {"X-CSRFToken": self.token, "HX-Request": "true"}
        return self.http.post(f"{self.url}{path}", words, headers=headers, timeout=30)

    def buy(self, service: str = "sbnever", quantity: int = 1, country: str = "187") -> requests.Response:
        """Buy on server 1, in the USA if no other country is named."""
        offer = {"server": 1, "country": country, "service": service, "quantity": quantity}
        return self.post("/buy/", purchase_id=str(uuid.uuid4()), **offer)

    def states(self) -> list[str]:
        """The states of the board's cards, newest first."""
        return re.findall(r'data-state="([a-z-]+)"', self.get("/").text)


def token(page: str) -> str:
    """The CSRF token of a page: in its form, or in the headers that htmx sends."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page) or re.search(
        r'x-csrftoken(?:&quot;|"): ?(?:&quot;|")(\w+)', page, re.IGNORECASE
    )
    assert found, "the page carries no CSRF token"
    return found[1]
