"""The API's address, and who may ask it: programs with a token, and no browser's cookie."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, abort, g, jsonify, request
from pydantic import BaseModel, ConfigDict, ValidationError

from appliance.errors import InputError, MofyError, StoreError
from appliance.jobs.uploads import NoRoomError
from appliance.store.tokens import Tokens
from web import access
from web.box import box
from web.visitor import Visitor

page = Blueprint("api", __name__, url_prefix="/api/v1")

OPEN = ("api.description",)
"""Views that need no token."""

Answer = Any
_Asked = TypeVar("_Asked", bound="Asked")


class Asked(BaseModel):
    """What a program sends as JSON; nothing else may be in it."""

    model_config = ConfigDict(extra="forbid", strict=True)


def admit_programs(app: Flask) -> None:
    """Let tokens in, and the API take what is no form of ours."""
    access.vouch(app, _holder)
    app.extensions["csrf"].exempt(page)


def asked(model: type[_Asked]) -> _Asked:
    """The request's JSON as the model; raises InputError that names every fault."""
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        told = (f"{'.'.join(str(part) for part in one['loc']) or 'body'}: {one['msg']}" for one in error.errors())
        raise InputError("; ".join(told)) from None


def who() -> str:
    """The program's name for the audit."""
    return access.somebody().who


def absent(what: str) -> None:
    """Answer that there is no such thing."""
    abort(404, f"there is no such {what}")


def _holder() -> Visitor | None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if not request.path.startswith(f"{page.url_prefix}/") or kind.lower() != "bearer":
        return None
    try:
        token = Tokens(box().data).known(secret.strip())
    except StoreError:
        return None
    g.token = token
    return None if token is None else Visitor("operator", token=token.name)


@page.before_request
def _only_with_a_token() -> None:
    """A cookie alone does not do: a page of another site could use it."""
    if request.endpoint not in OPEN and g.get("token") is None:
        abort(401, "a token is needed: Authorization: Bearer TOKEN")


@page.errorhandler(MofyError)
def _refused(error: MofyError) -> tuple[Response, int]:
    code = 507 if isinstance(error, NoRoomError) else 503 if isinstance(error, StoreError) else 400
    return jsonify(error=str(error)), code
