"""An environment that serves itself (`Environment.run`) keeps every rule that it claims to."""

from sparring.conformance import assert_conformant
from tests.integration.hosts.service_process import ServiceProcess

PROGRAM = "from sparring.environment import DummyEnvironment; DummyEnvironment('dummy', '127.0.0.1:1', 1).run()"


def test_an_object_that_serves_itself_is_conformant() -> None:
    variables = {"SPARRING_ENVIRONMENT_ADDRESS": "127.0.0.1:0", "SPARRING_ENVIRONMENT_HTTP_ADDRESS": "127.0.0.1:0"}
    with ServiceProcess("-c", PROGRAM, **variables) as service:
        for name in ("", "dummy", "sparring.environment.dummy_environment:DummyEnvironment"):
            assert_conformant(service.address, name, levels=["core"] if name else [])
