"""Pages over HTTP. Uploads are spooled to a temporary file, as real apps do."""

import tempfile

from flask import Flask, request


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/livez")
    def live():
        return "alive\n"

    @app.get("/readyz")
    def ready():
        return "ready\n"

    @app.post("/upload")
    def upload():
        with tempfile.TemporaryFile() as file:
            file.write(request.get_data())
            file.seek(0)
            return f"{len(file.read())} bytes\n"

    return app
