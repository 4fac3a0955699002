"""What a request has to look like: the OpenAI contract as checks that raise Refusal."""
