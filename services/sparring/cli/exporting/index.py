"""The page that says what an exported folder holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sparring.cli.access.records import RunRecord

MEANINGS: Final[Mapping[str, str]] = {
    "phases": "what each phase came to",
    "episodes": "the committed episodes: returns, objectives by agent, lengths, seeds, digests",
    "brain_states": "which brain states were saved; their bytes stay in the store",
    "steps": "every step of these episodes; step 0 is what there was to see at the beginning",
}
_READING: Final = {
    "parquet": "import pandas as pd\n\nsteps = pd.read_parquet('steps.parquet')",
    "csv": "import pandas as pd\n\nsteps = pd.read_csv('steps.csv')",
}
_FORMS: Final = {
    "parquet": "Parquet. Absent values are null.",
    "csv": "Comma-separated values with a line of names. Absent values are empty, times are ISO 8601, lists and maps "
    "are JSON, bytes are base64.",
}


def index_page(
    run: RunRecord, kind: str, rows: Mapping[str, int], schema: Any, document: str, left_out: Sequence[str]
) -> str:
    """Return the page.

    Args:
        run: that was exported.
        kind: `parquet` or `csv`.
        rows: how many each file has.
        schema: of the steps.
        document: name of its file.
        left_out: phases whose steps are missing.
    """
    files = [f"| `{name}.{kind}` | {count:,} | {MEANINGS[name]} |" for name, count in rows.items()]
    parts = [
        f"# {run.run}",
        f"Results of an experiment run, exported from Sparring. Status: {run.status}. Seed: {run.seed}. "
        f"Digest: {run.digest or 'none, it did not finish'}.",
        "\n".join(["| file | rows | what |", "| --- | --- | --- |", *files, f"| `{document}` | | the document |"]),
        _FORMS[kind],
        f"```python\n{_READING[kind]}\n```",
        "`phase`, `mode`, `rollout` (the number of the rollout worker) and `episode` name an episode in every file.",
    ]
    if left_out:
        parts.append(f"Steps are missing of phases that were not complete: {', '.join(left_out)}.")
    columns = ["| column | type | unit | space, description |", "| --- | --- | --- | --- |", *map(_row, schema)]
    parts += ["## Columns of the steps", "\n".join(columns)]
    return "\n\n".join(parts) + "\n"


def _row(field: Any) -> str:
    told = {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
    cells: Iterable[str] = (
        f"`{field.name}`",
        str(field.type),
        told.get("unit", ""),
        ", ".join(text for text in (told.get("space", ""), told.get("description", "")) if text),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
