"""A program that serves an object of its own, or conducts: run by the tests, given the broker."""

import sys

from sparring.agent import AgentConductor
from sparring.environment import EnvironmentConductor
from tests.integration.hosts.authors import Trouble


class Mine(Trouble):
    """Of the main module: nobody else can import it."""


def main(kind: str, broker: str, *more: str) -> None:
    parameters = dict(pair.split("=") for pair in more)
    if kind == "object":
        Mine("grid", broker, 7, **parameters).run()
    elif kind == "environment":
        configuration = {
            "name": "palaestrai.environment:DummyEnvironment",
            "uid": "tank",
            "params": {"discrete": False, "max_iter": 3},
            "broker_uri": f"tcp://{broker}",
        }
        EnvironmentConductor(configuration, seed=1).run()
    else:
        agent = {
            "name": "defender",
            "brain": {"name": "sparring.agent:DummyBrain", "params": {}},
            "muscle": {"name": "sparring.agent:DummyMuscle", "params": {}},
            "objective": {"name": "sparring.agent:DummyObjective", "params": {}},
            "broker_uri": broker,
        }
        AgentConductor(agent, seed=1).run()
    sys.stdout.write("returned\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
