"""What gets killed in the middle of a storm, each time with -9, and how it comes back."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from random import Random
from signal import SIGCONT, SIGKILL, SIGSTOP

import psutil

from plaudit.foundation.clock import SystemClock
from tests.ledger.crash.victims import tell
from tests.story.product import Product, find_child, group_of
from tests.waiting import is_gone, until

Kill = Callable[[Product, Random], Awaitable[str]]
"""Kill and return when it is back, or about to be; what was killed."""

# The ledger answers within five.
_STALL_SECONDS = 6
_OLD_ENOUGH_SECONDS = 7


async def kill_server(product: Product, chance: Random) -> str:
    """`plaudit serve`, alone or with all that it runs, or its web server; then the operator starts it again."""
    family = product.family()
    match chance.choice(("serve", "everything", "web server", "web worker")):
        case "serve":
            tell(family[:1], SIGKILL)
            killed = "serve"
        case "everything":
            tell(family, SIGKILL)
            killed = "everything"
        case "web server":
            tell(group_of(product.child("plaudit.web")), SIGKILL)
            killed = "web server"
        case _:
            return await _kill_web_worker(product)
    await product.until_it_ends()
    await until(lambda: all(is_gone(each) for each in family), seconds=60)
    await asyncio.to_thread(product.start)
    return killed


async def kill_postgres(product: Product, chance: Random) -> str:
    """PostgreSQL with all of its processes, or the postmaster, or one that works for us; its supervisor restarts it."""
    postmaster = product.child("postgres")
    match chance.choice(("everything", "everything", "postmaster", "backend")):
        case "everything":
            # A postmaster that lives would clean up after its children, and one that sleeps can't have new ones.
            tell([postmaster], SIGSTOP)
            tell(postmaster.children(), SIGKILL)
            tell([postmaster], SIGKILL)
        case "postmaster":
            tell([postmaster], SIGKILL)
        case _:
            # The postmaster ends all the others and starts anew by itself.
            tell([chance.choice(postmaster.children())], SIGKILL)
            return "one of PostgreSQL's processes"
    await product.until_it_is_back("postgres", postmaster)
    return "PostgreSQL"


async def stall_postgres(product: Product, chance: Random) -> str:
    """PostgreSQL says nothing for longer than anybody waits for it, and then goes on, or is killed."""
    postmaster = product.child("postgres")
    family = [postmaster, *postmaster.children()]
    tell(family, SIGSTOP)
    await asyncio.sleep(_STALL_SECONDS)
    if chance.random() < 0.5:
        tell(family, SIGCONT)
        return "nothing; PostgreSQL stalled"
    tell([*family[1:], postmaster], SIGKILL)
    await product.until_it_is_back("postgres", postmaster)
    return "PostgreSQL, which had stalled"


async def kill_nats(product: Product, _chance: Random) -> str:
    """NATS, which its supervisor restarts."""
    return await _kill_child(product, "nats-server")


async def kill_gateway(product: Product, _chance: Random) -> str:
    """The gateway, with everyone who watches."""
    return await _kill_child(product, "plaudit.gateway")


async def kill_worker(product: Product, _chance: Random) -> str:
    """The worker."""
    return await _kill_child(product, "plaudit.worker")


async def kill_anything(product: Product, chance: Random) -> str:
    """Any of them."""
    kill = chance.choice((kill_server, kill_postgres, stall_postgres, kill_nats, kill_gateway, kill_worker))
    return await kill(product, chance)


@contextmanager
def silenced(program: psutil.Process) -> Generator[None]:
    """Inside the block it neither answers nor goes away."""
    tell([program], SIGSTOP)
    try:
        yield
    finally:
        tell([program], SIGCONT)


async def _kill_child(product: Product, word: str) -> str:
    killed = product.child(word)
    tell([killed], SIGKILL)
    await product.until_it_is_back(word, killed)
    return word


async def _kill_web_worker(product: Product) -> str:
    """The program in which the requests are answered; the one that started it starts another."""
    granian = product.child("plaudit.web")
    killed = find_child(granian, "spawn_main")
    assert killed is not None, "there is a web worker"
    # One that dies within 5.5 seconds is taken for one that can't start, and then the whole product ends.
    await until(lambda: SystemClock().now().timestamp() - killed.create_time() > _OLD_ENOUGH_SECONDS)
    tell([killed], SIGKILL)
    await until(lambda: is_gone(killed))
    await until(lambda: find_child(granian, "spawn_main") not in (None, killed))
    return "web worker"
