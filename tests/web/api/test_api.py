"""The API as programs use it: by token, as openapi.json says, and never with a fault of the server."""

from __future__ import annotations

import io
import json
import re
import time
from dataclasses import replace

import pytest

from appliance.live import wishes
from appliance.status import TrackStatus
from appliance.store import Desired, Store
from appliance.store.tokens import Tokens
from tests.jobs.conftest import DRAWING
from tests.web.conftest import RUNNING
from web.api.box_views import DESCRIPTION, Settings

BASE = "http://localhost:8080"


@pytest.fixture
def program(page):
    """Asks the API with a token: program("GET", "/status", ...)."""
    token = Tokens(page.box.data).make("a program", "test")
    client = page.client.application.test_client()

    def ask(method: str, path: str, **options: object):
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return client.open(f"/api/v1{path}", method=method, headers=headers, base_url=BASE, buffered=True, **options)

    return ask


def test_the_description_names_every_address_and_no_other(page):
    rules = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in page.client.application.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    paths = json.loads(DESCRIPTION.read_text())["paths"]
    assert {(path, method) for path, methods in paths.items() for method in methods} == rules


def test_every_wish_is_in_the_description():
    schemas = json.loads(DESCRIPTION.read_text())["components"]["schemas"]
    assert set(schemas["SettingsChange"]["properties"]) == set(Settings.model_fields) == set(wishes.KEYS)
    assert set(schemas["Settings"]["properties"]) == set(wishes.KEYS)


def test_without_a_token_nobody_gets_anywhere(page, stranger):
    for path in ("/status", "/people", "/settings", "/jobs", "/claims", "/preview.jpg", "/changes", "/jobs/0/result"):
        for somebody in (stranger, page):
            answer = somebody.client.get(f"/api/v1{path}", base_url=BASE)
            assert (answer.status_code, "token" in answer.get_json()["error"]) == (401, True) or somebody is stranger
            assert answer.status_code == 401, "an operator's cookie is no token"
    assert stranger.client.get("/api/v1/openapi.json", base_url=BASE).status_code == 200
    wrong = {"Authorization": "Bearer mofy_wrong"}
    assert stranger.client.patch("/api/v1/settings", json={}, headers=wrong, base_url=BASE).status_code == 401


def test_a_token_opens_nothing_but_the_api(page):
    token = Tokens(page.box.data).make("x", "test")
    client = page.client.application.test_client()
    answer = client.get("/people-all", headers={"Authorization": f"Bearer {token}"}, base_url=BASE)
    assert answer.status_code == 303


def test_a_revoked_token_is_of_no_use(page, program):
    assert program("GET", "/status").status_code == 200
    Tokens(page.box.data).revoke("a program", "test")
    assert program("GET", "/status").status_code == 401


def test_settings_are_wished_whole_or_not_at_all(page, program):
    assert program("PATCH", "/settings", json={"mode": "slate", "strength": 5, "outline": True}).get_json() == {
        "mode": "slate",
        "strength": "5",
        "outline": "true",
    }
    for wrong in ({"strength": 9}, {"mode": "off", "strength": 1}, {"nothing": 1}, [], "x", {"style": {}}):
        answer = program("PATCH", "/settings", json=wrong)
        assert (answer.status_code, bool(answer.get_json()["error"])) == (400, True)
    assert program("PATCH", "/settings", json={"mode": None}).get_json() == {"strength": "5", "outline": "true"}
    assert {who for _, who, _ in Desired(page.box.data).audit()} == {"test", "token a program"}


def test_people_are_listed_changed_and_forgotten(page, program):
    anna = page.enrol("Anna")
    assert [one["name"] for one in program("GET", "/people").get_json()["people"]] == ["Anna"]
    changed = program(
        "PATCH", f"/people/{anna.id}", json={"enabled": False, "name": "Ann", "expires_at": 4e9}
    ).get_json()
    assert (changed["name"], changed["enabled"], changed["expires_at"]) == ("Ann", False, 4e9)
    assert program("PATCH", f"/people/{anna.id}", json={"expires_at": -1}).get_json()["expires_at"] is None
    assert program("DELETE", f"/people/{anna.id}").status_code == 204
    assert program("GET", f"/people/{anna.id}").status_code == 404
    assert Store.open(page.box.data).people() == []


def test_faces_are_revealed_and_covered(page, program):
    page.engine_says(replace(RUNNING, run="r1", tracks=(TrackStatus(3, (0, 0, 9, 9), None),)))
    seen = program("GET", "/status").get_json()["status"]
    wish = {"kind": "reveal", "run": seen["run"], "track": seen["tracks"][0]["id"], "minutes": 10, "name": "Guest"}
    made = program("POST", "/claims", json=wish).get_json()["id"]
    (claim,) = program("GET", "/claims").get_json()["claims"]
    assert (claim["id"], claim["name"], claim["state"]) == (made, "Guest", "pending")
    assert claim["until"] - time.time() < 601
    assert program("DELETE", f"/claims/{made}").status_code == 204
    assert program("DELETE", f"/claims/{made}").status_code == 404
    for wrong in ({}, {"kind": "reveal"}, {"kind": "cover-person"}, {**wish, "minutes": 0}, {**wish, "track": -1}):
        assert program("POST", "/claims", json=wrong).status_code == 400


def test_a_photo_is_sent_and_waits_and_goes(page, program):
    photo = DRAWING.read_bytes()
    job = program("POST", "/jobs", json={"name": "a.jpg", "size": len(photo), "strength": 4}).get_json()
    half = program("PUT", f"/jobs/{job['id']}/content", data=photo[:1000]).get_json()
    assert (half["state"], half["received"]) == ("uploading", 1000)
    again = program("PUT", f"/jobs/{job['id']}/content", data=photo)
    assert (again.status_code, again.get_json()["received"]) == (409, 1000)
    done = program("PUT", f"/jobs/{job['id']}/content?offset=1000", data=photo[1000:]).get_json()
    assert done["state"] == "waiting"
    assert program("GET", f"/jobs/{job['id']}/result").status_code == 404
    assert program("DELETE", f"/jobs/{job['id']}").status_code == 204
    assert program("GET", "/jobs").get_json() == {"jobs": []}


def test_what_is_no_photo_enrols_nobody(page, program):
    fields = {"name": "Anna", "photos": [(io.BytesIO(b"no photo"), "a.jpg")]}
    answer = program("POST", "/people", data=fields)
    assert (answer.status_code, answer.get_json()["photos"][0]["used"]) == (422, False)
    assert program("POST", "/people", data={"name": "Anna"}).status_code == 422
    assert program("GET", "/people").get_json() == {"people": []}


def test_an_address_that_is_none_answers_in_json(program):
    answer = program("GET", "/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert program("POST", "/status").status_code == 405
