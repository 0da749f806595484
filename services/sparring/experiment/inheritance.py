"""Phases inherit from the one before, key by key; every value keeps the line that it was written in."""

from __future__ import annotations

from sparring.experiment.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode, child, replace


def merge(base: Node, over: Node) -> Node:
    """Lay one value over another: mappings key by key, anything else (also a list, also `null`) as a whole."""
    if not (isinstance(base, MappingNode) and isinstance(over, MappingNode)):
        return over
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        below = merge(entries[key].node, entry.node) if key in entries else entry.node
        entries[key] = Entry(entry.mark, below)
    return MappingNode(entries, over.mark)


def expand_schedule(root: Node) -> Node:
    """Return the document with every phase written out in full. What is no phase is left as it is."""
    schedule = child(root, "schedule")
    if not isinstance(schedule, SequenceNode):
        return root
    items: list[Node] = []
    before: Node = MappingNode({}, schedule.mark)
    for item in schedule.items:
        if not (isinstance(item, MappingNode) and len(item.entries) == 1):
            items.append(item)
            continue
        [(name, entry)] = item.entries.items()
        phase = entry.node
        if isinstance(phase, ScalarNode) and phase.value is None:
            phase = MappingNode({}, phase.mark)
        if isinstance(phase, MappingNode):
            phase = before = merge(before, phase)
        items.append(MappingNode({name: Entry(entry.mark, phase)}, item.mark))
    return replace(root, ("schedule",), SequenceNode(tuple(items), schedule.mark))
