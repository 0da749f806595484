"""dm_env_rpc, server and client, made of its own package as its documentation does; run by the Python that has it.

`dm_env_rpc_peer.py server SUBSTEPS` prints host:port; `dm_env_rpc_peer.py client HOST:PORT STEPS` prints steps per
second, a line each time it is asked for one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import numpy as np
from dm_env_rpc.v1 import connection, dm_env_adaptor, dm_env_rpc_pb2, dm_env_rpc_pb2_grpc, dm_env_utils, spec_manager
from two_areas import Grid

READ = ("angle", "frequency_1", "frequency_2", "generation_1", "generation_2", "load_1", "load_2")
SET = ("power_1", "power_2")
LIMIT = 0.1
WARM_UP = 200


def spec(name: str) -> Any:
    """Return the spec of one number."""
    from dm_env import specs

    found = dm_env_utils.dm_env_spec_to_tensor_spec(specs.BoundedArray((), np.float64, -1e9, 1e9, name=name))
    found.name = name
    return found


class Service(dm_env_rpc_pb2_grpc.EnvironmentServicer):
    """One world per stream."""

    def __init__(self, substeps: int) -> None:
        self._substeps = substeps

    def Process(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        """Answer requests."""
        observations = {number: spec(name) for number, name in enumerate((*READ, "reward"), start=1)}
        actions = {number: spec(name) for number, name in enumerate(SET, start=1)}
        reads, sets = spec_manager.SpecManager(observations), spec_manager.SpecManager(actions)
        grid, begun, pb = Grid(self._substeps), False, dm_env_rpc_pb2
        for request in requests:
            kind = request.WhichOneof("payload")
            response = pb.EnvironmentResponse()
            if kind == "create_world":
                response.create_world.world_name = "grid"
            elif kind == "join_world":
                specs = pb.ActionObservationSpecs(actions=actions, observations=observations)
                response.join_world.specs.CopyFrom(specs)
            elif kind == "step":
                if begun:
                    given = sets.unpack(request.step.actions)
                    numbers, reward = grid.step(float(given[SET[0]]), float(given[SET[1]]))
                else:
                    begun, reward, numbers = True, 0.0, grid.reset(1)
                values = {**dict(zip(READ, numbers, strict=True)), "reward": reward}
                wanted = {reads.uid_to_name(uid) for uid in request.step.requested_observations}
                packed = reads.pack({name: value for name, value in values.items() if name in wanted})
                response.step.state = pb.EnvironmentStateType.RUNNING
                for uid, tensor in packed.items():
                    response.step.observations[uid].CopyFrom(tensor)
            elif kind == "reset":
                begun = False
                response.reset.specs.CopyFrom(pb.ActionObservationSpecs(actions=actions, observations=observations))
            elif kind == "leave_world":
                response.leave_world.SetInParent()
            elif kind == "destroy_world":
                response.destroy_world.SetInParent()
            yield response


def serve(substeps: int) -> None:
    """Serve until killed."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    dm_env_rpc_pb2_grpc.add_EnvironmentServicer_to_server(Service(substeps), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"127.0.0.1:{port}", flush=True)
    server.wait_for_termination()


def ask(address: str, steps: int) -> None:
    """Play whenever a line comes; print steps per second."""
    with grpc.insecure_channel(address) as channel, connection.Connection(channel) as line:
        environment, _ = dm_env_adaptor.create_and_join_world(line, {}, {})
        environment.reset()
        action = dict.fromkeys(SET, np.float64(LIMIT / 2))
        for _ in range(WARM_UP):
            environment.step(action)
        print("ready", flush=True)
        for _ in sys.stdin:
            begun = time.perf_counter()
            for _ in range(steps):
                environment.step(action)
            print(steps / (time.perf_counter() - begun), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve(int(sys.argv[2]))
    else:
        ask(sys.argv[2], int(sys.argv[3]))
