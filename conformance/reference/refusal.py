"""Refusals: the answers that are errors, as OpenAI words them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A request that is not served. It becomes the HTTP status and the error object of the contract.

    `param` names the offending parameter, such as `messages[0].role`; `code` is OpenAI's word for the case.
    `allow` lists the methods for a 405.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = headers

    def body(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


def unauthorised(message: str) -> Refusal:
    """401 with the challenge that RFC 9110 section 15.5.2 demands."""
    challenge = (("www-authenticate", 'Bearer realm="reference"'),)
    return Refusal(message, status=401, code="invalid_api_key", headers=challenge)


def unknown_model(model: str) -> Refusal:
    """404 for a model that is not served here. The id is cut, because a client chose it."""
    return Refusal(
        f"The model '{model[:64]}' does not exist or you do not have access to it.",
        status=404,
        param="model",
        code="model_not_found",
    )
