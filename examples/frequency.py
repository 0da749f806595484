"""Two areas of a power grid, joined by one line: whoever moves power moves the frequency of both.

The usual linear model of load-frequency control (O. I. Elgerd, Electric Energy Systems Theory, 1971; P. Kundur, Power
System Stability and Control, 1994, section 11.1): in each area a turbine with governor and primary control, inertia,
and demand; between them a line whose flow swings, with a period of about two seconds and hardly any damping.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparring.environment import ArrayEnvironment, ArrayStart, ArrayStep, Declaration
from sparring.types.space import Box

NOMINAL_HZ = 50.0
INERTIA_S = np.array([5.0, 4.0])  # kinetic energy at nominal frequency, per rated power
DAMPING = 0.02  # demand falls with frequency, per unit and Hz
DROOP_HZ = 2.5  # deviation at which primary control has added all of the rated power
GOVERNOR_S, TURBINE_S = 0.2, 0.5  # time constants
STIFFNESS = 0.55  # of the line: flow per second and Hz of difference

ACTUATOR_LIMITS = {"battery": 0.05, "reserve": 0.1, "load": 0.05}  # per unit
CAPACITY_S = 20.0  # the battery is empty after so long at its limit, if it was full
STEP_S = 0.25
NOISE, NOISE_S = 0.01, 10.0  # of the demand: deviation (per unit) and correlation time

UNSTABLE_HZ, TRIP_HZ = 0.5, 1.0

# The state: frequency deviation north and south, turbine north and south, valve north and south, flow northwards.
STATES, INPUTS = 7, 3  # inputs: power into north, power into south, reserve of north


class TwoAreas(ArrayEnvironment):
    """A grid that a defender tries to keep quiet, and an attacker to shake.

    Sensors: `frequency_north`, `frequency_south`: deviation from 50 Hz. `change_south`: how fast it changes.
    `flow`: on the line, from south to north. `generation_north`, `generation_south`: above schedule. `charge`: of the
    battery, 0 to 1. Powers are per unit of an area's rated power.

    Actuators: `battery` (power into south), `reserve` (what the turbine of north is asked for on top), `load` (demand
    in south that somebody else has got hold of).

    Reward: `stability`, 1 where both areas are at 50 Hz, 0 where they are half a Hz off, or more.

    Start: undisturbed, the battery half full, demand off its schedule by chance. End: an area that is off by a whole Hz
    is disconnected, which terminates the episode; after `duration_s` it is truncated.

    Args:
        duration_s: Length of an episode, in seconds of simulated time.
    """

    sensors = (
        Declaration("frequency_north", Box(-np.inf, np.inf, (), np.float64), "Hz", "Deviation from 50 Hz"),
        Declaration("frequency_south", Box(-np.inf, np.inf, (), np.float64), "Hz", "Deviation from 50 Hz"),
        Declaration("change_south", Box(-np.inf, np.inf, (), np.float64), "Hz/s", "Its change since the last step"),
        Declaration("flow", Box(-np.inf, np.inf, (), np.float64), "p.u.", "From south to north"),
        Declaration("generation_north", Box(-np.inf, np.inf, (), np.float64), "p.u.", "Above schedule"),
        Declaration("generation_south", Box(-np.inf, np.inf, (), np.float64), "p.u.", "Above schedule"),
        Declaration("charge", Box(0.0, 1.0, (), np.float64), "", "Of the battery"),
    )
    actuators = tuple(
        Declaration(name, Box(-limit, limit, (), np.float64), "p.u.", "Power")
        for name, limit in ACTUATOR_LIMITS.items()
    )
    rewards = (Declaration("stability", Box(0.0, 1.0, (), np.float64)),)
    tick_ns = 1_000_000  # a millisecond

    def __init__(self, duration_s: float = 60.0) -> None:
        super().__init__()
        self._steps_in_all = round(duration_s / STEP_S)
        self._moves, self._pushes = discrete(*dynamics(), STEP_S)

    def reset(self, seed: int) -> ArrayStart:
        """Begin undisturbed."""
        self._state = np.zeros(STATES)
        self._demand = self.rng.normal(0.0, NOISE, 2)
        self._charge = 0.5
        self._change = 0.0
        self._steps = 0
        return ArrayStart(self._readings(), simtime=0)

    def step(self, setpoints: Sequence[Any]) -> ArrayStep:
        """Let a quarter of a second pass."""
        battery, reserve, load = (0.0 if given is None else float(given) for given in setpoints)
        battery = self._discharge(battery)
        before = self._state[1]
        inputs = np.array([-self._demand[0], battery - load - self._demand[1], reserve])
        self._state = self._moves @ self._state + self._pushes @ inputs
        self._change = (self._state[1] - before) / STEP_S
        keep = np.exp(-STEP_S / NOISE_S)
        self._demand = keep * self._demand + self.rng.normal(0.0, NOISE * np.sqrt(1.0 - keep**2), 2)
        self._steps += 1
        deviations = np.abs(self._state[:2])
        stability = 1.0 - min(1.0, float(deviations.mean()) / UNSTABLE_HZ)
        tripped = bool(deviations.max() > TRIP_HZ)
        over = self._steps >= self._steps_in_all and not tripped
        return ArrayStep(self._readings(), [stability], tripped, over, round(self._steps * STEP_S * 1000))

    def _discharge(self, wanted: float) -> float:
        """Return what the battery can give, or take, and change its charge."""
        whole = ACTUATOR_LIMITS["battery"] * CAPACITY_S
        given = float(np.clip(wanted * STEP_S, (self._charge - 1.0) * whole, self._charge * whole))
        self._charge = float(np.clip(self._charge - given / whole, 0.0, 1.0))
        return given / STEP_S

    def _readings(self) -> list[float]:
        north, south, turbine_north, turbine_south, _, _, flow = self._state.tolist()
        return [north, south, self._change, flow, turbine_north, turbine_south, self._charge]


def dynamics() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the matrices A and B of the model: the state changes by A state + B inputs per second."""
    a, b = np.zeros((STATES, STATES)), np.zeros((STATES, INPUTS))
    for area in range(2):
        speed, turbine, valve = area, 2 + area, 4 + area
        answer = NOMINAL_HZ / (2.0 * INERTIA_S[area])  # Hz per second of a surplus of 1
        a[speed, [speed, turbine, 6]] = -DAMPING * answer, answer, answer if area == 0 else -answer
        a[turbine, [turbine, valve]] = -1.0 / TURBINE_S, 1.0 / TURBINE_S
        a[valve, [valve, speed]] = -1.0 / GOVERNOR_S, -1.0 / (DROOP_HZ * GOVERNOR_S)
        b[speed, area] = answer
    a[6, [0, 1]] = -STIFFNESS, STIFFNESS
    b[4, 2] = 1.0 / GOVERNOR_S
    return a, b


def discrete(
    a: NDArray[np.float64], b: NDArray[np.float64], step_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the matrices for whole steps, exactly, for inputs that hold for a step: exp([A B; 0 0] step)."""
    whole = np.zeros((STATES + INPUTS, STATES + INPUTS))
    whole[:STATES, :STATES], whole[:STATES, STATES:] = a, b
    small = whole * (step_s / 1024.0)
    power = np.eye(STATES + INPUTS) + small + small @ small / 2.0 + small @ small @ small / 6.0
    for _ in range(10):  # 1024 small steps, by squaring
        power = power @ power
    return power[:STATES, :STATES], power[:STATES, STATES:]
