"""The kit finds every fault, under the right name, and nothing in servers that are good."""

from collections import defaultdict

import pytest

from sparring.conformance.examination import Verdict, examine, verdict
from sparring.conformance.kit import CHECKS
from sparring.conformance.rules import RULES
from sparring.conformance.subject import Options
from tests.conformance_faults.faults import ALL, Fault, faults
from tests.conformance_faults.server import LIMIT_BYTES, serving

FAULTS = faults()
BY_CHECK: dict[str, set[str]] = defaultdict(set)
"""Which faults failed which check; filled by the tests of the faults."""


SILENT = {"hangs", "half_close_ignored", "garbage_swallowed"}
"""Faults that are found by waiting in vain; so that others have time on a busy machine."""
LEAKING = {"slot_kept", "cancel_ignored", "deadline_ignored", "half_close_ignored"}


def examined(fault: str, capabilities: tuple[str, ...]) -> Verdict:
    timeout_s, free_s = 1.0 if fault in SILENT else 10.0, 0.7 if fault in LEAKING else 5.0
    options = Options(timeout_s=timeout_s, free_s=free_s, limit_bytes=LIMIT_BYTES)
    with serving(fault, capabilities) as address:
        return verdict(address, examine(address, options))


@pytest.mark.parametrize("capabilities", [(), ("resume",), ("lanes",), ("time",), ALL], ids=str)
def test_nothing_is_found_in_a_good_server(capabilities: tuple[str, ...]) -> None:
    found = verdict("", iter(examined("", capabilities).results))
    assert [(result.check, result.finding and result.finding.text) for result in found.findings] == []
    assert found.count("stopped") == 0


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_under_its_name_and_nothing_else(fault: Fault) -> None:
    found = examined(fault.name, fault.capabilities)
    for result in found.findings:
        BY_CHECK[result.check].add(fault.name)
    assert {result.finding.rule.uid for result in found.findings if result.finding is not None} == {fault.rule}


def test_every_check_is_failed_by_a_fault() -> None:
    if len(set().union(*BY_CHECK.values())) < len(FAULTS):
        pytest.fail("Run this file as a whole: this test counts what the others found.")
    assert [check.name for check in CHECKS if check.name not in BY_CHECK] == []


def test_every_rule_is_broken_by_a_fault_and_tried_by_a_check() -> None:
    assert set(RULES) == {fault.rule for fault in FAULTS}
    assert set(RULES) == {rule for check in CHECKS for rule in check.rules}
    assert len(FAULTS) >= 25
