"""The key that signs access tokens, and the tokens it signs (JWT, RFC 7519; Ed25519, RFC 8037)."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import tempfile
from datetime import datetime
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from app.refusals import TokenExpired, TokenInvalid

ISSUER = "liandong"
LIFETIME_SECONDS = 3600
_ALGORITHM = "Ed25519"


class TokenKey:
    """Makes tokens and reads them; knows no clock."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key
        self._seal = hashlib.sha256(b"liandong seal" + key.as_pem(private=True)).digest()

    @classmethod
    def kept_in(cls, folder: Path) -> TokenKey:
        """The key kept in `folder`, made on first use; only its owner may read it."""
        path = folder / "token.pem"
        if not path.exists():
            write_once(path, OKPKey.generate_key("Ed25519").as_pem(private=True))
        return cls(OKPKey.import_key(path.read_bytes()))

    @classmethod
    def fresh(cls) -> TokenKey:
        """A key that is kept nowhere."""
        return cls(OKPKey.generate_key("Ed25519"))

    def token_for(self, client_id: str, now: datetime) -> str:
        """A token that names the client, for `LIFETIME_SECONDS`."""
        issued = int(now.timestamp())
        claims: dict[str, object] = {"iss": ISSUER, "sub": client_id, "iat": issued, "exp": issued + LIFETIME_SECONDS}
        return jwt.encode({"alg": _ALGORITHM, "typ": "at+jwt"}, claims, self._key, algorithms=[_ALGORITHM])

    def seal(self, words: bytes) -> bytes:
        """Sixteen bytes that only who holds the key can make for these words."""
        return hmac.digest(self._seal, words, "sha256")[:16]

    def client_of(self, token: str, now: datetime) -> str:
        """The client the token names. Raises TokenInvalid, TokenExpired."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            # A header made up to be odd breaks the library in more ways than it names.
            raise TokenInvalid from error
        expires, client_id = claims.get("exp"), claims.get("sub")
        if claims.get("iss") != ISSUER or not isinstance(expires, int) or not isinstance(client_id, str):
            raise TokenInvalid
        if expires <= now.timestamp():
            raise TokenExpired
        return client_id


def write_once(path: Path, content: bytes) -> None:
    """Write a private file whole or not at all, in a private folder; if another process was first, its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, half = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(half, path)
    finally:
        Path(half).unlink()
