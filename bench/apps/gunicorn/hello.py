"""The tiny answer, for gunicorn: ``gunicorn hello:app`` in a folder with release.txt."""

from pathlib import Path

RELEASE = Path("release.txt").read_text()
BODY = b"Hello, World!"


def app(environ, start_response):
    start_response("200 OK", [
        ("Content-Type", "text/plain"),
        ("Content-Length", str(len(BODY))),
        ("Bench-Release", RELEASE),
        ("X-Prove-Id", environ.get("HTTP_X_PROVE_ID", "")),
    ])
    return [BODY]
