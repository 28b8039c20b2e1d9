"""A Python service for gunicorn, which finds its listener by LISTEN_FDS: ``gunicorn wsgi:app``."""

import os
import time
from urllib.parse import parse_qs

MAX_DELAY_MS = 60_000


def app(environ, start_response):
    """Answers with the id of the worker; /slow?ms= does so later."""
    if environ["PATH_INFO"] == "/slow":
        delay_ms = int(parse_qs(environ["QUERY_STRING"]).get("ms", ["0"])[0])
        time.sleep(min(delay_ms, MAX_DELAY_MS) / 1000)

    headers = [("Content-Type", "text/plain")]
    if "HTTP_X_PROVE_ID" in environ:
        headers.append(("X-Prove-Id", environ["HTTP_X_PROVE_ID"]))
    start_response("200 OK", headers)
    return [f"{os.getpid()}\n".encode()]
