"""TLS material of one process, read from PEM files, and the gRPC credentials made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import grpc

from sparring.types.errors import InvalidArgumentError


@dataclass(frozen=True, repr=False)
class Tls:
    """PEM bytes.

    Attributes:
        certificate: chain that this process shows; servers need one, clients where the server asks for it.
        key: private key of `certificate`.
        authority: certificates by which the other side is checked. A server that has one asks every client for a
            certificate (mutual TLS); a client without one uses the system's.
    """

    certificate: bytes | None = None
    key: bytes | None = None
    authority: bytes | None = None

    def server_credentials(self) -> grpc.ServerCredentials:
        """Credentials of a listening port.

        Raises:
            InvalidArgumentError: TLS_INCOMPLETE.
        """
        if self.certificate is None or self.key is None:
            raise InvalidArgumentError("TLS_INCOMPLETE", "A server with TLS needs a certificate and its key.")
        return grpc.ssl_server_credentials(
            [(self.key, self.certificate)],
            root_certificates=self.authority,
            require_client_auth=self.authority is not None,
        )

    def channel_credentials(self) -> grpc.ChannelCredentials:
        """Credentials of a channel."""
        return grpc.ssl_channel_credentials(self.authority, self.key, self.certificate)


def read_tls(certificate: Path | None, key: Path | None, authority: Path | None) -> Tls | None:
    """Read the files; None where none is named.

    Raises:
        InvalidArgumentError: TLS_INCOMPLETE (only one of certificate and key is named) or TLS_FILE_UNREADABLE.
    """
    if certificate is None and key is None and authority is None:
        return None
    if (certificate is None) is not (key is None):
        raise InvalidArgumentError("TLS_INCOMPLETE", "A TLS certificate and its key must be named together.")
    return Tls(*(None if path is None else _read(path) for path in (certificate, key, authority)))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidArgumentError(
            "TLS_FILE_UNREADABLE", f"Cannot read the TLS file {path}: {error.strerror or error}.", path=path
        ) from error
