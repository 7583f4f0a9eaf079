"""A catalog over HTTP. Uploads are spooled to a temporary file, as real apps do."""

import tempfile

from fastapi import FastAPI, Request

app = FastAPI(title="catalog")


@app.get("/livez")
def live() -> str:
    return "alive"


@app.get("/readyz")
def ready() -> str:
    return "ready"


@app.post("/upload")
async def upload(request: Request) -> str:
    with tempfile.TemporaryFile() as file:
        file.write(await request.body())
        file.seek(0)
        return f"{len(file.read())} bytes"
