"""A run to make reports from: one target with faults, one without, and every verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from conformance.asking.probe import Credential
from conformance.contracts.chat.probes.prompts import COUNT, COUNTED, NATO, NATO_WORDS, OK
from conformance.contracts.chat.sources import OPENAI, RFC
from conformance.judging.source import Source
from conformance.judging.verdict import Finding, Judgement, Verdict
from conformance.provider.level import Level
from conformance.provider.model import Expected, Target
from conformance.report.results.build import build
from conformance.report.results.results import Results
from conformance.wire.message import Message
from conformance.wire.place import Place
from conformance.wire.record import Attempt, Exchange, Failure
from tests.report.making import STARTED, answer, entry, exchange, judged, stream, target, user

MUST, SHOULD, MAY = Level

_DOCUMENTS = Source(
    "Acme Cloud, Chat Completions",
    "https://docs.acme.example/chat",
    "Maximum 4 stop sequences",
)


ENTRIES = (
    entry("envelope.one-json-object", MUST, "A plain request is answered with 200 and one JSON object."),
    entry("envelope.id-present", MUST, "id is a non-empty string.", sources=(OPENAI.id,)),
    entry(
        "envelope.created-now-in-seconds",
        MUST,
        "created is the time of the request in seconds.",
        sources=(OPENAI.created,),
        impact="Clients that read created into 32 bits cannot decode the answer.",
    ),
    entry("envelope.finish-reason-known", MUST, "finish_reason is one of the documented values."),
    entry("envelope.nullable-members-present", MAY, "logprobs and refusal are present, if only as null."),
    entry("usage.present-and-integer", MUST, "Every answer states its token counts as integers."),
    entry(
        "usage.total-is-sum",
        MUST,
        "total_tokens is the sum of prompt_tokens and completion_tokens.",
        sources=(OPENAI.usage_total,),
        impact="Whoever is billed by total_tokens pays for tokens that nobody produced.",
    ),
    entry("usage.prompt-count-affine", MUST, "Doubling a text doubles what it adds to prompt_tokens."),
    entry("stream.content-type", MUST, "A stream is sent as text/event-stream.", "stream"),
    entry(
        "stream.done-once-and-last",
        MUST,
        "A stream ends with exactly one data: [DONE], and nothing follows it.",
        "stream",
        (OPENAI.done,),
        "Clients that wait for [DONE] hang until their timeout.",
    ),
    entry("stream.usage-chunk-last", SHOULD, "include_usage adds one last chunk with the usage."),
    entry("stream.incremental", MUST, "The answer arrives in pieces while it is made.", "stream"),
    entry("stop.string-stops", MUST, "Text after the stop sequence is never returned.", "stop"),
    entry(
        "stop.not-in-output",
        MUST,
        "The returned text does not contain the stop sequence.",
        "stop",
        (OPENAI.stop, _DOCUMENTS),
        "Agents that cut tool output at a marker see the marker itself.",
    ),
    entry("stop.fifth-not-dropped-silently", SHOULD, "A fifth stop sequence is refused or works.", "stop"),
    entry("stop.tail-not-billed", SHOULD, "Text that was cut off is not billed.", "stop"),
    entry("sampling.temperature-range-accepted", MUST, "Temperature 0, 1.5 and 2 are accepted."),
    entry(
        "sampling.temperature-out-of-range-refused",
        SHOULD,
        "A temperature outside the documented range is refused.",
        "temperature",
        (OPENAI.temperature,),
        "A mistyped value is ignored instead of reported.",
    ),
    entry("sampling.seed-repeats", MAY, "The same seed gives the same answer.", "seed"),
    entry("limits.max-tokens-bounds", MUST, "max_tokens bounds what is produced.", "max_tokens"),
    entry("limits.finish-reason-length", MUST, "An answer that was cut says so: finish_reason is length."),
    entry("choices.n-answers", MAY, "n=3 gives three choices.", "n"),
    entry("choices.all-billed", MAY, "Every choice is billed.", "n"),
    entry("messages.history-used", MUST, "Earlier turns are visible to the model."),
    entry("messages.unicode-round-trip", MUST, "Any text survives the way there and back."),
    entry("vision.image-understood", MAY, "An image is understood.", "vision"),
    entry("tools.call-shape", MAY, "A tool call has the documented shape.", "tools"),
    entry(
        "errors.unknown-model-refused",
        MUST,
        "An unknown model is refused with a 4xx status.",
        impact="A typing error is answered, and billed, by some other model.",
    ),
    entry("errors.json-error-object", MUST, "Every error is a JSON object with a message."),
    entry("auth.key-required", MUST, "A request without a key is refused with 401."),
    entry("auth.challenge-header", MAY, "A 401 carries WWW-Authenticate.", None, (RFC.unauthorized,)),
    entry("models.lists-the-configured", SHOULD, "The configured model is in the list of models."),
    entry("transport.no-cross-talk", MAY, "Parallel requests do not get each other's answers."),
)


_BUSY = Attempt(STARTED.timestamp(), 0.21, 429, "HTTP/2", (("retry-after", "1"),), ((0.21, b"{}"),))
_NATO = " ".join(NATO_WORDS)
_REFUSAL = (
    b'{"error":{"message":"The model \'no-such-model-x7\' does not exist","type":"invalid_request_error",'
    b'"param":null,"code":"model_not_found"}}'
)


def _exchanges(at: Target, prefix: str) -> list[Exchange]:
    flawed = prefix == "a"
    stopped = "Alfa Bravo Charlie Delta Echo" + (" Foxtrot" if flawed else "")
    rows = [
        exchange("01", "COUNT", user(COUNT, temperature=0), answer(COUNTED, 32, 50, 90 if flawed else 82)),
        exchange("02", "NATO", user(NATO, temperature=0), answer(_NATO, 35, 75), latency=1.31),
        exchange(
            "03", 'NATO stop "Foxtrot"', user(NATO, temperature=0, stop="Foxtrot"), answer(stopped, 35, 20)
        ),
        exchange(
            "04",
            "COUNT stream",
            user(COUNT, temperature=0, stream=True),
            stream(COUNTED.split(), done=not flawed),
            content_type="text/event-stream; charset=utf-8",
            latency=1.12,
            earlier=(_BUSY,),
        ),
        exchange("05", "OK temperature 2.1", user(OK, temperature=2.1, max_tokens=4), answer("OK", 12, 1)),
        exchange("06", "OK temperature -0.1", user(OK, temperature=-0.1, max_tokens=4), answer("OK", 12, 1)),
        exchange(
            "07",
            "OK unknown model",
            user(OK, model="no-such-model-x7", max_tokens=4),
            answer("OK", 12, 1) if flawed else _REFUSAL,
            status=200 if flawed else 404,
        ),
        exchange("08", "OK without key", user(OK, max_tokens=4), b'{"error":{"message":"no key"}}', 401),
        exchange("09", "COUNT n=3", user(COUNT, n=3, max_tokens=8), _REFUSAL, 400),
        exchange(
            "10",
            "PHRASE seed 7",
            user("Write a phrase.", seed=7),
            b"",
            None,
            latency=60.0,
            failure=Failure("timeout-first-byte", "no response within 60 s"),
        ),
        exchange(
            "11",
            "COUNT stream aborted",
            user(COUNT, stream=True),
            stream(["1", "2"], done=False),
            content_type="text/event-stream",
            failure=Failure("cut", "hung up on purpose after 2 events"),
        ),
    ]
    return [
        replace(
            row,
            id=f"{prefix}{row.id}",
            provider=at.provider.name,
            model=at.model,
            request=replace(row.request, url=f"{at.provider.base_url}/chat/completions"),
        )
        for row in rows
    ]


def _flawed() -> list[Judgement]:
    """What is found at the target with faults; everything else passes."""
    timeout = "no response within 60 s"
    silent = "Acme Cloud does not promise it, and no answer spoke of it"
    return [
        judged(
            "stop.not-in-output",
            MUST,
            Verdict.FAIL,
            'the answer ends with the stop sequence "Foxtrot"',
            (Place("a03", path="$.choices[0].message.content", text="Foxtrot"),),
            ("a02", "a03"),
        ),
        judged(
            "usage.total-is-sum",
            MUST,
            Verdict.FAIL,
            "total_tokens is 90, but 32 + 50 = 82 (1 of 6 answers, first: COUNT)",
            (Place("a01", path="$.usage.total_tokens"),),
            ("a01", "a02", "a03", "a05", "a06", "a07"),
            said="total_tokens is 90, but 32 + 50 = 82",
        ),
        judged(
            "stream.done-once-and-last",
            MUST,
            Verdict.FAIL,
            "the stream of 20 events ends without data: [DONE]",
            ("a04",),
            ("a04",),
        ),
        judged(
            "errors.unknown-model-refused",
            MUST,
            Verdict.FAIL,
            'HTTP 200 with an answer by "acme-large-2026" to a request for "no-such-model-x7"',
            (Place("a07", path="status"),),
            ("a07",),
        ),
        judged(
            "envelope.created-now-in-seconds",
            MUST,
            Verdict.FAIL,
            "created is 1795171093, 81 s ahead of the Date header",
            (Place("a01", path="$.created"),),
            ("a01", "a02"),
        ),
        judged("sampling.seed-repeats", MAY, Verdict.ERROR, timeout, (), ("a10",)),
        judged("transport.no-cross-talk", MAY, Verdict.ERROR, timeout, (), ("a10",)),
        judged(
            "sampling.temperature-out-of-range-refused",
            SHOULD,
            Verdict.WARN,
            "temperature 2.1 and -0.1 are accepted and ignored",
            ("a05", "a06"),
            ("a05", "a06"),
        ),
        judged(
            "stop.tail-not-billed",
            SHOULD,
            Verdict.WARN,
            "75 completion tokens with stop, 75 without",
            ("a03",),
            ("a02", "a03"),
        ),
        judged(
            "stop.fifth-not-dropped-silently",
            SHOULD,
            Verdict.INCONCLUSIVE,
            "without stop the model never wrote the fifth word, so nothing could be cut",
            consulted=("a02",),
        ),
        judged(
            "stream.usage-chunk-last",
            SHOULD,
            Verdict.INCONCLUSIVE,
            "the stream breaks off before its end",
            see="stream.done-once-and-last",
        ),
        judged(
            "choices.n-answers", MAY, Verdict.UNSUPPORTED, "the provider refuses n: 400", consulted=("a09",)
        ),
        judged(
            "choices.all-billed", MAY, Verdict.UNSUPPORTED, "the provider refuses n: 400", consulted=("a09",)
        ),
        judged("tools.call-shape", MAY, Verdict.NOT_APPLICABLE, silent),
        judged("vision.image-understood", MAY, Verdict.NOT_APPLICABLE, silent),
        judged(
            "auth.challenge-header",
            MAY,
            Verdict.NOTE,
            "no WWW-Authenticate on the 401",
            ("a08",),
            ("a08",),
        ),
        judged(
            "envelope.nullable-members-present",
            MAY,
            Verdict.NOTE,
            "choices[].logprobs and message.refusal are absent in 6 of 6 answers",
            ("a01", "a02", "a03", "a05"),
            ("a01", "a02", "a03", "a05"),
        ),
    ]


def _all(found: Sequence[Judgement], first: str) -> list[Judgement]:
    by_id = {row.requirement: row for row in found}
    passed = [judged(one.id, one.level, Verdict.PASS, consulted=(first,)) for one in ENTRIES]
    return [by_id.get(row.requirement, row) for row in passed]


FLAWED = target(
    expected=(
        Expected(
            "envelope.created-now-in-seconds",
            "their clock is ahead",
            "https://acme.example/42",
            date(2027, 1, 31),
        ),
        Expected("limits.max-tokens-bounds", "was off by one", where="providers.yaml:14"),
    )
)
CLEAN = target("bolt", "bolt-mini")

CREDENTIALS = MappingProxyType({"OK without key": Credential.NONE})


def sample(*, both: bool = True) -> Results:
    """The run; `both` false: only the target with faults."""
    targets = (FLAWED, CLEAN) if both else (FLAWED,)
    judgements = [(FLAWED, row) for row in _all(_flawed(), "a01")]
    exchanges = _exchanges(FLAWED, "a")
    if both:
        unclaimed = [
            judged(name, MAY, Verdict.NOT_APPLICABLE, "Bolt Cloud does not promise it")
            for name in ("tools.call-shape", "vision.image-understood")
        ]
        warned = judged(
            "stop.tail-not-billed",
            SHOULD,
            Verdict.WARN,
            "74 completion tokens with stop",
            ("b03",),
            ("b02", "b03"),
        )
        judgements += [(CLEAN, row) for row in _all([*unclaimed, warned], "b01")]
        exchanges += _exchanges(CLEAN, "b")
    return build(
        version="0.1.0",
        catalogue="2026.1",
        entries=ENTRIES,
        targets=targets,
        judgements=judgements,
        exchanges=exchanges,
        started=STARTED,
        finished=STARTED + timedelta(seconds=94.2),
        credentials=CREDENTIALS,
    )


def _renamed(finding: Finding, prefix: str) -> Finding:
    return replace(
        finding,
        places=tuple(replace(one, exchange=f"{prefix}{one.exchange[1:]}") for one in finding.places),
    )


def many(count: int) -> Results:
    """A run over many targets; the last could not be reached."""
    targets = [target(f"vendor{number}", "a-model-with-a-long-name") for number in range(1, count + 1)]
    judgements = []
    exchanges = []
    for number, one in enumerate(targets):
        rows = _all(_flawed() if number % 3 == 0 else [], "a01")
        if number == count - 1:
            why = "the endpoint cannot be reached: no connection in time"
            rows = [
                replace(
                    row, verdict=Verdict.ERROR, reason=Message(why), findings=(), offending=(), consulted=()
                )
                for row in rows
            ]
        prefix = f"v{number}-"
        renamed = [
            replace(
                row,
                findings=tuple(_renamed(finding, prefix) for finding in row.findings),
                offending=tuple(f"{prefix}{id[1:]}" for id in row.offending),
                consulted=tuple(f"{prefix}{id[1:]}" for id in row.consulted),
            )
            for row in rows
        ]
        judgements += [(one, row) for row in renamed]
        exchanges += _exchanges(one, prefix)
    last = targets[-1]
    return build(
        version="0.1.0",
        catalogue="2026.1",
        entries=ENTRIES,
        targets=targets,
        judgements=judgements,
        exchanges=exchanges,
        started=STARTED,
        finished=STARTED + timedelta(seconds=312),
        unreachable={last.at: "no connection in time"},
    )
