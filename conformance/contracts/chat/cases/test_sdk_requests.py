"""The official SDK beside completions: what it raises, and what it makes of the models endpoints."""

from __future__ import annotations

from conformance.contracts.chat import sdk as client
from conformance.contracts.chat.cases.replaying import response, sdk_requirement
from conformance.contracts.chat.probes.named import MODEL_LIST, MODEL_RETRIEVED
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import (
    every_refusal,
)
from conformance.judging.requirement import MAY, MUST, SHOULD, probes
from conformance.judging.saying import assume, concerns, needs, wrong


@sdk_requirement(
    "sdk.refusals-raise",
    SHOULD,
    hurts="The log of the program says that the request failed, and not why.",
)
@every_refusal
def test_refusals_raise(refusal: View) -> None:
    """A refusal raises openai-python's exception for its status, and the exception says why."""
    concerns(refusal.status < 500, "it is no refusal")
    use = client.iterate if refusal.streamed else client.create
    assume(client.replayable(refusal.whole), "the response is too large to be replayed")
    raised = use(refusal.whole).raised
    where, status = refusal.at_status(), refusal.status
    assert raised is not None, wrong("openai-python raises nothing on HTTP {status}", where, status=status)
    assert raised.status == status, wrong(
        "openai-python raises {exception} on HTTP {status}", where, exception=str(raised), status=status
    )
    why = raised.message.removeprefix(f"Error code: {raised.status}").strip(" -")
    assert why, wrong(
        "openai-python raises {exception}, which says no more than {message!r}",
        refusal.at("error.message"),
        where,
        exception=raised.name,
        message=raised.message,
    )
    assert not why.startswith("<"), wrong(
        "openai-python raises {exception} with a page of HTML: {page!r}",
        refusal.at_byte(0),
        exception=raised.name,
        page=why[:40],
    )


@sdk_requirement(
    "sdk.models-list-parses",
    SHOULD,
    claim="model-list",
    claimed=MUST,
    basis="models.list-shape",
    hurts="Programs that offer a choice of models offer none.",
)
@probes(models=MODEL_LIST)
def test_models_list_parses(models: View) -> None:
    """Iterating over `models.list()` of openai-python gives models with ids."""
    seen = client.list_models(response(models))
    assert not seen.raised, wrong(
        "openai-python raises {exception}", models.at_byte(0), exception=str(seen.raised)
    )
    listed = models.document.value.get("data") if isinstance(models.document.value, dict) else None
    needs("models.lists-the-configured", listed != [], "the list is empty")
    assert seen.ids, wrong(
        "openai-python gives no models, and no exception, for {body}",
        models.at("data"),
        models.at_byte(0),
        body=f"{models.last.body[:40]!r}",
    )
    nameless = [place for place, id in enumerate(seen.ids) if not id]
    assert not nameless, wrong(
        "{nameless} of {models} models have no id, without an exception",
        *(models.at(f"data[{place}].id") for place in nameless[:3]),
        nameless=len(nameless),
        models=len(seen.ids),
    )


@sdk_requirement(
    "sdk.model-retrieves",
    MAY,
    claim="model-retrieve",
    claimed=MUST,
    basis="models.retrieve",
    hurts="Programs that check for a model before they use it find none.",
)
@probes(model=MODEL_RETRIEVED)
def test_model_retrieves(model: View) -> None:
    """`models.retrieve(…)` of openai-python gives a model with an id."""
    seen = client.retrieve_model(response(model))
    assert not seen.raised, wrong(
        "openai-python raises {exception}", model.at_byte(0), exception=str(seen.raised)
    )
    assert any(seen.ids), wrong(
        "openai-python gives a {type} whose id is None, without an exception",
        model.at("id"),
        model.at_byte(0),
        type=seen.result,
    )
