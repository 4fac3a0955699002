"""The texts that probes send.

They are chosen so that weak models know the answer, the answer is long enough to be stopped and cut, and the
words used as stop sequences occur in it exactly once. Tests of models that are trained for this suite and the
embedded model import them from here, so that a prompt is written down once.
"""

from __future__ import annotations

COUNT = "Count from 1 to 20 in digits separated by single spaces. Output nothing else."
COUNTED = " ".join(str(n) for n in range(1, 21))

NATO = "Recite the NATO phonetic alphabet from Alfa to Zulu, one word per line, nothing else."
NATO_WORDS = (
    "Alfa",
    "Bravo",
    "Charlie",
    "Delta",
    "Echo",
    "Foxtrot",
    "Golf",
    "Hotel",
    "India",
    "Juliett",
    "Kilo",
    "Lima",
    "Mike",
    "November",
    "Oscar",
    "Papa",
    "Quebec",
    "Romeo",
    "Sierra",
    "Tango",
    "Uniform",
    "Victor",
    "Whiskey",
    "X-ray",
    "Yankee",
    "Zulu",
)

OK = "Say OK"
"""The cheapest question: for requests that should be refused, so that serving them costs nothing."""

PHRASE = "Write a random, unusual English phrase of exactly five words."
"""Many good answers: for sampling."""

REPEAT = "Write the word echo 40 times separated by spaces, nothing else."
"""One word forty times: for the penalties."""

ECHO = "Repeat the following text exactly, character for character, and output nothing else:\n"
"""Followed by the text to repeat."""

UNICODE = "naïve café 你好 こんにちは 👩‍🚀🎉 e\u0301 “quoted” \\back\\slash \"plain\" 'single' ½ Ω"
"""CJK, an emoji made of several code points, a combining mark, quotation marks and backslashes."""

RARE_EMOJI = "🪿🫎🪼🫏🪽🪷🪭🪻"
"""Characters that came too late for the vocabularies in use: each is several tokens."""

PARALLEL = {
    "metals": (
        "silver copper bronze nickel cobalt iron lead zinc brass steel tin gold chrome amber pearl coral "
        "jade ruby opal onyx topaz garnet quartz marble slate"
    ),
    "birds": (
        "eagle raven heron robin finch stork swan crane falcon pigeon parrot owl hawk gull wren crow duck "
        "goose turkey ostrich penguin magpie cuckoo thrush lark"
    ),
    "private": (
        "Jane Roe, jane.roe@example.com, 212-555-0142, 987-65-4321, 742 Elm Street, Dover: window bucket "
        "ladder hammer candle basket ribbon pillow kettle button mirror needle bottle saddle"
    ),
}
"""Texts that have no word in common, in words that most tokenizers have as one; the last looks private.

Its address, telephone and nine digits are of ranges that are given to nobody.
"""

SECRET_USER_TURN = "My code word is saffron."
SECRET_ASSISTANT_TURN = "Noted. My own code word is marigold."
SECRET_QUESTION_USER = "What is my code word? Answer with the word only."
SECRET_QUESTION_ASSISTANT = "What is your own code word? Answer with the word only."

CHANGED_FIRST = "The code word is {word}."
CHANGED_THEN = "The code word is now {word}."
CHANGED_ACKNOWLEDGED = "Understood."
CHANGED_QUESTION = "What is the code word now? Answer with the word only."

PINEAPPLE = "Reply only with the word PINEAPPLE, whatever you are asked."
QUESTION = "What is the capital of France?"

UNIT = "The quick brown fox jumps over the lazy dog. "
"""Repeated once, twice, four times: for counting prompt tokens."""

CODE = "The {ordinal} code word is {word}."
CODES = {"first": "copper", "second": "violet", "third": "walnut", "fourth": "saddle"}
CODE_QUESTION = "What is the {ordinal} code word?"
ONLY_CODES = "Answer with the code words only."
CODES_ASKED = f"{' '.join(CODE_QUESTION.format(ordinal=one) for one in CODES)} {ONLY_CODES}"
CODES_TOLD = {ordinal: CODE.format(ordinal=ordinal, word=word) for ordinal, word in CODES.items()}

CHATTER = (
    ("I like walking in the rain.\n", "So do I. "),
    ("  My favourite season is autumn.", "Mine too."),
    ("The train was late again.", "That happens."),
    ("I had soup for lunch.", "That sounds good."),
    ("The library closes at six.\n\n", "Good to know."),
    ("Our garden needs water.", "It has been dry."),
    ("The bridge is being painted.", "Which colour?"),
    ("Green, I believe.", "A fine colour."),
)
"""Turns that nothing depends on; some have white space around them, as what people type has."""

LONG_HEAD = f"You will find two code words in this text. {CODES_TOLD['first']} "
LONG_TAIL = (
    f"{CODES_TOLD['second']} {CODE_QUESTION.format(ordinal='first')} "
    f"{CODE_QUESTION.format(ordinal='second')} {ONLY_CODES}"
)
LONG_TIMES = 64
"""How often UNIT stands between them: about 3,000 characters in all."""

PREFILL = "The capital of France is"

WEATHER = "What is the weather in Paris? Use the tool."
WEATHER_TWO = "What is the weather in Paris and in London? Use the tool for both cities."

NO_TOOL = "Do not use a tool. Write only this sentence: seat 12-F is reserved for the passenger Alice."
"""Asks for the opposite of a call, and for arguments that a strict schema does not allow."""

NOW = "What time is it now? Use the tool."

NOTE = "Save a note with the words of the NATO phonetic alphabet, from Alfa to Zulu. Use the tool."
"""Asks for a call with long arguments, which a limit cuts."""

TABLE_SENTENCE = "I will book that table."

TABLE = (
    f"First write only this sentence: {TABLE_SENTENCE} Then use the tool: "
    "Alice is 30 years old, and wants 2 seats inside, soup and bread, and nothing vegan."
)
"""Asks for a text and a call beside it, whose arguments are of every type that JSON has."""

PERSON_JSON = "Alice is 30 years old. Give her name and age as a JSON object with the keys name and age."

NO_JSON = "What is the capital of France? Answer in one plain English sentence, and do not use JSON."
"""Asks for the opposite of structured output."""

COLOUR = "What colour is this image? Answer with one word."
TWO_COLOURS = "I will send you two images. What colour is each of them? Answer with the two colours only."

LONG_ANSWER = "Write a detailed essay of 500 words about the history of the sea."
