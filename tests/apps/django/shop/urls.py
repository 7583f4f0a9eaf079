"""A shop over HTTP. Uploads are spooled to a temporary file, as real apps do."""

import tempfile

from django.http import HttpResponse
from django.urls import path


def upload(request):
    with tempfile.TemporaryFile() as file:
        file.write(request.body)
        file.seek(0)
        return HttpResponse(f"{len(file.read())} bytes\n")


urlpatterns = [
    path("livez", lambda request: HttpResponse("alive\n")),
    path("readyz", lambda request: HttpResponse("ready\n")),
    path("upload", upload),
]
