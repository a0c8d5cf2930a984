"""A program that writes the world's past, to be killed: `python -m tests.demo.victim <database url>`."""

import asyncio
import sys

from tests.demo.writing import write_past

if __name__ == "__main__":
    asyncio.run(write_past(sys.argv[1]))
