#!/usr/bin/env python3
"""A web server's log without the web server: requests with levels, slow ones, and now and then a bad minute."""

import random
import sys
import time

PATHS = ["/", "/login", "/api/orders", "/api/orders/{}", "/api/cart", "/static/app.js", "/search?q=lamp", "/account"]


def main() -> None:
    rate = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    print("INFO listening on 127.0.0.1:3000, 4 workers", flush=True)
    bad_until = 0.0
    while True:
        now = time.monotonic()
        if now > bad_until and random.random() < 0.003:
            bad_until = now + random.uniform(5, 20)
            print("WARN upstream payments answers slowly, circuit half open", file=sys.stderr, flush=True)
        bad = now < bad_until
        path = random.choice(PATHS).format(random.randint(1000, 9999))
        took = random.lognormvariate(3.2 if not bad else 6.2, 0.7)
        if bad and random.random() < 0.3:
            print(f"ERROR GET {path} 502 {took:.0f}ms upstream timed out", file=sys.stderr, flush=True)
        elif took > 400:
            print(f"WARN GET {path} 200 {took:.0f}ms slow", flush=True)
        elif random.random() < 0.15:
            print(f"DEBUG cache hit key=view:{random.randint(1, 400)} age={random.randint(1, 90)}s", flush=True)
        else:
            print(f"INFO GET {path} {random.choice([200, 200, 200, 200, 304, 404])} {took:.0f}ms", flush=True)
        time.sleep(random.expovariate(rate))


if __name__ == "__main__":
    main()
