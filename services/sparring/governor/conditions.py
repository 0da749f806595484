"""The run's termination condition: made from the document, and asked with a deadline where it is author code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

from sparring.experiment.class_names import canonical
from sparring.experiment.conditions.base import PhaseProgress, TerminationCondition, Verdict
from sparring.experiment.conditions.builtin import BUILTIN_CONDITIONS, builtin_condition
from sparring.experiment.conditions.episodes import decide
from sparring.experiment.run import ComponentSpec
from sparring.host.plugins import Plugins
from sparring.types.author_code import AUTHOR_FAULTS, author_error, construct
from sparring.types.errors import AuthorError, HungError

CONDITION = "the run's termination condition"


def is_builtin(spec: ComponentSpec) -> bool:
    """Whether a condition is one of ours."""
    return canonical(spec.name) in BUILTIN_CONDITIONS


def make_condition(spec: ComponentSpec, plugins: Sequence[str]) -> TerminationCondition:
    """Make the run's condition.

    Args:
        spec: What the document says.
        plugins: Modules of authors that may be imported.

    Raises:
        InvalidArgumentError: CONDITION_PARAMETER_INVALID, PARAMETERS_INVALID.
        NotFoundError: COMPONENT_UNKNOWN, it is neither ours nor in a plugin.
        AuthorError: Its constructor raised, or it is no TerminationCondition.
    """
    builtin = builtin_condition(spec.name, spec.params)
    if builtin is not None:
        return builtin
    made = construct(Plugins(plugins, "termination condition")(spec.name), spec.params, {}, CONDITION)
    if not isinstance(made, TerminationCondition):
        raise AuthorError(
            "AUTHOR_CODE_FAILED",
            f"{spec.name} is no TerminationCondition, so it cannot be the run's condition.",
            component=CONDITION,
        )
    return made


class Judge:
    """Asks the run's condition. Ours are asked at once; an author's in a thread, with a deadline.

    Args:
        condition: The run's condition.
        foreign: Whether it is author code.
        deadline_s: How long author code may take for one answer.
    """

    def __init__(self, condition: TerminationCondition, *, foreign: bool, deadline_s: float) -> None:
        self.condition = condition
        self._foreign = foreign
        self._deadline_s = deadline_s

    async def verdicts(self, progress: PhaseProgress, rollouts: Sequence[int]) -> list[Verdict]:
        """Return what each of these rollout workers does next, in their order.

        Raises:
            AuthorError: The condition raised.
            HungError: It did not answer in time.
        """

        def ask() -> list[Verdict]:
            return [decide((self.condition,), progress, rollout) for rollout in rollouts]

        if not self._foreign:
            return ask()
        try:
            return await asyncio.wait_for(_in_thread(ask), self._deadline_s)
        except TimeoutError:
            raise HungError(
                "DEADLINE_PASSED",
                f"{CONDITION} did not answer within {self._deadline_s:g} s.",
                component=CONDITION,
            ) from None
        except AUTHOR_FAULTS as error:
            raise author_error(error, CONDITION, "phase_flow_control", self.condition) from error


def _in_thread(ask: Callable[[], list[Verdict]]) -> asyncio.Future[list[Verdict]]:
    """Ask in a daemon thread: unlike those of an executor, one that hangs does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Verdict]] = loop.create_future()

    def settle(result: list[Verdict] | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result or [])

    def work() -> None:
        result, raised = None, None
        try:
            result = ask()
        except BaseException as error:  # handed on to who waits
            raised = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, raised)

    threading.Thread(target=work, name="condition", daemon=True).start()
    return answer
