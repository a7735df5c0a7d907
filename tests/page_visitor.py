"""A browser without a screen: goes to a page that runs, enters its PIN, keeps the cookie."""

from __future__ import annotations

import json
import re
import ssl
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.waiting import PATIENCE_S
from web import pin

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class PageVisitor:
    """Somebody who was let in. Raises urllib's HTTPError for what is refused."""

    def __init__(self, address: str, data: Path) -> None:
        """Log in with the page's first PIN, or with a new one when that is used up."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        self._address = address
        self._browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), urllib.request.HTTPSHandler(context=trusting)
        )
        token = TOKEN.search(self.get("login"))[1]
        self.post("login", csrf_token=token, pin=pin.first(data) or pin.change(data))

    def get(self, path: str = "") -> str:
        """A page's text."""
        with self._browser.open(self._address + path, timeout=PATIENCE_S) as answer:
            return answer.read().decode()

    def json(self, path: str = "status.json") -> dict:
        """A report."""
        return json.loads(self.get(path))

    def post(self, path: str, **fields: str) -> str:
        """What a form leads to."""
        with self._browser.open(self._address + path, urlencode(fields).encode(), timeout=PATIENCE_S) as answer:
            return answer.read().decode()

    def send(self, path: str, photo: Path, **fields: str) -> str:
        """What a form with a photo in it leads to."""
        with photo.open("rb") as file:
            boundary, content = encode_multipart({**fields, "photos": FileStorage(file, photo.name)})
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}", "X-Part": "draft"}
        request = urllib.request.Request(self._address + path, content, kind)
        with self._browser.open(request, timeout=PATIENCE_S) as answer:
            return answer.read().decode()
