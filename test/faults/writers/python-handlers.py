#!/usr/bin/env python3
"""Writes log lines by Python's own rotating handlers.

python-handlers.py KIND FOLDER WRITER [--pace LINES_PER_SECOND] [--lines N] [--max-bytes N] [--seconds N] [--backups N] [--seed N] [--driven]
KIND: rotating (RotatingFileHandler), rotating-gzip (the same with the namer and rotator of Python's own cookbook), timed
(TimedRotatingFileHandler), watched (WatchedFileHandler, whose file is renamed by another thread, as by a cron job).
A line is `WRITER SERIAL PAYLOAD`, the first serial is 0; the file is FOLDER/WRITER.log.
Standard output: {"event":"wrote","serial":n} every 100 lines, {"event":"rotated","to":path}, {"event":"done","last":n}.
--driven: nothing by itself, but what standard input says, a line each: `=TEXT` is a line to write, `!` rotates, `?` is answered with {"event":"here"} when
all before it is done; its end is the end.
SIGTERM finishes the line and ends with 0; SIGUSR1 rotates before the next line, whatever the limits say; without --lines it goes on for ever.
"""
import argparse
import gzip
import json
import logging
import os
import random
import shutil
import signal
import sys
import threading
import time
from logging import handlers

stopping = threading.Event()
rotation_wanted = threading.Event()
said = threading.Lock()


def say(**event):
    with said:
        print(json.dumps(event), flush=True)


def telling(base):
    """The handler with nothing changed but that it tells of its rotations."""

    class Telling(base):
        def doRollover(self):
            super().doRollover()
            say(event="rotated", to=self.baseFilename)

    return Telling


def compress(source, target):
    """The rotator of the cookbook: compresses, then removes."""
    with open(source, "rb") as plain, gzip.open(target, "wb") as packed:
        shutil.copyfileobj(plain, packed)
    os.remove(source)


def rename_every(seconds, path):
    """What a cron job does to a WatchedFileHandler's file."""
    turn = 0
    while not stopping.is_set():
        rotation_wanted.wait(seconds)
        rotation_wanted.clear()
        if stopping.is_set() or not os.path.exists(path):
            continue
        turn += 1
        os.rename(path, f"{path}.{turn}")
        say(event="rotated", to=f"{path}.{turn}")


def handler_of(options, path):
    if options.kind == "watched":
        # A daemon, so that it ends with the writer.
        threading.Thread(target=rename_every, args=(options.seconds, path), daemon=True).start()
        return handlers.WatchedFileHandler(path)
    if options.kind == "timed":
        return telling(handlers.TimedRotatingFileHandler)(path, when="S", interval=options.seconds, backupCount=options.backups)
    max_bytes = 0 if options.driven else options.max_bytes
    handler = telling(handlers.RotatingFileHandler)(path, maxBytes=max_bytes, backupCount=options.backups, encoding="utf-8")
    if options.kind == "rotating-gzip":
        handler.namer = lambda name: name + ".gz"
        handler.rotator = compress
    return handler


def logger_of(options, handler):
    logger = logging.getLogger(options.writer)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    return logger


def obey(options, handler):
    """Does what standard input says, to its end."""
    logger = logger_of(options, handler)
    for command in sys.stdin.buffer:
        text = command.decode("utf-8").rstrip("\n")
        if text == "!":
            handler.doRollover()
        elif text == "?":
            say(event="here")
        else:
            logger.info("%s", text[1:])


def write(options, handler):
    """Number of the last line."""
    chance = random.Random(options.seed)
    logger = logger_of(options, handler)
    begun = time.monotonic()
    serial = -1
    while not stopping.is_set() and (options.lines == 0 or serial + 1 < options.lines):
        if rotation_wanted.is_set() and options.kind != "watched":
            rotation_wanted.clear()
            handler.doRollover()
        serial += 1
        payload = "%x" % chance.getrandbits(4 * chance.randint(1, 200))
        logger.info("%s %d %s", options.writer, serial, payload)
        if serial % 100 == 0:
            say(event="wrote", serial=serial)
        ahead = (serial + 1) / options.pace - (time.monotonic() - begun) if options.pace > 0 else 0
        if ahead > 0.02:
            stopping.wait(ahead)
        elif ahead < -0.1:
            # A stop is not made up for: a file that is written and rolled over within milliseconds is one that no scan may see (README, limits).
            begun -= ahead
    return serial


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["rotating", "rotating-gzip", "timed", "watched"])
    parser.add_argument("folder")
    parser.add_argument("writer")
    parser.add_argument("--pace", type=float, default=500, help="lines a second; 0: as fast as it can")
    parser.add_argument("--lines", type=int, default=0)
    parser.add_argument("--max-bytes", type=int, default=65536)
    parser.add_argument("--seconds", type=int, default=1)
    # Handlers delete what is beyond it, read or not.
    parser.add_argument("--backups", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--driven", action="store_true", help="with rotating and rotating-gzip")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGUSR1, lambda *_: rotation_wanted.set())
    # A handler that fails is silent by default, and its line would be missing for a reason of its own.
    logging.Handler.handleError = lambda self, record: os._exit(3)
    os.makedirs(options.folder, exist_ok=True)
    handler = handler_of(options, os.path.join(options.folder, options.writer + ".log"))
    if options.driven:
        obey(options, handler)
        logging.shutdown()
        sys.exit(0)
    last = write(options, handler)
    stopping.set()
    logging.shutdown()
    say(event="done", last=last)
    sys.exit(0)


if __name__ == "__main__":
    main()
