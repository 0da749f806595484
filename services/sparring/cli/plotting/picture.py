"""Curves as a picture: a column for each phase, a row for each quantity. Imports matplotlib: import it late."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sparring.cli.plotting.curves import LENGTH, RETURN, Curves, PhaseCurve, PhaseFacts, Quantity
from sparring.cli.plotting.sparklines import shortened, title_of
from sparring.cli.showing.numbers import count, score

FORMATS: Final = ("png", "svg", "pdf")
MOST_OBJECTIVES: Final = 8
"""Agents with a row of their own; the others are named below the picture."""

# Okabe and Ito's palette, which people who see colours differently can tell apart: https://jfly.uni-koeln.de/color/
_RETURN: Final = "#0072B2"
_OBJECTIVES: Final = ("#D55E00", "#009E73", "#CC79A7", "#56B4E9")
_LENGTH: Final = "#4D4D4D"
_EVALUATION: Final = "#E69F00"
_LEARNING_SIDE, _TESTING_SIDE = "#FFFFFF", "#F3F3F3"
_SMALL: Final = 8.0
_MANY: Final = 2_000
"""Points from which on they are drawn as pixels in every format: a file with each as a shape would be huge."""


def draw(curves: Curves, heading: str, kind: str = "png") -> bytes:
    """Return the picture of a run.

    Args:
        curves: with at least one phase.
        heading: stands above it.
        kind: one of `FORMATS`.
    """
    objectives = [each for each in curves.quantities if each.kind == "objective"]
    rows = [each for each in curves.quantities if each not in objectives[MOST_OBJECTIVES:]]
    widths = [_width(phase) for phase in curves.phases]
    figure = Figure(figsize=(max(7.0, sum(widths) + 1.4), 2.1 * len(rows) + 1.5), dpi=110, layout="constrained")
    axes = figure.subplots(len(rows), len(widths), sharex="col", sharey="row", squeeze=False, width_ratios=widths)
    for place, (quantity, line) in enumerate(zip(rows, axes, strict=True)):
        colour = _colour(quantity, place)
        for facts, curve, panel in zip(curves.phases, quantity.phases, line, strict=True):
            _panel(panel, facts, curve, colour)
        _label(line[0].set_ylabel(_axis_title(quantity), fontsize=9))
        line[0].margins(y=0.08)
        line[0].yaxis.set_major_locator(MaxNLocator(6, integer=quantity.kind == LENGTH, min_n_ticks=1))
        if quantity.kind == LENGTH:
            line[0].set_ylim(bottom=0)
    for facts, top, bottom, width in zip(curves.phases, axes[0], axes[-1], widths, strict=True):
        _label(top.set_title(_phase_title(facts, width), fontsize=9, loc="left"))
        bottom.set_xlabel("episode" if facts.rollouts == 1 else "episode of each rollout worker", fontsize=_SMALL)
        bottom.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    _label(figure.suptitle(_heading(heading, objectives), fontsize=11, fontweight="bold"))
    figure.legend(handles=_legend(curves), loc="outside lower center", ncols=4, frameon=False, fontsize=_SMALL)
    return _saved(figure, kind)


def _panel(panel: Axes, facts: PhaseFacts, curve: PhaseCurve, colour: str) -> None:
    """Draw one quantity of one phase."""
    panel.set_facecolor(_LEARNING_SIDE if facts.mode == "train" else _TESTING_SIDE)
    panel.grid(axis="y", color="#D9D9D9", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.tick_params(labelsize=_SMALL)
    panel.ticklabel_format(axis="y", useOffset=False)
    panel.spines[["top", "right"]].set_visible(False)
    episodes, evaluations = curve.episodes, curve.evaluations
    number = len(episodes.values)
    panel.plot(
        episodes.at,
        episodes.values,
        linestyle="none",
        marker="o",
        markersize=float(np.clip(40 / max(number, 1) ** 0.45, 1.0, 5.0)),
        markeredgewidth=0,
        alpha=float(np.clip(20 / max(number, 1) ** 0.5, 0.2, 0.55)),
        color=colour,
        rasterized=number > _MANY,
    )
    panel.plot(episodes.at, episodes.means, color=colour, linewidth=2.0, solid_capstyle="round")
    ends = []
    if facts.mode == "train":
        ends.append((episodes.last, f"last {min(number, episodes.window)}\n{score(episodes.last)}", colour))
    elif np.isfinite(episodes.mean):
        panel.axhline(episodes.mean, color="black", linewidth=1.0, linestyle=(0, (5, 3)))
        ends.append((episodes.mean, f"mean\n{score(episodes.mean)}", "black"))
    if len(evaluations.values):
        panel.plot(
            evaluations.at,
            evaluations.values,
            linestyle="none",
            marker="D",
            markersize=4.5,
            color=_EVALUATION,
            markeredgecolor="black",
            markeredgewidth=0.5,
        )
    for height, text, ink in ends:
        if np.isfinite(height):
            _at_the_right(panel, height, text, ink)


def _at_the_right(panel: Axes, height: float, text: str, colour: str) -> None:
    """Write beside the panel, where no data are."""
    panel.annotate(
        text,
        xy=(1.0, height),
        xycoords=panel.get_yaxis_transform(),
        xytext=(3, 0),
        textcoords="offset points",
        fontsize=7.0,
        color=colour,
        verticalalignment="center",
        annotation_clip=False,
    )


def _phase_title(facts: PhaseFacts, width: float) -> str:
    """Return the name of a phase, and below it what was played."""
    parts = [f"mode {facts.mode}", count(facts.episodes, "episode")]
    if facts.evaluations:
        parts.append(count(facts.evaluations, "evaluation"))
    if facts.rollouts > 1:
        parts.append(count(facts.rollouts, "rollout worker"))
    characters = int(width * 13)
    lines = [shortened(f"phase {facts.number}: {facts.name}", characters), ""]
    for part in parts:
        joined = f"{lines[-1]}, {part}" if lines[-1] else part
        if len(joined) <= characters:
            lines[-1] = joined
        else:
            lines.append(part)
    return "\n".join(lines)


def _axis_title(quantity: Quantity) -> str:
    if quantity.kind == LENGTH:
        return "length\n(steps per episode)"
    if quantity.kind == RETURN:
        same = f"\n= objective of {shortened(', '.join(quantity.agents), 18)}" if quantity.agents else ""
        return f"return\n(rewards per episode){same}"
    return "\n".join(shortened(line, 24) for line in ("objective", f"of {quantity.agents[0]}", "(per episode)"))


def _heading(heading: str, objectives: Sequence[Quantity]) -> str:
    left_out = [title_of(each) for each in objectives[MOST_OBJECTIVES:]]
    return heading + (f"\nnot shown: {shortened(', '.join(left_out), 90)}" if left_out else "")


def _legend(curves: Curves) -> list[Line2D]:
    """Return what the marks mean; neutral in colour, because rows differ in it."""
    windows = list(dict.fromkeys(f"{phase.window} ({phase.mode})" for phase in curves.phases))
    if len({phase.window for phase in curves.phases}) == 1:
        windows = [str(curves.phases[0].window)]
    mean = f"mean of the last {' or '.join(windows)} episodes"
    made = [
        Line2D([], [], linestyle="none", marker="o", markersize=4, color="#808080", alpha=0.6, label="one episode"),
        Line2D(
            [],
            [],
            linewidth=2,
            color="#404040",
            label=mean if len(windows) <= 4 else "running mean (of how many: beside it)",
        ),
    ]
    if any(phase.mode != "train" for phase in curves.phases):
        made.append(Line2D([], [], linewidth=1, color="black", linestyle=(0, (5, 3)), label="mean of a test phase"))
    if any(phase.evaluations for phase in curves.phases):
        mark: dict[str, Any] = {"color": _EVALUATION, "markeredgecolor": "black", "markeredgewidth": 0.5}
        made.append(Line2D([], [], linestyle="none", marker="D", markersize=4.5, label="evaluation", **mark))
    return made


def _colour(quantity: Quantity, row: int) -> str:
    if quantity.kind == LENGTH:
        return _LENGTH
    return _RETURN if quantity.kind == RETURN else _OBJECTIVES[(row - 1) % len(_OBJECTIVES)]


def _width(phase: PhaseFacts) -> float:
    """Return the inches of a phase: more for more episodes, but a short test can be read beside long training."""
    return float(np.clip(1.2 + 0.9 * np.log10(max(phase.episodes, phase.evaluations, 1)), 2.0, 5.0))


def _label(text: Any) -> None:
    """Take names as they are: a dollar in one begins no formula."""
    text.set_parse_math(False)


def _saved(figure: Figure, kind: str) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name in letters that the font lacks is drawn as boxes
        figure.savefig(out, format=kind)
    return out.getvalue()
