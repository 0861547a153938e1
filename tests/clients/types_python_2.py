"""The Python SDK, version 2, in both eras, against a server with every kind of type."""

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from python_report import ERA, REST, TARGET, run
from types_python import checks


async def main() -> None:
    mode = "2026-07-28" if ERA == "modern" else "legacy"
    async with Client(StdioServerParameters(command=TARGET, args=REST), mode=mode) as client:
        await run(checks(client.list_tools, client.call_tool))


anyio.run(main)
