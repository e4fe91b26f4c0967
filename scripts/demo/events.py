#!/usr/bin/env python3
"""Logs JSON lines, to stdout or to the file that EVENTS_FILE names: levels and times are fields."""

import datetime
import json
import os
import random
import sys
import time

MESSAGES = [
    ("debug", "poll returned nothing"),
    ("info", "batch stored"),
    ("info", "batch stored"),
    ("info", "partition assigned"),
    ("info", "checkpoint written"),
    ("warn", "consumer lag above 500"),
    ("warn", "retrying after a reset connection"),
    ("error", "record refused: schema 14 is not known"),
]
WEIGHTS = [10, 40, 30, 4, 8, 5, 2, 1]


def main() -> None:
    file = os.environ.get("EVENTS_FILE")
    out = open(file, "a", buffering=1) if file else sys.stdout
    offset = random.randint(10_000, 90_000)
    while True:
        level, message = random.choices(MESSAGES, WEIGHTS)[0]
        offset += random.randint(1, 400)
        now = datetime.datetime.now(datetime.timezone.utc)
        line = {
            "time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": level,
            "message": message,
            "offset": offset,
            "partition": random.randint(0, 11),
        }
        print(json.dumps(line), file=out, flush=True)
        time.sleep(random.expovariate(2.0))


if __name__ == "__main__":
    main()
