"""An authority of one's own that signs certificates of servers."""

import ssl
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """Signs certificates."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = self._write(name, self._signed(name, self._key, NOW + 30 * DAY, None), None)

    def certificate(self, host: str, ends: datetime) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        return self._write(f"{host}-{ends:%j%H%M}", self._signed(host, key, ends, host), key)

    def _signed(self, name: str, key: Key, ends: datetime, host: str | None) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 60 * DAY)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return made.sign(self._key, hashes.SHA256())

    def _write(self, name: str, certificate: x509.Certificate, key: Key | None) -> Path:
        file = self._folder / f"{self._name}-{name}.pem"
        text = certificate.public_bytes(serialization.Encoding.PEM)
        if key is not None:
            plain = serialization.NoEncryption()
            text += key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        file.write_bytes(text)
        return file


WRONG: dict[str, Callable[[Authority, Path], Path]] = {
    "signed by nobody we know": lambda ours, folder: Authority(folder, "theirs").certificate(
        "localhost", NOW + DAY
    ),
    "signed by a namesake": lambda ours, folder: _namesake(folder).certificate("localhost", NOW + DAY),
    "for another host": lambda ours, _: ours.certificate("other.example.test", NOW + DAY),
    "for a host of the same ending": lambda ours, _: ours.certificate("evil-localhost", NOW + DAY),
    "expired": lambda ours, _: ours.certificate("localhost", NOW - DAY),
}


def _namesake(folder: Path) -> Authority:
    (folder / "elsewhere").mkdir()
    return Authority(folder / "elsewhere", "ours")


def too_old(context: ssl.SSLContext) -> ssl.SSLContext:
    """A server that speaks nothing newer than TLS 1.1."""
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context
