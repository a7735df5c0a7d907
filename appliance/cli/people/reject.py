"""`mofy people reject`: photos of somebody else."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO
from appliance.cli.people._photos import face_option, usable


@click.command("reject")
@click.argument("name")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PHOTO...")
@face_option
@click.option("--force", is_flag=True, help="Take photos, too, that look like NAME and may cover NAME.")
@data_option
def command(name: str, photos: tuple[Path, ...], face: int | None, force: bool, data: Path) -> None:
    """Tell that who is in the photos is NOT NAME: whoever looks more like them than like NAME is covered."""
    from appliance import config, enrolment
    from appliance.enrolment import rejection
    from appliance.store import Store

    store = Store.open(data)
    store.known(name)
    models = enrolment.models(config.load())
    enrolment.refresh(store, models, WHO)
    sitting = usable(rejection.look(photos, models, store.dossier(name), face, force))
    person = store.reject(name, sitting.templates, WHO)
    click.echo(f"{person.name}: {rejection.count(person.rejected)} rejected; `mofy people unreject` takes it back")
