"""Files that somebody sent: looked at in the browser, or taken down as they are."""

import csv
import io
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.sandbox.page import rooms
from bot.sandbox.page.drawing import Drawing
from bot.sandbox.slack.things import File
from bot.sandbox.slack.world import SlackWorld

_MOST_ROWS = 500


class Files:
    """Only those who may read where a file was sent can have it."""

    def __init__(self, world: SlackWorld, drawing: Drawing) -> None:
        self._world = world
        self._drawing = drawing

    def routes(self) -> list[Route]:
        """A file to look at, and its bytes."""
        return [
            Route("/as/{person}/file/{file_id}", self.look),
            Route("/as/{person}/file/{file_id}/download", self.download),
        ]

    async def look(self, request: Request) -> Response:
        """The file as a table if it is one, else as text."""
        found = self._found(request)
        if found is None:
            return self._none()
        text = found.content.decode("utf-8-sig", "replace")
        link = f"{request.url.path}/download"
        if not found.name.endswith(".csv"):
            return HTMLResponse(self._drawing.apart(found.name, text=text, link=link))
        rows = list(csv.reader(io.StringIO(text)))
        more = [f"{len(rows) - 1:,} rows; the first {_MOST_ROWS:,} are shown."] if len(rows) > _MOST_ROWS + 1 else []
        return HTMLResponse(self._drawing.apart(found.name, *more, rows=rows[: _MOST_ROWS + 1], link=link))

    async def download(self, request: Request) -> Response:
        """The bytes, under the file's name."""
        found = self._found(request)
        if found is None:
            return self._none()
        # docs: RFC 6266; a name may hold anything.
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"}
        return Response(found.content, media_type="application/octet-stream", headers=headers)

    def _found(self, request: Request) -> File | None:
        file_id, person = request.path_params["file_id"], request.path_params["person"]
        if not rooms.may_download(self._world, person, file_id):
            return None
        return self._world.files.get(file_id)

    def _none(self) -> Response:
        return HTMLResponse(
            self._drawing.apart("Not here", "No such file, or it was not sent to you."), status_code=404
        )
