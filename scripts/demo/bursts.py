#!/usr/bin/env python3
"""Works hard for some seconds, rests, and works again: a builder of reports."""

import hashlib
import random
import time


def main() -> None:
    number = random.randint(100, 200)
    while True:
        number += 1
        print(f"INFO report {number}: begun", flush=True)
        began = time.monotonic()
        length = random.uniform(3, 9)
        rows = 0
        while time.monotonic() - began < length:
            hashlib.sha256(b"row" * 20_000).digest()
            rows += 25
            # Half a core: the rest of the machine stays usable.
            time.sleep(0.0005)
        print(f"INFO report {number}: done, {rows} rows in {length:.1f} s", flush=True)
        if random.random() < 0.15:
            print(f"WARN report {number}: 3 rows had no currency, EUR taken", flush=True)
        time.sleep(random.uniform(8, 25))


if __name__ == "__main__":
    main()
