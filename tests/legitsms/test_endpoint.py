"""Where the key may be sent, and where it may show."""

import pytest

from legitsms import check_url
from legitsms.endpoint import MASK, SANDBOX_KEY, Endpoint

LIVE = "https://legitsms.com/api/handler/"
KEY = "CANARY-7f3a+9/b c"

ALLOWED = [
    LIVE,
    "https://legitsms.com/api/handler",
    "https://legitsms.com",
    "https://LegitSMS.com:443/api/handler/",
    "https://api.legitsms.com/handler/",
    "http://127.0.0.1:8001/api/handler/",
    "http://127.8.9.10/",
    "http://localhost:8001/api/handler/",
    "https://localhost:8443/",
    "http://[::1]:8001/api/handler/",
]
REFUSED = [
    *("", "legitsms.com", "//legitsms.com/", "/api/handler/", "https://", "https:///api", "https:legitsms.com"),
    *(
        f"{scheme}://legitsms.com/"
        for scheme in ("http", "ftp", "file", "gopher", "data", "javascript", "HTTPS", "httpss")
    ),
    *("file:///etc/passwd", "data:text/plain,x", "unix:///run/x.sock"),
    *("https://legitsms.com@evil.example/", "https://evil@legitsms.com/", "https://user:secret@legitsms.com/"),
    *(
        "https://legitsms.com.evil.example/",
        "https://legitsms.com.evil/",
        "https://evillegitsms.com/",
        "https://evil.example/",
    ),
    *(
        "https://legitsms.com%2eevil/",
        "https://legitsms%2ecom/",
        "https://legitsms.com%00/",
        "https://legitsms.com/%2e%2e/",
    ),
    *("https://legitsms.com\\@evil.example/", "https:\\\\legitsms.com/", "https://evil.example\\.legitsms.com/"),
    *("https://legit\tsms.com/", "https://legitsms.com\r\n/", "https://legitsms.com/ x", " https://legitsms.com/"),
    *("https://legitsms.com/\n", "https://legitsms.com./", "https://legitsms.com:8443/", "https://legitsms.com:80/"),
    *("https://legitsms.com:/", "https://legitsms.com:x/", "https://legitsms.com/#x", "https://legitsms.com/?x=1"),
    *(
        "https://l\u0435gitsms.com/",
        "https://xn--lgitsms-5bf.com/",
        "https://legitsms\u3002com/",
        "https://127.0.0.1.nip.io/",
    ),
    *(
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/",
        "http://0.0.0.0/",
    ),
    *("https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/", "https://0.0.0.0/", "https://8.8.8.8/"),
    *(
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://127.1/",
        "http://127.0.0.01/",
        "http://0/",
    ),
    *(
        "http://[::ffff:127.0.0.1]/",
        "http://[::]/",
        "http://[fc00::1]/",
        "http://[fe80::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
    ),
    *(
        "http://localhost./",
        "http://localhost.evil.example/",
        "http://evil.localhost/",
        "http://127.0.0.1.evil.example/",
    ),
    *("http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://sandbox:8001/", "http://metadata.google.internal/"),
]


@pytest.mark.parametrize("url", ALLOWED)
def test_the_key_may_go_to_legitsms_over_tls_or_to_this_machine(url):
    assert check_url(url) == url


@pytest.mark.parametrize("url", REFUSED)
def test_the_key_may_go_nowhere_else(url):
    with pytest.raises(ValueError, match=r"\Athe URL of the API [^\n]*\Z") as caught:
        check_url(url)
    assert "secret" not in str(caught.value)


def test_only_the_key_that_is_no_secret_may_go_to_a_sandbox_in_another_container():
    elsewhere = "http://sandbox:8100/api/handler/"
    assert Endpoint(elsewhere, SANDBOX_KEY).url == elsewhere
    for key in (KEY, SANDBOX_KEY.upper(), f"{SANDBOX_KEY} "):
        with pytest.raises(ValueError, match="must be https"):
            Endpoint(elsewhere, key)


@pytest.mark.parametrize(
    "url", ["sandbox:8100", "ftp://sandbox/", "http://x@sandbox/", "http://sandbox:0/", "http://a/?b"]
)
def test_a_sandbox_too_needs_a_plain_address(url):
    with pytest.raises(ValueError, match="URL of the API"):
        Endpoint(url, SANDBOX_KEY)


@pytest.mark.parametrize("key", ["", " ", "a\nb", "a\0b", "\u0430bcdefgh"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(key):
    with pytest.raises(ValueError, match="API key is empty, or holds"):
        Endpoint(LIVE, key)


def test_an_endpoint_does_not_show_its_key():
    assert "CANARY" not in repr(Endpoint(LIVE, KEY))


def test_parameters_cannot_add_others():
    address = Endpoint(LIVE, KEY).address({"service": "wa&action=setStatus#\r\n"})
    assert address == f"{LIVE}?api_key=CANARY-7f3a%2B9%2Fb+c&service=wa%26action%3DsetStatus%23%0D%0A"


@pytest.mark.parametrize("spelling", [KEY, "CANARY-7f3a%2B9%2Fb%20c", "CANARY-7f3a%2B9%2Fb+c"])
def test_the_key_is_masked_in_every_spelling(spelling):
    assert Endpoint(LIVE, KEY).mask(f"GET /?api_key={spelling}&x") == f"GET /?api_key={MASK}&x"
