"""The Python SDK, version 1."""

from contextlib import asynccontextmanager, suppress

import anyio
from mcp import ClientSession, McpError, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import AnyUrl

from python_report import REST, TARGET, TRANSPORT, WATCHED, expect, run, text, touched

asked: list[types.ElicitRequestParams] = []
updates: dict[str, anyio.Event] = {}


async def answer(_context, params):
    asked.append(params)
    return types.ElicitResult(action="accept", content={"username": "ada", "email": "ada@example.org"})


async def hear(message) -> None:
    notification = getattr(message, "root", message)
    if isinstance(notification, types.ResourceUpdatedNotification):
        updates[str(notification.params.uri)].set()


@asynccontextmanager
async def connected():
    if TRANSPORT == "stdio":
        async with stdio_client(StdioServerParameters(command=TARGET, args=REST)) as (read, write):
            yield read, write
    else:
        async with streamable_http_client(TARGET) as (read, write, _):
            yield read, write


async def main() -> None:
    async with connected() as (read, write):
        async with ClientSession(read, write, elicitation_callback=answer, message_handler=hear) as session:
            await session.initialize()
            await run(checks(session))


def checks(session: ClientSession):
    async def list():
        names = [tool.name for tool in (await session.list_tools()).tools]
        expect({"test_simple_text", "slow", "test_elicitation"} <= set(names), f"tools/list: {names}")
        resources = [str(resource.uri) for resource in (await session.list_resources()).resources]
        expect(WATCHED in resources, f"resources/list: {resources}")
        expect((await session.list_prompts()).prompts, "prompts/list is empty")

    async def call():
        result = await session.call_tool("test_simple_text", {})
        expect(not result.isError, "a plain call is an error")
        expect(text(result) == "This is a simple text response for testing.", text(result))

    async def validation():
        result = await session.call_tool("slow", {"ms": "soon"})
        expect(result.isError, "a bad argument is not a tool error")
        expect("ms" in text(result), f"the error does not name the argument: {text(result)}")

    async def elicit():
        result = await session.call_tool("test_elicitation", {"message": "Who are you?"})
        expect(len(asked) == 1 and asked[0].message == "Who are you?", f"asked: {asked}")
        expect(not result.isError and "ada" in text(result), f"the answer did not arrive: {text(result)}")

    async def progress():
        steps: list[float] = []

        async def step(done, _total, _message):
            steps.append(done)

        result = await session.call_tool("test_tool_with_progress", {}, progress_callback=step)
        expect(not result.isError, "the call is an error")
        expect(len(steps) >= 3 and steps == sorted(steps), f"steps: {steps}")

    async def cancel():
        # This version sends no cancellation of its own, so it is sent by hand; a result must then never come.
        request = session._request_id
        results = []
        with anyio.move_on_after(2.5), suppress(McpError):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stop, request)
                results.append(await session.call_tool("slow", {"ms": 1500}))
        expect(not results, "a result came of a call that was cancelled")
        result = await session.call_tool("slow", {"ms": 10})
        expect(not result.isError, f"the next call fails: {text(result)}")

    async def stop(request: int) -> None:
        await anyio.sleep(0.3)
        params = types.CancelledNotificationParams(requestId=request)
        await session.send_notification(types.ClientNotification(types.CancelledNotification(params=params)))

    async def subscribe():
        updates[WATCHED] = anyio.Event()
        await session.subscribe_resource(AnyUrl(WATCHED))
        await touched(lambda: session.call_tool("touch_watched_resource", {}), updates[WATCHED])
        await session.unsubscribe_resource(AnyUrl(WATCHED))

    return [list, call, validation, elicit, progress, cancel, subscribe]


anyio.run(main)
