"""The Python SDK, version 1, against a server with every kind of type."""

import anyio
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from python_report import REST, TARGET, run
from types_python import checks


async def main() -> None:
    async with stdio_client(StdioServerParameters(command=TARGET, args=REST)) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            await run(checks(session.list_tools, session.call_tool))


anyio.run(main)
