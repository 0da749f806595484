"""The shared token: read from a file, shown as metadata, compared in constant time."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sparring.types.errors import InvalidArgumentError, UnauthenticatedError

METADATA_KEY: Final = "authorization"
_SCHEME: Final = "Bearer "
_MAX_TOKEN_BYTES: Final = 4096


def read_token(path: Path) -> str:
    """Read a token; white space at both ends (the newline that editors add) does not belong to it.

    Raises:
        InvalidArgumentError: TOKEN_FILE_UNREADABLE, TOKEN_FILE_EMPTY or TOKEN_FILE_MALFORMED. None shows the content.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_TOKEN_BYTES + 1)
    except OSError as error:
        raise InvalidArgumentError(
            "TOKEN_FILE_UNREADABLE", f"Cannot read the token file {path}: {error.strerror or error}.", path=path
        ) from error
    token = data.strip()
    if not token:
        raise InvalidArgumentError("TOKEN_FILE_EMPTY", f"The token file {path} is empty; write one token.", path=path)
    if len(data) > _MAX_TOKEN_BYTES or any(byte <= 0x20 or byte > 0x7E for byte in token):
        raise InvalidArgumentError(
            "TOKEN_FILE_MALFORMED",
            f"The token file {path} must hold one token: at most {_MAX_TOKEN_BYTES} visible ASCII characters.",
            path=path,
        )
    return token.decode("ascii")


def token_metadata(token: str) -> tuple[str, str]:
    """Return the metadata entry that shows the token."""
    return (METADATA_KEY, _SCHEME + token)


def check_token(metadata: Iterable[tuple[str, str | bytes]], token: str) -> None:
    """Compare the token that a caller shows with ours.

    Raises:
        UnauthenticatedError: TOKEN_MISSING or TOKEN_WRONG.
    """
    shown = [value for key, value in metadata if key == METADATA_KEY]
    if not shown:
        raise UnauthenticatedError(
            "TOKEN_MISSING", "This service needs a token; name its file in SPARRING_TOKEN_FILE of the caller."
        )
    expected = (_SCHEME + token).encode()
    right = [hmac.compare_digest(_bytes(value), expected) for value in shown]
    if not all(right):
        raise UnauthenticatedError(
            "TOKEN_WRONG", "The token is not the one of this service; both ends need the same SPARRING_TOKEN_FILE."
        )


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
