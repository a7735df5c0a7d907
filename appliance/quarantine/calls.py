"""What a cell may not ask of the kernel, as a seccomp filter (seccomp(2), linux/seccomp.h, asm/unistd.h)."""

from __future__ import annotations

import struct

NAMES = ("x86_64", "aarch64")
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""What the kernel calls them (linux/audit.h)."""

CLONE, CLONE3, PRLIMIT = (56, 220), (435, 435), (302, 261)
"""Those that are forbidden in part: numbers by machine, in the order of NAMES."""

FORBIDDEN: dict[str, tuple[tuple[int | None, int | None], ...]] = {
    "to talk": (
        (41, 198), (42, 203), (43, 202), (288, 242), (49, 200), (50, 201), (53, 199),  # socket and its kind
        (29, 194), (30, 196), (31, 195), (68, 186), (64, 190), (240, 180),  # memory, queues and locks by a number
    ),
    "to be another program": ((57, None), (58, None), (59, 221), (322, 281)),
    "to reach other processes": (
        (62, 129), (200, 130), (234, 131), (129, 138), (297, 240), (424, 424),  # kill and its kind
        (101, 117), (310, 270), (311, 271), (312, 272), (434, 434), (438, 438), (440, 440), (298, 241),
        (141, 140), (142, 118), (144, 119), (203, 122), (314, 274), (251, 30),  # how fast they run
    ),
    "to change files by their names": (  # of which the first Landlock knows nothing
        (76, 45), (90, None), (91, 52), (268, 53), (452, 452), (92, None), (93, 55), (94, None), (260, 54),
        (132, None), (235, None), (261, None), (280, 88), (188, 5), (189, 6), (190, 7), (197, 14), (198, 15), (199, 16),
    ),
    "to look for holes in the kernel": (
        (165, 40), (155, 41), (161, 51), (272, 97), (308, 268), (321, 280), (323, 282), (304, 265),
        (248, 217), (249, 218), (250, 219), (425, 425), (426, 426), (427, 427),
    ),
}  # fmt: skip
"""Why, and the numbers by machine; None where the machine has no such call."""

CLONE_THREAD = 0x00010000
OTHER_NAMES = 0x40000000
"""From here on x86-64 calls the same by other numbers."""

EPERM, ENOSYS = 1, 38
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, AT_LEAST, ANY_BIT, ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16
"""Places in struct seccomp_data."""

Step = tuple[int, int, int, int]


def program(machine: str) -> bytes | None:
    """The filter for a kernel of this machine, as struct sock_filter; None for a machine that is not known.

    The process may make threads, which decoders of films want, but no copy of itself: that would outlive it.
    """
    if machine not in MACHINES:
        return None
    which = NAMES.index(machine)
    forbidden = [pair[which] for calls in FORBIDDEN.values() for pair in calls]
    steps = [
        (LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, MACHINES[machine]), (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, OTHER_NAMES), (ANSWER, 0, 0, ERRNO | EPERM),
        *_only_if(CLONE[which], (ANY_BIT, 0, 1, CLONE_THREAD)),
        # Its flags lie in memory, which no filter sees; without it the C library takes `clone`.
        (EQUAL, 0, 1, CLONE3[which]), (ANSWER, 0, 0, ERRNO | ENOSYS),
        *_only_if(PRLIMIT[which], (EQUAL, 0, 1, 0)),
        *(step for number in forbidden if number is not None
          for step in ((EQUAL, 0, 1, number), (ANSWER, 0, 0, ERRNO | EPERM))),
        (ANSWER, 0, 0, ALLOW),
    ]  # fmt: skip
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _only_if(number: int, allowed: Step) -> tuple[Step, ...]:
    """The call of this number, allowed where its first argument is as the step says."""
    return (
        (EQUAL, 0, 4, number), (LOAD, 0, 0, FIRST_ARGUMENT), allowed, (ANSWER, 0, 0, ALLOW),
        (ANSWER, 0, 0, ERRNO | EPERM),
    )  # fmt: skip
