"""Who may ask, and what a browser may do with the answers."""

import re

import pytest

EVERYWHERE = (
    "/",
    "/status.json",
    "/preview.jpg",
    "/health",
    "/static/mofy.css",
    "/static/live.js",
    "/nothing",
    "/mode",
)


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_binds_the_browser(page, path):
    page.engine_says()
    headers = page.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/status.json", "/preview.jpg", "/health", "/nothing"])
def test_nothing_personal_is_kept_by_the_browser(page, path):
    page.engine_says()
    assert page.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_pages_obey_their_own_policy(page, path):
    """No script, style or handler inside the page, and nothing from elsewhere."""
    page.enrol("Anna")
    page.engine_says()
    shown = page.text(path)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=|javascript:", shown)
    assert not re.search(r'(?:src|href|action)="(?!/|#)', shown)


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "LOCALHOST", "127.0.0.1:80", "127.0.0.2", "[::1]", "[::1]:8080"],
)
def test_names_of_this_machine_are_answered(page, host):
    assert page.client.get("/health", headers={"Host": host}).status_code == 503


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.0.7", "0.0.0.0",
     "", "[", "localhost:8080:80", "localhost@evil.example", "::1.evil", "2130706433"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/status.json", "/preview.jpg", "/static/live.js"])
def test_other_names_are_not(page, host, path):
    """A name of somebody else's that resolves to this machine is how other sites would read the page."""
    page.engine_says()
    answer = page.client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert b"rtsp://" not in answer.data


@pytest.mark.parametrize("path", ["/preview.jpg", "/status.json", "/"])
def test_other_sites_pages_get_nothing(page, path):
    page.engine_says()
    for site in ("cross-site", "same-site"):
        assert page.get(path, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}).status_code == 403
        assert page.get("/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert page.get(path, headers={"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}).status_code == 200


def test_other_sites_forms_press_nothing(page):
    answer = page.client.post(
        "/mode",
        data={"mode": "selective"},
        headers={"Host": "localhost", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    )
    assert answer.status_code == 403
    assert page.untouched


def test_cookies_stay_with_the_page(page):
    page.get()
    for cookie in (page.get(), page.post("/language", language="ko")):
        for line in cookie.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in line
            assert "SameSite=Strict" in line


def test_a_flood_in_a_form_is_refused(page):
    page.get()
    answer = page.client.post("/mode", data={"mode": "x" * 200_000}, base_url="http://localhost")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path", ["/static/../__init__.py", "/static/%2e%2e/box.py", "/people/../../etc/passwd", "/%00"]
)
def test_no_path_leads_out(page, path):
    assert page.get(path).status_code in (400, 404, 405)


def test_the_first_paint_is_small(page):
    page.enrol("Anna")
    page.engine_says(preview=False)
    paths = ("/", "/static/mofy.css", "/static/live.js", "/static/icon.svg", "/static/no-picture.svg")
    assert sum(len(page.get(path).data) for path in paths) < 60_000
