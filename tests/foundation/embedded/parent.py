"""A program that runs both servers on a directory, tells where they are in one line of JSON, and stays until killed."""

import asyncio
import json
import sys
from pathlib import Path

from plaudit.foundation.embedded import running_servers
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.settings import Settings


async def main(directory: Path) -> None:
    async with running_servers(Settings(data_dir=directory)) as servers:
        pids = [health.pid for health in servers.health]
        print(
            json.dumps({"database_url": servers.database_url, "nats_url": servers.nats_url, "pids": pids}), flush=True
        )
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(0)
    except PlauditError as error:
        sys.exit(error.detail)
