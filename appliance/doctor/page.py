"""Whether the phone page answers."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterable

from appliance import reach
from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.doctor.network import free

ANSWER_S = 4.0


def check(site: Site) -> Iterable[Finding]:
    """One finding."""
    page = reach.page(site.data)
    if page is not None:
        return [_asked(*page)]
    options = site.config.page
    if site.engine is not None:
        return [
            warning("is not served, though the engine runs", "start `mofy control`, or the engine without --no-page")
        ]
    return [free("page", options.address, options.port, "port in [page], or --page-port")]


def _asked(scheme: str, host: str, port: int) -> Finding:
    near = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    address = reach.address(scheme, near, port, "/")
    try:
        code = _code(scheme, near, port)
    except (OSError, http.client.HTTPException) as error:
        return wrong(f"{address} does not answer ({error or type(error).__name__})", "restart `mofy control`")
    if code >= 500:
        return wrong(f"{address} answers with an error ({code})", "restart `mofy control`")
    return ok(f"{address} answers")


def _code(scheme: str, host: str, port: int) -> int:
    if scheme == "https":
        # The box's own certificate is nobody's to vouch for; nothing is sent here but a question.
        context = ssl._create_unverified_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=ANSWER_S, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()
