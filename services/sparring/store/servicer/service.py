"""All methods of the StoreService together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sparring.api.store.v1 import store_service_pb2_grpc as rpc
from sparring.store.brains import Brains
from sparring.store.catalogue import Catalogue
from sparring.store.experience_reading import ExperienceReading
from sparring.store.faults import Faults
from sparring.store.ownership import Ownership
from sparring.store.recorder import Recorder
from sparring.store.sealing import Sealing
from sparring.store.servicer.brains import BrainMethods
from sparring.store.servicer.experience import ExperienceMethods
from sparring.store.servicer.faults import FaultMethods
from sparring.store.servicer.ownership import OwnershipMethods
from sparring.store.servicer.queries import QueryMethods
from sparring.store.servicer.recording import RecordingMethods
from sparring.store.servicer.runs import RunMethods
from sparring.store.statements import Statements
from sparring.store.verification import Verification
from sparring.store.watching import Watching


@dataclass(frozen=True, eq=False)
class StoreServicer(
    RunMethods,
    OwnershipMethods,
    RecordingMethods,
    BrainMethods,
    ExperienceMethods,
    FaultMethods,
    QueryMethods,
    rpc.StoreServiceServicer,
):
    """The use cases behind the methods, and the event that ends long streams."""

    catalogue: Catalogue
    watching: Watching
    ownership: Ownership
    sealing: Sealing
    recorder: Recorder
    brains: Brains
    faults: Faults
    verification: Verification
    statements: Statements
    experience: ExperienceReading
    stop: asyncio.Event
