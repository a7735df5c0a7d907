"""A person enrolled from photos in an order: a stranger's bytes, looked at in quarantine."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Any

from appliance import enrolment, model_files
from appliance.mqtt.orders import Enrol, OrderError
from appliance.options import Config
from appliance.quarantine import Look, Warden
from appliance.store import Store, exists
from appliance.store.people import Template, clean_name


class Enroller:
    """Takes seconds for each photo. May be shared by threads; `close` ends the quarantine."""

    def __init__(self, data: Path, config: Config) -> None:
        self._data = data
        self._model = model_files.embedder_id(config)
        self._warden = Warden(self._model)

    def enrol(self, order: Enrol, who: str) -> dict[str, Any]:
        """Add the photos to the person of this name, who is made if need be; raises MofyError when none serves."""
        name = clean_name(order.name)
        looks = {Path(f"photo {number}"): self._look(number, text) for number, text in enumerate(order.photos, 1)}
        seen = [(path, found.template) for path, look in looks.items() if look.usable for found in look.found]
        refused = {str(path): look.words or look.code for path, look in looks.items() if not look.usable}
        known, rejected = self._known(name)
        kept, others = enrolment.sifted(seen, known, rejected, self._model, order.force)
        refused |= {str(one.photo): one.reason for one in others}
        if not kept:
            raise OrderError("; ".join(f"{photo} {why}" for photo, why in refused.items()), "photos")
        templates = [template for _, template in kept]
        person = Store.open(self._data, create=True).enrol(name, templates, who, expires_at=order.until)
        return {"person": person.id, "photos": person.photos, "refused": refused}

    def close(self) -> None:
        """End the process that looks at photos."""
        self._warden.close()

    def _look(self, number: int, text: str) -> Look:
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise OrderError(f"photo {number} is not base64", "photos") from None
        # In memory only: what is no face's crop is never written to disk.
        with os.fdopen(os.memfd_create("photo"), "w+b") as file:
            file.write(content)
            file.flush()
            return self._warden.look(file)

    def _known(self, name: str) -> tuple[list[Template], list[Template]]:
        """Templates of the person of this name, and those rejected."""
        if not exists(self._data):
            return [], []
        store = Store.open(self._data, create=True)
        person = store.find(name)
        return ([], []) if person is None else (store.templates(person.id), store.rejected(person.id))
