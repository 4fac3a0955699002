"""The few things the model can say of its own: phrases, an essay, an introduction, a general reply."""

from __future__ import annotations

import re

from conformance.reference.chat.mind.plan import Plan, Slot, choice, script

# Every word is at most six letters long, hence one piece of the tokenizer: a slot is a choice among words.
_ADJECTIVES = (
    "velvet amber silent hollow frozen gentle cosmic humble golden wicked marble copper lunar mellow rusty "
    "tender urban vivid bitter candid dusty exotic feral grave hasty icy jaded keen lofty misty noble odd"
)
_NOUNS = (
    "turnip pianos otters pickle comet teapot walnut violin badger mirror canyon orchid magnet pepper quartz "
    "saddle tulips wagon yarn zebras acorn beetle cactus domino ember falcon garlic hammer igloo jacket"
)
_VERBS = (
    "dream juggle polish borrow chase devour gather ignite kidnap linger mimic notice outrun paint quiver "
    "savour tickle unfold vanish wander yodel zigzag admire bake climb dodge fold greet hoist"
)
_PLACES = "behind above within beyond among around near under beside across past below"


def _choice(words: str) -> Slot:
    return choice(f" {word}" for word in words.split())


def phrase() -> Plan:
    """Five words, each of them a choice among many."""
    return (
        choice(word.capitalize() for word in _ADJECTIVES.split()),
        _choice(_NOUNS),
        _choice(_VERBS),
        _choice(_PLACES),
        _choice(_NOUNS),
    )


def digits(length: int) -> Plan:
    """A number of so many digits, each of them a choice."""
    return tuple(choice("7391524860") for _ in range(length))


def essay(topic: str, words: int) -> Plan:
    """About so many words about a topic."""
    plan: Plan = ()
    per_sentence = 17 + len(topic.split())
    for number in range(max(1, words // per_sentence)):
        opening = ("In the beginning", "Later on", "As time went by", "Even today")[number % 4]
        separator = "" if number == 0 else ("\n\n" if number % 5 == 0 else " ")
        plan += script(f"{separator}{opening}, {topic} was")
        plan += (_choice(_ADJECTIVES),)
        plan += script(" and full of stories, for people who would")
        plan += (_choice(_VERBS),)
        plan += script(" it and learn.")
    return plan


def introduction(*, chinese: bool) -> Plan:
    """Who the model is."""
    if chinese:
        return script("你好！我是 Reference，一个用于一致性测试的小型确定性模型。我可以回答简单的问题。")
    greeting = choice(("Hello", "Hi", "Hey"), spread=3.0)
    return (
        greeting,
        *script("! I am Reference, a small deterministic model made for testing. How can I help you?"),
    )


def reply(question: str) -> Plan:
    """A sensible answer to what the model has no special skill for."""
    subject = re.search(
        r"\bwhat (?:is|are) (?:an? |the )?(?P<subject>[^?.!\n]{1,60})\?", question, re.IGNORECASE
    )
    if subject:
        topic = subject["subject"].strip()
        text = f" {topic}: it is a topic with a long history, and it is best learnt by looking at examples."
        return (choice(("About", "On"), spread=3.0), *script(text))
    opening = choice(("Certainly", "Sure", "Gladly"), spread=3.0)
    return (
        opening,
        *script(". I have read your message, and I am happy to help with it. What would you like to know?"),
    )
