"""What all keys of a document have in common: frozen, strict models and the kinds of text they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

EXPECTED = "expected"

MAX_NAME = 200
MAX_QUALIFIED = 1000
_CLASS = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*\Z")
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+\Z")
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(?P<port>\d{1,5})\Z")


@dataclass(frozen=True)
class Kind:
    """What a kind of text is called on the reference page."""

    name: str


class Schema(BaseModel):
    """Base of all models of a document. They are built at first use: importing them costs little."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


def wrong(expected: str, message: str = "") -> PydanticCustomError:
    """Build the error of a validator: what was expected and, where a whole sentence helps, what to do."""
    return PydanticCustomError(EXPECTED, "{sentence}", {"expected": expected, "sentence": message})


def _label(text: str, longest: int = MAX_NAME) -> str:
    if not text.strip():
        raise wrong("text that is not empty")
    if len(text) > longest:
        raise wrong(f"at most {longest} characters")
    if not text.isprintable():
        raise wrong("text in one line, without control characters")
    return text


def _qualified(text: str) -> str:
    return _label(text, MAX_QUALIFIED)


def _environment_uid(text: str) -> str:
    bad = [each for each in "./\\" if each in _label(text)]
    if bad:
        why = "the '.' separates environment and sensor" if "." in bad else "it separates parts of file names"
        shown = " and ".join(map(repr, bad))
        raise wrong("a uid without '.', '/' and '\\'", f"{text!r} contains {shown}: {why}; choose another uid")
    if text != text.strip():
        raise wrong("a uid without spaces around it")
    return text


def _class_name(text: str) -> str:
    if _CLASS.match(text):
        return text
    hint = ""
    if _DOTTED.match(text):
        module, _, name = text.rpartition(".")
        hint = f"; did you mean '{module}:{name}'?"
    raise wrong("module:Class", f"expected a class as module:Class, found the text {text!r}{hint}")


def _service(text: str) -> str:
    if not text or any(each.isspace() or not each.isprintable() for each in text) or len(text) > MAX_NAME:
        raise wrong("the name of a service, as in environment/cartpole")
    if text.startswith("mmi."):
        raise wrong("the name of a service, as in environment/cartpole", "services called mmi.* belong to the broker")
    return text


def _address(text: str) -> str:
    found = _ADDRESS.match(text)
    if found is None or not 1 <= int(found["port"]) <= 65535:
        raise wrong("host:port")
    return text


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _empty_mapping(value: Any) -> Any:
    return {} if value is None else value


Label: TypeAlias = Annotated[str, AfterValidator(_label)]
Qualified: TypeAlias = Annotated[str, AfterValidator(_qualified), Kind("`environment.name`")]
EnvironmentUid: TypeAlias = Annotated[str, AfterValidator(_environment_uid), Kind("uid")]
ClassName: TypeAlias = Annotated[str, AfterValidator(_class_name), Kind("`module:Class`")]
ServiceName: TypeAlias = Annotated[str, AfterValidator(_service), Kind("service name")]
Address: TypeAlias = Annotated[str, AfterValidator(_address), Kind("`host:port`")]
Params: TypeAlias = Annotated[dict[str, Any], BeforeValidator(_empty_mapping), Kind("mapping of anything")]
AnyCase = BeforeValidator(_lower)
Count: TypeAlias = Annotated[int, Field(ge=1, le=2**31 - 1)]
Seconds: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]
AsList = Field(strict=False)


def key(description: str, *, ours: bool = False, **options: Any) -> Any:
    """Describe a key of the document; `ours` marks what palaestrAI does not know."""
    return Field(description=description, json_schema_extra={"ours": ours}, **options)
