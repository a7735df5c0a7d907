"""Whether the networks are the ones that were shipped, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable

from appliance import model_files
from appliance.doctor import Finding, Site, ok, wrong
from appliance.errors import ModelError


def check(site: Site) -> Iterable[Finding]:
    """One for each model that cannot be used, or one for all."""
    try:
        models = model_files.models()
        chosen = [wanted for wanted in (site.config.faces.detector, site.config.faces.embedder) if wanted]
        for wanted in chosen:
            model_files.find(wanted)
    except ModelError as error:
        return [wrong(str(error), "")]
    faults = []
    for model in models:
        try:
            model_files.path(model)
        except ModelError as error:
            faults.append(wrong(str(error), ""))
    return faults or [ok(f"{len(models)} models, all as they were shipped")]
