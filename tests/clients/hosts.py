"""The code by which agents turn a server's tools into those of a model: each tool must come through."""

import sys

import anyio
from agents.mcp import MCPServerStdio, MCPUtil
from google.genai import _mcp_utils
from langchain_mcp_adapters.tools import convert_mcp_tool_to_langchain_tool
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from python_report import REST, TARGET, expect, run


async def main() -> None:
    async with stdio_client(StdioServerParameters(command=TARGET, args=REST)) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            tools = (await session.list_tools()).tools
            await run(checks(session, tools))


def checks(session: ClientSession, tools):
    # Converters ask it for its policies; it is never connected.
    server = MCPServerStdio({"command": TARGET, "args": REST}, name="corpus")

    def each(convert, look=lambda converted: None):
        failed = []
        for tool in tools:
            try:
                look(convert(tool))
            except Exception as error:  # noqa: BLE001 (every failure is told)
                failed.append(f"{tool.name}: {type(error).__name__}: {error}")
        expect(not failed, "\n".join(failed))

    async def google_genai():
        def look(converted):
            parameters = converted.function_declarations[0].parameters
            expect(str(parameters.type).endswith("OBJECT"), f"parameters: {parameters}")
            expect(not parameters.properties or all(parameters.properties.values()), "a parameter is lost")

        each(_mcp_utils.mcp_to_gemini_tool, look)

    async def openai_agents():
        def look(converted):
            schema = converted.params_json_schema
            expect(schema["type"] == "object" and "properties" in schema, f"schema: {schema}")

        each(lambda tool: MCPUtil.to_function_tool(tool, server, False), look)

    async def openai_agents_strict():
        each(lambda tool: MCPUtil.to_function_tool(tool, server, True))

    async def langchain():
        each(lambda tool: convert_mcp_tool_to_langchain_tool(session, tool), lambda tool: tool.args)

    return [google_genai, openai_agents, openai_agents_strict, langchain]


anyio.run(main)
sys.exit(0)
