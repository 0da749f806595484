"""The committed reference page says what the models say."""

from pathlib import Path

from sparring.experiment.reference import reference_page
from sparring.experiment.schema.document import DocumentSchema
from sparring.experiment.schema.phase import PhaseConfigSchema

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "document.md"


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text() == reference_page(), (
        "run: python -m sparring.experiment.reference > docs/reference/document.md"
    )


def test_every_key_has_a_row_with_a_meaning() -> None:
    page = reference_page()
    for model in (DocumentSchema, PhaseConfigSchema):
        for name, info in model.model_fields.items():
            assert info.description
            assert f"| `{name}`" in page
            assert info.description in page
