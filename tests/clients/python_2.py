"""The Python SDK, version 2, in both eras."""

import anyio
import mcp_types as types
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from python_report import ERA, REST, TARGET, TRANSPORT, WATCHED, expect, run, text, touched

asked: list[types.ElicitRequestParams] = []
updates: dict[str, anyio.Event] = {}


async def answer(_context, params):
    asked.append(params)
    return types.ElicitResult(action="accept", content={"username": "ada", "email": "ada@example.org"})


async def hear(message) -> None:
    notification = getattr(message, "root", message)
    if isinstance(notification, types.ResourceUpdatedNotification):
        updates[str(notification.params.uri)].set()


async def main() -> None:
    server = StdioServerParameters(command=TARGET, args=REST) if TRANSPORT == "stdio" else TARGET
    mode = "2026-07-28" if ERA == "modern" else "legacy"
    async with Client(server, mode=mode, elicitation_callback=answer, message_handler=hear) as client:
        await run(checks(client))


def checks(client: Client):
    async def list():
        names = [tool.name for tool in (await client.list_tools()).tools]
        expect({"test_simple_text", "slow", "test_elicitation"} <= set(names), f"tools/list: {names}")
        resources = [str(resource.uri) for resource in (await client.list_resources()).resources]
        expect(WATCHED in resources, f"resources/list: {resources}")
        expect((await client.list_prompts()).prompts, "prompts/list is empty")

    async def call():
        result = await client.call_tool("test_simple_text", {})
        expect(not result.is_error, "a plain call is an error")
        expect(text(result) == "This is a simple text response for testing.", text(result))

    async def validation():
        result = await client.call_tool("slow", {"ms": "soon"})
        expect(result.is_error, "a bad argument is not a tool error")
        expect("ms" in text(result), f"the error does not name the argument: {text(result)}")

    async def elicit():
        result = await client.call_tool("test_elicitation", {"message": "Who are you?"})
        expect(len(asked) == 1 and asked[0].message == "Who are you?", f"asked: {asked}")
        expect(not result.is_error and "ada" in text(result), f"the answer did not arrive: {text(result)}")

    async def progress():
        steps: list[float] = []

        async def step(done, _total, _message):
            steps.append(done)

        result = await client.call_tool("test_tool_with_progress", {}, progress_callback=step)
        expect(not result.is_error, "the call is an error")
        expect(len(steps) >= 3 and steps == sorted(steps), f"steps: {steps}")

    async def cancel():
        with anyio.move_on_after(0.3) as scope:
            await client.call_tool("slow", {"ms": 15000})
        expect(scope.cancelled_caught, "the call was answered before it could be cancelled")
        with anyio.fail_after(5):
            result = await client.call_tool("slow", {"ms": 10})
        expect(not result.is_error, f"the next call fails: {text(result)}")

    async def subscribe():
        if ERA == "modern":
            async with client.listen(resource_subscriptions=[WATCHED]) as subscription:
                await client.call_tool("touch_watched_resource", {})
                with anyio.fail_after(8):
                    async for event in subscription:
                        expect(str(event.uri) == WATCHED, f"an update of {event} came")
                        return
            return
        updates[WATCHED] = anyio.Event()
        await client.subscribe_resource(WATCHED)
        await touched(lambda: client.call_tool("touch_watched_resource", {}), updates[WATCHED])
        await client.unsubscribe_resource(WATCHED)

    return [list, call, validation, elicit, progress, cancel, subscribe]


anyio.run(main)
