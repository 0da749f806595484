"""Round trips through palaestrAI's own broker, client and worker classes, each in a process of its own.

Runs with the interpreter of `make bench-peers`, which has palaestrai and not Sparring, and imports nothing of ours:
`python palaestrai_broker.py SENSORS ROUND_TRIPS` prints the seconds of one round trip of an environment's update.
"""

import asyncio
import multiprocessing
import os
import sys
import tempfile
import time

import numpy as np
from palaestrai.agent import ActuatorInformation, RewardInformation, SensorInformation
from palaestrai.core.major_domo_broker import MajorDomoBroker
from palaestrai.core.major_domo_client import MajorDomoClient
from palaestrai.core.major_domo_worker import MajorDomoWorker
from palaestrai.core.protocol import EnvironmentUpdateRequest, EnvironmentUpdateResponse
from palaestrai.types import Box, SimulationFlowControl

SERVICE = "environment"
WARM_UP = 10


def space() -> Box:
    """Return a space of its own, as palaestrAI's environments make one for each sensor."""
    return Box(low=-1.0, high=1.0, shape=(), dtype=np.float32)


def mediate(uri: str) -> None:
    """Be the broker."""
    ctrl, _ = multiprocessing.Pipe()
    asyncio.run(MajorDomoBroker(uri, ctrl=ctrl).mediate())


def serve(uri: str, sensors: int) -> None:
    """Be the environment: answer each update with readings that were made before."""
    readings = [SensorInformation(np.float32(0.5), space(), str(number)) for number in range(sensors)]

    async def answer() -> None:
        worker, reply = MajorDomoWorker(uri, SERVICE), None
        while True:
            request = await worker.transceive(reply)
            reply = EnvironmentUpdateResponse(
                sender_environment_id=SERVICE,
                receiver_simulation_controller_id="simulation",
                experiment_run_id="run",
                experiment_run_instance_id="instance",
                experiment_run_phase=0,
                episode=1,
                environment_name=SERVICE,
                sensors=readings,
                setpoints=request.actuators,
                rewards=[RewardInformation(np.float32(0.5), space(), "reward")],
                done=False,
                flow_control_indicator=SimulationFlowControl.CONTINUE,
            )

    asyncio.run(answer())


async def ask(uri: str, round_trips: int) -> float:
    """Be the simulation controller; return the seconds of one round trip."""
    client = MajorDomoClient(uri)
    begun = 0.0
    for number in range(WARM_UP + round_trips):
        if number == WARM_UP:
            begun = time.perf_counter()
        request = EnvironmentUpdateRequest(
            sender_simulation_controller="simulation",
            receiver_environment=SERVICE,
            experiment_run_id="run",
            experiment_run_instance_id="instance",
            experiment_run_phase=0,
            episode=1,
            actuators=[ActuatorInformation(np.float32(0.5), space(), "push")],
        )
        response = await client.send(SERVICE, request)
        assert response.sensors
    taken = time.perf_counter() - begun
    client.close()
    return taken / round_trips


def main() -> None:
    """Start the processes, measure, end them."""
    sensors, round_trips = int(sys.argv[1]), int(sys.argv[2])
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        uri = f"ipc://{folder}/broker"
        broker = context.Process(target=mediate, args=(uri,))
        worker = context.Process(target=serve, args=(uri, sensors))
        try:
            broker.start()
            worker.start()
            print(asyncio.run(asyncio.wait_for(ask(uri, round_trips), 100)))
        finally:
            for process in (worker, broker):
                process.kill()
                process.join()


if __name__ == "__main__":
    main()
