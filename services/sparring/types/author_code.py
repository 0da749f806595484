"""Calls of author code: objects made from parameters, and what is said when they raise."""

from __future__ import annotations

import difflib
import inspect
import logging
import sys
import sysconfig
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from sparring.types.containment import Violation
from sparring.types.errors import AuthorError, InvalidArgumentError, OutOfSpaceError, SparringError
from sparring.types.gauge import Gauge
from sparring.types.space_text import describe_space

Made = TypeVar("Made")
Returned = TypeVar("Returned")

AUTHOR_FAULTS = (Exception, SystemExit)
"""What author code can raise; anything else ends the process."""

_log = logging.getLogger("sparring.author")
_PACKAGE = str(Path(__file__).parents[1])
_OTHERS = ("<frozen", _PACKAGE, *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def construct(
    made: Callable[..., Made], parameters: Mapping[str, object], offers: Mapping[str, object], component: str
) -> Made:
    """Make an object of an author's class.

    Args:
        made: The class.
        parameters: What the document gives, by name.
        offers: What Sparring gives: those that the constructor names, or all if it takes `**kwargs`.
        component: Whose class it is, for messages: "environment 'grid'".

    Raises:
        InvalidArgumentError: PARAMETERS_INVALID, an unknown or missing parameter, or one that Sparring gives itself;
            CLASS_UNSUITABLE, the class is abstract.
        AuthorError: AUTHOR_CODE_FAILED, the constructor raised.
    """
    name = getattr(made, "__name__", str(made))
    if inspect.isabstract(made):
        lacking = ", ".join(sorted(getattr(made, "__abstractmethods__", ())))
        raise InvalidArgumentError(
            "CLASS_UNSUITABLE", f"{name} cannot be used for {component}: it does not implement {lacking}.", name=name
        )
    accepted = _parameters(made)
    names = [each.name for each in accepted if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    open_ended = any(each.kind is each.VAR_KEYWORD for each in accepted)
    own = [each for each in names if each not in offers]
    for given in parameters:
        if given in offers and (given in names or open_ended):
            raise _invalid(component, given, f"{given!r} of {name} comes from the run, not from the document")
        if given not in names and not open_ended:
            near = difflib.get_close_matches(given, own, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(own) or 'none at all'}"
            raise _invalid(component, given, f"{name} has no parameter {given!r}{hint}")
    for each in accepted:
        required = each.default is each.empty and each.name in own
        if required and each.name not in parameters:
            raise _invalid(component, each.name, f"{name} needs the parameter {each.name!r}")
    found = {offer: value for offer, value in offers.items() if open_ended or offer in names}
    try:
        return made(**found, **parameters)
    except AUTHOR_FAULTS as error:
        raise author_error(error, component, "the constructor", made) from error


def _parameters(made: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a constructor; any at all for a class of C that does not tell."""
    try:
        return list(inspect.signature(made).parameters.values())
    except (ValueError, TypeError):
        return [inspect.Parameter("more", inspect.Parameter.VAR_KEYWORD)]


def call(
    gauge: Gauge,
    kind: str,
    component: str,
    deadline_s: float,
    function: Callable[[], Returned],
    called: str,
    owner: object,
) -> Returned:
    """Call author code outside of a step: under the gauge, and with errors that name it (see `author_error`)."""
    gauge.begin(kind, component, deadline_s)
    try:
        return function()
    except AUTHOR_FAULTS as error:
        raise author_error(error, component, called, owner) from error
    finally:
        gauge.end()


def author_error(
    error: BaseException,
    component: str,
    called: str,
    owner: object,
    step: int | None = None,
    reason: str | None = None,
    **metadata: object,
) -> AuthorError:
    """Make the error for author code that raised, and log its traceback, once.

    Args:
        error: What it raised. An error of the author's own that is an AuthorError already is returned as it is.
        component: Whose code it is: "environment 'grid'".
        called: What was called: "update".
        owner: The object or class whose code it is.
        step: In which step of the episode; None outside of an episode.
        reason: The error's reason. None: AUTHOR_CODE_FAILED, or VALUE_OUT_OF_SPACE for a value outside its space.
        metadata: What else is known.
    """
    if isinstance(error, AuthorError):
        return error
    at = place(error, owner)
    _log.error("%s raised in %s", component, called, exc_info=error)
    when = "" if step is None else f" in step {step}"
    values: dict[str, object] = {"component": component, **({} if step is None else {"step": step}), "at": at}
    if reason is None:
        reason = error.reason if isinstance(error, OutOfSpaceError) else "AUTHOR_CODE_FAILED"
    if isinstance(error, SparringError):
        values = {**error.metadata, **values}
    kind = type(error).__name__
    text = f"{component} raised in {called}{when}: {kind}: {_one_line(error)} ({at})."
    return AuthorError(reason, sentence(text), **{**values, "exception": kind, **metadata})


def value_error(
    component: str,
    kind: str,
    uid: str,
    step: int | None,
    wrong: Violation | OutOfSpaceError,
    reason: str,
    **more: object,
) -> AuthorError:
    """Make the error for a value of author code outside its space.

    Args:
        component: Whose code it is: "environment 'grid'".
        kind: What it is a value of: sensor, actuator or reward.
        uid: Which.
        step: In which step of the episode; None at its beginning.
        wrong: What is wrong.
        reason: VALUE_OUT_OF_SPACE or SETPOINT_OUT_OF_SPACE.
        more: What else is known.
    """
    if isinstance(wrong, OutOfSpaceError):
        problem = wrong.message.removesuffix(".")
        value, space = wrong.metadata.get("value", ""), wrong.metadata.get("space", "")
    else:
        problem, value, space = wrong.describe(), str(wrong.value), describe_space(wrong.space)
    when = "at the beginning of the episode" if step is None else f"in step {step}"
    values: dict[str, object] = {"component": component, kind: uid, "value": value, "space": space, **more}
    if step is not None:
        values["step"] = step
    text = f"The value of {kind} {uid!r} of {component} is outside its space {when}: {problem}."
    return AuthorError(reason, text, **values)


def place(error: BaseException, owner: object) -> str:
    """Return `file:line` of the author's own line at which an exception was raised; of ours if it has none."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "unknown place"
    kind = owner if isinstance(owner, type) else type(owner)
    home = getattr(sys.modules.get(kind.__module__), "__file__", None)
    own = [frame for frame in frames if not frame.filename.startswith(_OTHERS)]
    own = own or [frame for frame in frames if frame.filename == home] or list(frames)
    return f"{own[-1].filename}:{own[-1].lineno}"


def sentence(text: str) -> str:
    """Return a text with its first letter upper case."""
    return text[:1].upper() + text[1:]


def _one_line(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # the author's own __str__ must not hide what was raised
        text = ""
    return (text if len(text) <= 600 else f"{text[:600]}...") or "no message"


def _invalid(component: str, parameter: str, problem: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "PARAMETERS_INVALID", f"Parameters of {component}: {problem}.", component=component, parameter=parameter
    )
