"""Runs the checks of one client one after the other and prints one JSON line for each."""

import json
import sys
import traceback
from collections.abc import Awaitable, Callable

import anyio

LIMIT_S = 20
WATCHED = "test://watched-resource"
TRANSPORT, ERA, TARGET, *REST = sys.argv[1:]


def text(result) -> str:
    """The first text of a tool's result."""
    return next((part.text for part in result.content if part.type == "text"), "")


def leaf(error: BaseException) -> BaseException:
    """The first real error in a group of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def run(checks: list[Callable[[], Awaitable[None]]]) -> None:
    """A check that raises has failed; those after it still run."""
    for check in checks:
        line = {"check": check.__name__, "ok": True}
        try:
            with anyio.fail_after(LIMIT_S):
                await check()
        except Exception as error:  # noqa: BLE001 (every failure is a line)
            traceback.print_exc()
            line = {"check": check.__name__, "ok": False, "note": f"{type(leaf(error)).__name__}: {leaf(error)}"}
        print(json.dumps(line), flush=True)


async def touched(touch: Callable[[], Awaitable[object]], updated: anyio.Event) -> None:
    """Touches the watched resource until its update comes: the stream for it may open after the confirmation."""
    for _ in range(10):
        await touch()
        with anyio.move_on_after(0.5):
            await updated.wait()
            return
    raise AssertionError("no update came")


def expect(condition: object, reason: str) -> None:
    """Raises with a readable reason."""
    if not condition:
        raise AssertionError(reason)
