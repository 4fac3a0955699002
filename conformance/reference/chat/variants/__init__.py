"""Variants: unusual things that a service may do and still keep the contract.

Not among them, because it is doubtful whether they are legal, or because clients in wide use break on them:

- a byte order mark before the first event (openai-python loses that event);
- an event that only sets `retry` or `id` (openai-python fails);
- counts and dates written as 1.0 or 1e9 (typed clients fail);
- a finish_reason that is absent before the end of a stream (the contract has null);
- `tool_calls: null` or `[]` in a message (the contract has an array of calls);
- arrays of numbers in the further members of a delta (openai-python's stream helper fails);
- a gzip body of several members (openai-python reads the first);
- a Content-Encoding that the request did not offer: this suite offers gzip and deflate, not br or zstd;
- the code of an error as an integer, but where it is documented, as with the persona `tokmodel`.
"""
