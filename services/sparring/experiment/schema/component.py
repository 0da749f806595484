"""Keys that name a class, or something that a service or a fixed server provides, with its parameters."""

from __future__ import annotations

from typing import Annotated, Literal

from sparring.experiment.schema.base import (
    Address,
    AnyCase,
    ClassName,
    EnvironmentUid,
    Params,
    Schema,
    ServiceName,
    key,
)

PlacementName = Literal["auto", "inline", "service"]
RecreateName = Literal["never", "episode"]


class ComponentSchema(Schema):
    """A Python class and the parameters of its constructor."""

    name: ClassName = key("The class, as `module:Class`.")
    params: Params = key("Parameters of its constructor.", default_factory=dict)


class HostedSchema(Schema):
    """Something that a service hosts; exactly one of `name`, `service` and `address` says where it comes from."""

    name: ClassName | None = key(
        "A Python class, as `module:Class`, hosted by whichever service announces it.", default=None
    )
    service: ServiceName | None = key(
        "Any worker registered under this name, in any language: `environment/cartpole`.", ours=True, default=None
    )
    address: Address | None = key("A fixed gRPC server, as `host:port`.", ours=True, default=None)
    params: Params = key("Parameters: of the class's constructor, or sent to the server.", default_factory=dict)


class EnvironmentSchema(HostedSchema):
    """An environment: where it comes from, what it is called, how it is made."""

    uid: EnvironmentUid = key(
        "Its name in this document; sensors and actuators are named `uid.sensor`. Any text without `.`, `/` and `\\`."
    )
    placement: Annotated[PlacementName, AnyCase] | None = key(
        "Where it runs: `inline` in the rollout worker's process, `service` behind a stream, or as `auto` decides."
        " Default: the document's `placement`.",
        ours=True,
        default=None,
    )
    recreate: Annotated[RecreateName, AnyCase] | None = key(
        "`episode` makes a new instance for each episode, for environments that cannot be seeded on reset. Default:"
        " what suits the kind of environment.",
        ours=True,
        default=None,
    )
