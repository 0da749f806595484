"""What kind of machine played a run: equal digests are promised for equal fingerprints only."""

from __future__ import annotations

import ctypes
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

_LEVELS: Final = (
    ("x86-64-v4", {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
    ("x86-64-v3", {"avx2", "bmi1", "bmi2", "fma", "movbe"}),
    ("x86-64-v2", {"sse4_2", "ssse3", "popcnt"}),
)
_KERNEL_NAMES: Final = ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename")


def fingerprint() -> str:
    """Return operating system, kind of CPU, Python, numpy and its BLAS kernel, in one line."""
    system = f"{platform.system().lower()}-{platform.machine()}"
    parts = [system, _cpu(), f"python {platform.python_version()}", f"numpy {metadata.version('numpy')}", _blas()]
    return ", ".join(part for part in parts if part)


def _cpu() -> str:
    """Name model and instruction level where the system tells (Linux)."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:\s*(.+)$", text, re.MULTILINE)
    known = set(flags[1].split()) if flags else set()
    level = next((name for name, needed in _LEVELS if needed <= known), "")
    return " ".join(part for part in (model[1].strip() if model else "", level) if part)


def _blas() -> str:
    """Name the kernel that OpenBLAS has chosen, where numpy is loaded and uses it."""
    if "numpy" not in sys.modules:
        return ""
    try:
        mapped = Path("/proc/self/maps").read_text()
    except OSError:
        return ""
    for path in dict.fromkeys(re.findall(r"(/\S*openblas\S*)$", mapped, re.MULTILINE)):
        library = ctypes.CDLL(path)
        for name in _KERNEL_NAMES:
            function = getattr(library, name, None)
            if function is not None:
                function.restype = ctypes.c_char_p
                return f"openblas {function().decode()}"
    return ""
