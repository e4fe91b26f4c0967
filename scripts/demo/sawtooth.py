#!/usr/bin/env python3
"""Memory that grows for two minutes and falls at once, like a cache that is emptied when full."""

import time

STEP_BYTES = 4 * 1024 * 1024
MOST_STEPS = 60


def main() -> None:
    held: list[bytearray] = []
    while True:
        if len(held) >= MOST_STEPS:
            print(f"INFO cache full at {len(held) * 4} MiB, emptied", flush=True)
            held.clear()
        # Written to, so that the pages are really there.
        held.append(bytearray(b"x") * STEP_BYTES)
        if len(held) % 10 == 0:
            print(f"DEBUG cache holds {len(held) * 4} MiB", flush=True)
        time.sleep(2)


if __name__ == "__main__":
    main()
