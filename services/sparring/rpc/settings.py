"""What every service reads from the environment; each service adds its own fields and its prefix.

class Settings(ServiceSettings, env_prefix="SPARRING_STORE_"):
    address: str = "127.0.0.1:7004"
    url: str = "sqlite:///sparring-data/store.db"

settings = load(Settings)        # SPARRING_STORE_ADDRESS, ..., SPARRING_TOKEN_FILE
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sparring.rpc.addresses import parse_address
from sparring.rpc.tls import Tls, read_tls
from sparring.rpc.tokens import read_token
from sparring.types.errors import InvalidArgumentError

Settings = TypeVar("Settings", bound="ServiceSettings")


def shared(variable: str, default: Any) -> Any:
    """Return a field that all services read from the same variable, whatever their prefix."""
    return Field(default, validation_alias=variable)


class ServiceSettings(BaseSettings):
    """Settings of a service. Construct with keywords in tests and when embedded; `load` in a `main`.

    Attributes:
        address: where gRPC is served.
        http_address: where `/healthz`, `/readyz` and `/metrics` are served; empty for nowhere.
        drain_s: how long open calls may go on after SIGTERM.
        broker: address of the broker.
        token_file: the shared token; needed to listen beyond this machine.
        insecure: listen beyond this machine without a token.
        plugins: modules of authors that this service may import.
        tls_certificate: PEM file with the certificate of this process; None serves plaintext.
        tls_key: PEM file with its key.
        tls_authority: PEM file with the certificates by which others are checked.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_ignore_empty=True, populate_by_name=True)

    address: str = "127.0.0.1:0"
    http_address: str = ""
    drain_s: float = Field(10.0, ge=0, le=3600)
    broker: str = shared("SPARRING_BROKER", "127.0.0.1:7000")
    token_file: Path | None = shared("SPARRING_TOKEN_FILE", None)
    insecure: bool = shared("SPARRING_INSECURE", False)
    plugins: Annotated[tuple[str, ...], NoDecode] = shared("SPARRING_PLUGINS", ())
    tls_certificate: Path | None = shared("SPARRING_TLS_CERTIFICATE", None)
    tls_key: Path | None = shared("SPARRING_TLS_KEY", None)
    tls_authority: Path | None = shared("SPARRING_TLS_AUTHORITY", None)

    @field_validator("plugins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Take names separated by commas or white space."""
        return tuple(re.split(r"[,\s]+", value.strip(", \t\n"))) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_exposure(self) -> Self:
        address = parse_address(self.address)
        if self.http_address:
            parse_address(self.http_address)
        if not address.loopback and self.token_file is None and not self.insecure:
            raise InvalidArgumentError(
                "TOKEN_NEEDED",
                f"Listening at {address} lets other machines in. Name a file with a token in SPARRING_TOKEN_FILE, "
                "or say --insecure (SPARRING_INSECURE=true) if nobody else can reach this network.",
                address=address,
            )
        return self

    @functools.cached_property
    def token(self) -> str | None:
        """The token, read once from its file.

        Raises:
            InvalidArgumentError: see `tokens.read_token`.
        """
        return None if self.token_file is None else read_token(self.token_file)

    @functools.cached_property
    def tls(self) -> Tls | None:
        """The TLS material, read once from its files.

        Raises:
            InvalidArgumentError: see `tls.read_tls`.
        """
        return read_tls(self.tls_certificate, self.tls_key, self.tls_authority)


def load(kind: type[Settings], **given: Any) -> Settings:
    """Read the settings of a service.

    Args:
        kind: its class.
        given: values from the command line, which go before the environment; None means not given.

    Raises:
        InvalidArgumentError: BAD_SETTINGS, naming every variable that is wrong, or what a check of the values raised.
    """
    try:
        settings = kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(_sentence(kind, problem) for problem in error.errors(include_url=False))
        raise InvalidArgumentError("BAD_SETTINGS", f"{wrong}.") from error
    # Read now, so that a missing file is an error at start and not at the first call.
    _ = settings.token, settings.tls
    return settings


def _sentence(kind: type[ServiceSettings], problem: Any) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else "settings"
    field = kind.model_fields.get(name)
    shared_name = field.validation_alias if field is not None else None
    variable = shared_name or (name if name.isupper() else f"{kind.model_config.get('env_prefix', '')}{name.upper()}")
    return f"{variable} is {problem['input']!r}: {problem['msg'].lower()}"
