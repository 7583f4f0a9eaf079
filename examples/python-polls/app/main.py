"""Polls over HTTP. Uploads are spooled to a temporary file, as real apps do."""

import tempfile

from fastapi import FastAPI, Request

app = FastAPI(title="polls")
votes: dict[str, int] = {}


@app.get("/")
def index() -> dict[str, int]:
    return votes


@app.get("/health")
def health() -> str:
    return "alive"


@app.get("/ready")
def ready() -> str:
    return "ready"


@app.post("/vote/{choice}")
def vote(choice: str) -> int:
    votes[choice] = votes.get(choice, 0) + 1
    return votes[choice]


@app.post("/upload")
async def upload(request: Request) -> int:
    body = await request.body()
    with tempfile.TemporaryFile() as file:
        file.write(body)
    return len(body)
