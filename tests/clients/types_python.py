"""What both Python SDKs must show of a server whose tools take and return every kind of type."""

from collections.abc import Awaitable, Callable

from python_report import expect, text


def checks(list_tools: Callable[[], Awaitable], call_tool: Callable[[str, dict], Awaitable]):
    """`call_tool` checks each result against its output schema, as the SDK does."""

    def of(result, name: str, other: str):
        return getattr(result, name, None) if hasattr(result, name) else getattr(result, other)

    async def list():
        tools = await list_tools()
        expect(len(tools.tools) >= 80, f"only {len(tools.tools)} tools came")

    async def call():
        samples = of(await call_tool("samples", {}), "structured_content", "structuredContent")["rows"]
        failed = []
        for sample in samples:
            try:
                result = await call_tool(sample["tool"], {"value": sample["value"]})
            except Exception as error:  # noqa: BLE001 (every failure is told)
                failed.append(f"{sample['tool']}: {error}")
                continue
            if of(result, "is_error", "isError"):
                failed.append(f"{sample['tool']}: {text(result)}")
        expect(not failed, "\n".join(failed))

    return [list, call]
