"""The keeper: a process that has the models loaded, and forks a cell for each file.

It is told where the files are by open descriptors over its standard input, and opens nothing that is a stranger's.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.enrolment import Models

LOOK_EVERY_S = 0.005
NICE = 15
"""The live picture comes first."""


def main() -> None:
    """Serve until the asker hangs up: each message is one byte with two descriptors, the file and the answer's pipe."""
    os.nice(NICE)
    models = _loaded()
    fork = multiprocessing.get_context("fork")
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as asker:
        asker.send(b"\n")
        while True:
            word, handles, _, _ = socket.recv_fds(asker, 1, 2)
            if not word:
                return
            file, answer = handles
            seconds = word[0]
            cell = fork.Process(target=_cell, args=(file, answer, models), daemon=True)
            cell.start()
            for handle in handles:
                os.close(handle)
            # Not join(seconds): it would believe the cell that it has ended.
            end_at = time.monotonic() + seconds
            while cell.is_alive() and time.monotonic() < end_at:
                time.sleep(LOOK_EVERY_S)
            cell.kill()
            cell.join()
            cell.close()


def _cell(file: int, answer: int, models: Models) -> None:
    """In the forked process: look at the file behind the walls."""
    from appliance.quarantine import looks, walls
    from appliance.quarantine.examination import examine

    # The asker's line is not the cell's to talk on.
    for handle in set(range(walls.FILES)) - {file, answer}:
        with contextlib.suppress(OSError):
            os.close(handle)
    walls.close_in(file)
    said = looks.told(examine(Path(f"/proc/self/fd/{file}"), models))
    with os.fdopen(answer, "wb") as pipe:
        pipe.write(said)


def _loaded() -> Models:
    """The models, and by trying them out every library that a cell could want: it cannot open one any more."""
    import cv2

    from appliance import config, enrolment

    # One thread each: a fork takes no threads along, and would wait for them for ever.
    cv2.setNumThreads(1)
    models = enrolment.models(config.load(changes={"faces": {"threads": 1}}))
    _tried_out(models)
    return models


def _tried_out(models: Models) -> None:
    """Look at a picture of each format and at a film, all of them grey."""
    import av
    import numpy as np
    from PIL import Image

    from appliance.enrolment import embed
    from appliance.files import pictures
    from appliance.quarantine.examination import examine

    Image.init()
    turned = Image.Exif()
    turned[pictures.ORIENTATION] = 6
    grey = np.full((120, 160, 3), 128, np.uint8)
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "film"):
        with os.fdopen(os.memfd_create("sample"), "w+b") as sample:
            if kind == "film":
                with av.open(sample, "w", format="mp4") as film:
                    stream = film.add_stream("mpeg4", rate=10, width=160, height=120, pix_fmt="yuv420p")
                    for _ in range(2):
                        film.mux(stream.encode(av.VideoFrame.from_ndarray(grey, "rgb24")))
                    film.mux(stream.encode(None))
            else:
                Image.fromarray(grey).save(sample, format=kind, exif=turned)
            sample.flush()
            examine(Path(f"/proc/self/fd/{sample.fileno()}"), models)
    embed(models, grey[:112, :112])
    # Nobody is in that film, so nothing was chosen from it: for this, numpy loads a part of itself when first asked.
    np.quantile(np.arange(4.0), 0.5)


if __name__ == "__main__":
    main()
