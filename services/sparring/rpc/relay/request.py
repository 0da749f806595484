"""What is asked of a relay, and how it refuses: a few lines of HTTP, read strictly."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

CONNECT: Final = "CONNECT"
SPARE: Final = "SPARE"
METHODS: Final = (CONNECT, SPARE)

MAX_HEAD_BYTES: Final = 4096
END: Final = b"\r\n\r\n"
ACCEPTED: Final = b"HTTP/1.1 200 OK\r\n\r\n"

_LINE: Final = re.compile(r"([A-Z]{1,16}) (\S{1,512}) HTTP/1\.[01]")
_TARGET: Final = re.compile(r"([A-Za-z0-9_-]{1,128})(?::443)?")
_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):[ \t]*([\t -~]*)")
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
_MORE: Final = {
    HTTPStatus.METHOD_NOT_ALLOWED: "Allow: CONNECT\r\n",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: 'Proxy-Authenticate: Basic realm="session"\r\n',
}


class Refusal(Exception):
    """A request that is answered with a status, and the end of its connection."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status

    def encode(self) -> bytes:
        """Write the answer."""
        text = f"{self}\n".encode("ascii", "replace")
        head = (
            f"HTTP/1.1 {self.status} {self.status.phrase}\r\n{_MORE.get(self.status, '')}"
            f"Content-Type: text/plain\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + text


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """A request.

    Attributes:
        method: CONNECT or SPARE.
        target: The name of a session or of a lease; never an address.
        user: Of the credential.
        password: The secret.
        early: What came behind the request already.
    """

    method: str
    target: str
    user: str
    password: str
    early: bytes = b""


def end_of_head(received: bytes) -> int:
    """Return where the head ends, 0 while it has not.

    Raises:
        Refusal: It never will: too large, or nothing like HTTP.
    """
    end = received.find(END, 0, MAX_HEAD_BYTES)
    if end >= 0:
        return end + len(END)
    if received and not received[:1].isupper():
        raise Refusal(HTTPStatus.BAD_REQUEST, "This is a relay: it understands HTTP CONNECT only.")
    if len(received) >= MAX_HEAD_BYTES:
        raise Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"More than {MAX_HEAD_BYTES} bytes of request.")
    return 0


def parse_request(head: bytes, early: bytes = b"") -> Request:
    """Read a whole head.

    Raises:
        Refusal: 400, 405 or 407.
    """
    line, *headers = _lines(head)
    found = _LINE.fullmatch(line)
    if found is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "This is no request line of HTTP/1.")
    method, target = found.groups()
    if method not in METHODS:
        raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "A relay knows CONNECT only.")
    named = _TARGET.fullmatch(target)
    if named is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "The target of CONNECT is the name of a session here, no address.")
    credentials = []
    for header in headers:
        match = _HEADER.fullmatch(header)
        if match is None:
            raise Refusal(HTTPStatus.BAD_REQUEST, "A header is malformed.")
        if match[1].lower() == "proxy-authorization":
            credentials.append(match[2].strip())
    if len(credentials) != 1:
        status = HTTPStatus.BAD_REQUEST if credentials else HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
        raise Refusal(status, "Exactly one Proxy-Authorization is needed, with the session's token.")
    return Request(method, named[1], *_basic(credentials[0]), early=early)


def encode_request(method: str, target: str, user: str, password: str) -> bytes:
    """Write a request."""
    credential = base64.b64encode(f"{user}:{password}".encode()).decode()
    return f"{method} {target} HTTP/1.1\r\nProxy-Authorization: Basic {credential}\r\n\r\n".encode()


def parse_status(head: bytes) -> int:
    """Return the status of an answer, 0 if it is none."""
    found = _STATUS.match(head)
    return 0 if found is None else int(found[1])


def _lines(head: bytes) -> list[str]:
    try:
        return head[: -len(END)].decode("ascii").split("\r\n")
    except UnicodeDecodeError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "A request has ASCII characters only.") from None


def _basic(credential: str) -> tuple[str, str]:
    scheme, _, encoded = credential.partition(" ")
    if scheme.lower() != "basic":
        raise Refusal(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, "The credential must be Basic.")
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(HTTPStatus.BAD_REQUEST, "The credential is malformed.") from None
    if not colon:
        raise Refusal(HTTPStatus.BAD_REQUEST, "The credential is malformed.")
    return user, password
