"""A server that takes its time and nothing else, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator

SLOW_SERVER = """
import asyncio, sys
BODY = sys.argv[2].encode()
HEAD = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(BODY)
async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            fields = dict(line.split(b":", 1) for line in head.lower().split(b"\\r\\n") if b":" in line)
            await reader.readexactly(int(fields[b"content-length"]))
            await asyncio.sleep(float(sys.argv[1]))
            writer.write(HEAD + BODY)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, sys.argv[3], 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextlib.contextmanager
def slow_server(seconds: float, address: str = "127.0.0.1") -> Iterator[str]:
    """A server in a process of its own, so that it takes nothing from what is measured."""
    body = json.dumps({"id": "1", "choices": []})
    command = [sys.executable, "-c", SLOW_SERVER, str(seconds), body, address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.kill()
