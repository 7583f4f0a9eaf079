"""Checksums over HTTP: by a C extension from a wheel, and by one that is compiled from source.

Uploads are spooled to a temporary file, as real apps do.
"""

import os
import tempfile

import xxhash
from aiohttp import web
from multidict._multidict import MultiDict  # the one in C; there is another in Python


async def said(request: web.Request) -> web.Response:
    return web.Response(text="well\n", headers=MultiDict())


async def upload(request: web.Request) -> web.Response:
    with tempfile.TemporaryFile() as file:
        file.write(await request.read())
        file.seek(0)
        body = file.read()
    return web.Response(text=f"{len(body)} bytes, {xxhash.xxh64_hexdigest(body)}\n")


app = web.Application(client_max_size=10_000_000)
app.add_routes([web.get("/livez", said), web.get("/readyz", said), web.post("/upload", upload)])
web.run_app(app, port=int(os.environ.get("PORT", "8000")))
