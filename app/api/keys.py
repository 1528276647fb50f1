"""The key that signs access tokens, and the tokens it signs (JWT, RFC 7519; Ed25519, RFC 8037)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from app.refusals import TokenExpired, TokenInvalid
from app.secret_files import write_once

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
