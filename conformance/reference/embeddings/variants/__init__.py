"""Variants of embeddings: unusual things that a service may do and still keep the contract.

Not among them, because it is doubtful whether they are legal, or because clients in wide use break on them:

- entries out of order, though with the right indexes: `index` is "the index of the embedding in the list of
  embeddings", and most clients do not look at it;
- base64 where no encoding was asked for: the documented default is `float`;
- numbers rounded to fewer digits than 32-bit floats have, while base64 has all of them.
"""
