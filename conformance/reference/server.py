"""The embedded provider as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from conformance.reference.body import LARGEST_BODY
from conformance.reference.call import Call, Reply
from conformance.reference.chance import Chances
from conformance.reference.service import BASE_PATH, Config, Service

TURNS = 20
"""Turns of the event loop before a request is answered: who hung up before it came is known by then."""


def app(config: Config) -> Starlette:
    """The application that serves a configuration."""
    service = Service(config)
    memory: dict[str, Any] = {}
    chances = Chances(config.seed)

    async def received(request: Request) -> Call:
        body = bytearray()
        async for data in request.stream():
            body += data
            if len(body) > LARGEST_BODY:
                break
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
        )
        asked = request.method, request.url.path, bytes(body)
        return Call(asked[0], asked[1], headers, asked[2], memory, chances.of(*asked))

    async def respond(request: Request, handler: Callable[[Call], Reply]) -> Response:
        try:
            call = await received(request)
            for _ in range(TURNS):
                await asyncio.sleep(0)
            return _response(handler(call))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    async def endpoint(request: Request) -> Response:
        return await respond(request, service.endpoint)

    async def models(request: Request) -> Response:
        return await respond(request, service.models)

    async def model(request: Request) -> Response:
        return await respond(request, lambda call: service.model(call, request.path_params["id"]))

    async def unknown_path(request: Request, _: Exception) -> Response:
        return await respond(request, service.unknown_path)

    async def wrong_method(request: Request, _: Exception) -> Response:
        allowed = "POST" if request.url.path in service.endpoints else "GET, HEAD"
        return await respond(request, lambda call: service.wrong_method(call, allowed))

    application = Starlette(
        routes=[
            *(Route(path, endpoint, methods=["POST"]) for path in service.endpoints),
            Route(f"{BASE_PATH}/models", models),
            Route(f"{BASE_PATH}/models/{{id:path}}", model),
            Route("/v1beta/models", models),  # where one documented provider has its list
        ],
        exception_handlers={404: unknown_path, 405: wrong_method},
    )
    application.router.redirect_slashes = False
    return application


class _Streaming(StreamingResponse):
    """Lets go of its frames as soon as the client hangs up, not when they happen to be collected."""

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self.body_iterator):  # type: ignore[type-var]
            await super().stream_response(send)


def _response(reply: Reply) -> Response:
    async def frames() -> AsyncIterator[bytes]:
        for frame in reply.frames:
            if frame.delay:
                await asyncio.sleep(frame.delay)
            yield frame.data

    response = _Streaming(frames(), status_code=reply.status)
    bodiless = reply.streamed or reply.status == 204  # RFC 9110 section 8.6
    length = () if bodiless else (("content-length", str(len(reply.body))),)
    response.raw_headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in (*reply.headers, *length)
    ]
    return response
