"""The states of a run governor, one class each, by name."""

from __future__ import annotations

from collections.abc import Mapping

from sparring.governor.run_record import StateName
from sparring.governor.states.base import State
from sparring.governor.states.error_handling import (
    ErrorHandlingInitializing,
    ErrorHandlingStarting,
    ErrorHandlingTransceiving,
)
from sparring.governor.states.finalizing import Done, Finalizing
from sparring.governor.states.handling_dead_workers import HandlingDeadWorkers
from sparring.governor.states.handling_simulation_controller_termination import (
    HandlingSimulationControllerTermination,
)
from sparring.governor.states.initializing import Initializing
from sparring.governor.states.pristine import Pristine
from sparring.governor.states.starting_agent_conductors import StartingAgentConductors
from sparring.governor.states.starting_environment_conductors import StartingEnvironmentConductors
from sparring.governor.states.starting_run import StartingRun
from sparring.governor.states.starting_setup import StartingSetup
from sparring.governor.states.starting_simulation_controllers import StartingSimulationControllers
from sparring.governor.states.stopping_run import StoppingRun
from sparring.governor.states.stopping_simulation import StoppingSimulation
from sparring.governor.states.stopping_transceiving import StoppingTransceiving
from sparring.governor.states.transceiving import Transceiving

STATES: Mapping[StateName, type[State]] = {
    kind.name: kind
    for kind in (
        Pristine,
        Initializing,
        StartingSetup,
        StartingSimulationControllers,
        StartingEnvironmentConductors,
        StartingAgentConductors,
        StartingRun,
        Transceiving,
        HandlingSimulationControllerTermination,
        HandlingDeadWorkers,
        ErrorHandlingInitializing,
        ErrorHandlingStarting,
        ErrorHandlingTransceiving,
        StoppingSimulation,
        StoppingRun,
        StoppingTransceiving,
        Finalizing,
        Done,
    )
}
"""Every state there is."""

__all__ = ["STATES", "State"]
