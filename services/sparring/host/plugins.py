"""Author classes by name: only from modules that this process was told it may import."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Sequence
from typing import Any

from sparring.types.errors import AuthorError, NotFoundError


class Plugins:
    """Finds `module:Class`. What a peer names is looked up, never loaded because it was named.

    Args:
        modules: Modules that may be imported, and everything below them.
        kind: What is looked for, for messages: environment, muscle, ...
        reason: Of the error when it is not found.
    """

    def __init__(self, modules: Sequence[str], kind: str = "component", reason: str = "COMPONENT_UNKNOWN") -> None:
        self._modules = tuple(modules)
        self._kind = kind
        self._reason = reason

    def __call__(self, name: str) -> Callable[..., Any]:
        """Return the class.

        Raises:
            NotFoundError: COMPONENT_UNKNOWN or the reason given: the module is not allowed here, or has no such class.
            AuthorError: IMPORT_FAILED, the module raised when it was imported.
        """
        module_name, _, class_name = name.partition(":")
        if not class_name or not self._allowed(module_name):
            raise NotFoundError(
                self._reason,
                f"There is no {self._kind} {name!r} here; modules of this host: {', '.join(self._modules) or 'none'}. "
                "Add its module to SPARRING_PLUGINS, or correct the name (module:Class).",
                component=name,
                offered=", ".join(self._modules),
            )
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
                raise NotFoundError(
                    self._reason, f"There is no module {error.name!r} for {name!r}.", component=name
                ) from error
            raise AuthorError("IMPORT_FAILED", f"Importing {module_name!r} failed: {error}.", component=name) from error
        except Exception as error:  # whatever the author's module raises
            text = f"{type(error).__name__}: {error}"
            raise AuthorError("IMPORT_FAILED", f"Importing {module_name!r} failed: {text}.", component=name) from error
        found = getattr(module, class_name, None)
        if not callable(found):
            near = difflib.get_close_matches(class_name, [one for one in vars(module) if not one.startswith("_")], n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise NotFoundError(
                self._reason, f"Module {module_name!r} has no class {class_name!r}.{hint}", component=name
            )
        made: Callable[..., Any] = found
        return made

    def _allowed(self, module: str) -> bool:
        return any(module == one or module.startswith(f"{one}.") for one in self._modules)
