import datetime as dt
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from legitsms.endpoint import Endpoint
from legitsms.transport import TLS
from tests.legitsms.upstream import Upstream

KEY = "CANARY-7f3a+9/b"
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def upstream():
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def elsewhere():
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def endpoint(upstream):
    return Endpoint(upstream.url, KEY)


@pytest.fixture(scope="session")
def authority():
    """A certificate authority that the client trusts, as it trusts the public ones."""
    made = Certificate("the tests' authority", is_authority=True)
    TLS.load_verify_locations(cadata=made.pem.decode())
    return made


@pytest.fixture
def tls(authority, tmp_path):
    """Make a server that shows the certificate that the keywords describe."""
    servers = []

    def make(issuer=authority, version=None, **described):
        certificate = Certificate(issuer=issuer, **described)
        servers.append(Upstream(certificate.context(tmp_path, version)))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


class Certificate:
    def __init__(self, name="localhost", *, issuer=None, days=1, is_authority=False):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        signer = issuer or self
        names = [
            x509.DNSName("localhost" if name == "localhost" else "other.example"),
            x509.IPAddress(ipaddress.ip_address("127.9.9.9")),
        ]
        self.x509 = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(signer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - dt.timedelta(days=2))
            .not_valid_after(NOW + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(signer.key, hashes.SHA256())
        )
        self.pem = self.x509.public_bytes(serialization.Encoding.PEM)

    def context(self, folder, version=None):
        secret = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "server.pem").write_bytes(self.pem + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        if version:
            context.minimum_version, context.maximum_version = version, version
            context.set_ciphers("ALL:@SECLEVEL=0")  # OpenSSL itself would not serve it otherwise
        return context
