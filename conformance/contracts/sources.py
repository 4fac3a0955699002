"""Standards that requirements of every contract come from."""

from __future__ import annotations

from conformance.judging.source import Source


def _rfc(number: int, section: str, quote: str = "") -> Source:
    address = f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"
    return Source(f"RFC {number} §{section}", address, quote)


class RFC:
    """Internet standards."""

    json_order = _rfc(8259, "1", "An object is an unordered collection of zero or more name/value pairs")
    json_whitespace = _rfc(
        8259, "2", "Insignificant whitespace is allowed before or after any of the six structural characters."
    )
    json_names = _rfc(8259, "4", "The names within an object SHOULD be unique.")
    json_numbers = _rfc(
        8259, "6", "Numeric values that cannot be represented in the grammar below (such as Infinity and NaN)"
    )
    json_strings = _rfc(8259, "7")
    json_utf8 = _rfc(8259, "8.1", "MUST be encoded using UTF-8")
    json_unicode = _rfc(8259, "8.2")
    unauthorized = _rfc(9110, "15.5.2", "MUST send a WWW-Authenticate header field")
    method_not_allowed = _rfc(9110, "15.5.6", "MUST generate an Allow header field")
    not_found = _rfc(9110, "15.5.5")
    unsupported_media_type = _rfc(9110, "15.5.16")
    bad_request = _rfc(9110, "15.5.1")
    server_error = _rfc(9110, "15.6")
    redirection = _rfc(9110, "15.4", "a user agent MAY change the request method from POST to GET")
    content_type = _rfc(9110, "8.3")
    content_encoding = _rfc(9110, "12.5.3")
    retry_after = _rfc(9110, "10.2.3", "Retry-After = HTTP-date / delay-seconds")
    incomplete = _rfc(9112, "8", "MUST be considered incomplete")
    unprocessable = _rfc(9110, "15.5.21")
    too_many_requests = _rfc(6585, "4", "MAY include a Retry-After header")
    unavailable = _rfc(9110, "15.6.4", "will likely be alleviated after some delay")
    media_type = _rfc(9110, "8.3.1", "The type and subtype tokens are case-insensitive.")
    codings = _rfc(9110, "8.4.1")
    field_names = _rfc(9110, "5.1", "Field names are case-insensitive")
    whitespace = _rfc(9112, "5")
    date = _rfc(9110, "6.6.1", "An origin server without a clock MUST NOT generate a Date header field.")
    informational = _rfc(
        9110,
        "15.2",
        "A client MUST be able to parse one or more 1xx responses received prior to a final response",
    )
    early_hints = _rfc(8297, "2")
    trailers = _rfc(9110, "6.5")
    version = _rfc(9110, "6.2")
    reason_phrase = _rfc(9112, "4", "A client SHOULD ignore the reason-phrase content")
    body_length = _rfc(
        9112,
        "6.3",
        "the message body length is determined by the number of octets received prior to the server closing "
        "the connection",
    )
    chunked = _rfc(9112, "7.1")
    chunk_extensions = _rfc(9112, "7.1.1", "A recipient MUST ignore unrecognized chunk extensions.")
    pieces = _rfc(9112, "7.1")
    closing = _rfc(9112, "9.5", "A client, server, or proxy MAY close the transport connection at any time.")


FETCH = Source(
    "WHATWG Fetch, CORS protocol",
    "https://fetch.spec.whatwg.org/#http-cors-protocol",
    "A CORS-preflight request is a CORS request that checks to see if the CORS protocol is understood.",
)
