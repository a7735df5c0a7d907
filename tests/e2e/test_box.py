"""A machine becomes a box: installed, booted, killed, upgraded and taken away in a container with a real systemd."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from appliance.store import sealing
from tests.e2e.container import Container, lacking, packed_release
from tests.mofy_process import CHECKOUT
from tests.waiting import awaited, slowness

pytestmark = [
    pytest.mark.skipif(bool(lacking()), reason=lacking() or "nothing"),
    pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed"),
    pytest.mark.timeout(600),
]

WHEELS = CHECKOUT / ".cache" / f"wheels-{sys.version_info.major}.{sys.version_info.minor}"
SEALED = {f"{place}.sealed" for place in sealing.CREDENTIALS}
needs_sealing = pytest.mark.skipif(not sealing.possible(), reason="this systemd cannot seal keys (250 is needed)")
SERVICES = ("mofy-engine", "mofy-control", "mofy-jobs", "mofy-network")

FIRST_PICTURE_S = 8.0
BACK_S = 3.0
USUAL_SLOWNESS = 3.0
"""A machine on which a container boots besides is this much slower; one that does more is slower by as much."""


@pytest.fixture(scope="module")
def wheels() -> Path:
    """What a release needs of Python packages."""
    if sys.version_info[:2] != python_of_the_system():
        pytest.skip("the packages at hand are not for the system's own Python")
    wanted = subprocess.run(
        [sys.executable, "-c", REQUIREMENTS, str(CHECKOUT / "pyproject.toml")],
        capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    command = [sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "--dest", str(WHEELS)]
    run = subprocess.run([*command, *filter(None, wanted)], capture_output=True, text=True, timeout=300, check=False)
    if run.returncode:
        pytest.skip("the Python packages cannot be downloaded here")
    return WHEELS


REQUIREMENTS = """
import sys
from pip._vendor import tomli
project = tomli.load(open(sys.argv[1], "rb"))
print(*project["project"]["dependencies"], *project["build-system"]["requires"], "wheel", sep="\\n")
"""


def python_of_the_system() -> tuple[int, int]:
    told = subprocess.run(
        ["/usr/bin/python3", "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    )
    major, minor = told.stdout.split()
    return int(major), int(minor)


@pytest.fixture(scope="module")
def source(wheels, tmp_path_factory) -> Path:
    """Releases as the container sees them at /src: the present one, one that works and one that does not."""
    folder = tmp_path_factory.mktemp("src")
    tree = packed_release(folder / "mofy")
    shutil.copytree(wheels, folder / "wheels", copy_function=lambda a, b: Path(b).hardlink_to(a))
    photos = CHECKOUT / ".cache" / "photos"
    if photos.is_dir():
        shutil.copytree(photos, tree / "photos")
    subprocess.run(
        ["minisign", "-GWf", "-p", folder / "mine.pub", "-s", folder / "mine.key"], check=True, capture_output=True
    )
    for version in ("9.1", "9.2"):
        tree = packed_release(folder / f"mofy-{version}", version)
        if version == "9.2":
            (tree / "appliance/core/veiling.py").write_text("raise RuntimeError('broken on purpose')\n")
        file = folder / f"mofy-{version}.tar.gz"
        with tarfile.open(file, "w:gz", compresslevel=1) as archive:
            archive.add(tree, tree.name)
        subprocess.run(["minisign", "-Sm", file, "-s", folder / "mine.key"], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def box(source):
    """The container, booted, with nothing installed."""
    try:
        container = Container(source)
    except OSError as error:
        pytest.skip(f"overlays cannot be mounted here ({error})")
    try:
        container.boot()
        yield container
    finally:
        container.close()


def seen(box: Container) -> bool:
    """True when a viewer in the box has decoded one frame, be it of a slate."""
    password = box.does("cat", "/var/lib/mofy/rtsp-password").stdout.strip()
    address = f"rtsp://mofy:{password}@127.0.0.1:8554/live"
    look = ("ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", address, "-frames:v", "1", "-f", "null", "-")
    return box.does(*look, timeout_s=30).returncode == 0


def first_picture(box: Container, since: float, timeout_s: float = 60.0) -> float:
    """Seconds from then until a viewer in the box has decoded a masked frame."""
    while time.monotonic() - since < timeout_s:
        if seen(box) and running(box):
            return time.monotonic() - since
        time.sleep(0.1)
    raise AssertionError(box.does("journalctl", "-u", "mofy-engine", "--no-pager", "-n", "20").stdout)


def reported(box: Container, field: str) -> object:
    text = box.does("cat", "/run/mofy/status.json").stdout
    return json.loads(text)[field] if text else None


def shown(box: Container, people: int, timeout_s: float = 20.0) -> bool:
    """True once the engine knows so many."""
    end_at = time.monotonic() + timeout_s
    while time.monotonic() < end_at:
        if reported(box, "people") == people:
            return True
        time.sleep(0.2)
    return False


def keys(box: Container) -> set[str]:
    """Every key of the box, open or sealed."""
    data = box.root / "var/lib/mofy"
    places = {place for key in sealing.CREDENTIALS for place in (key, f"{key}.sealed")}
    return {place for place in places if (data / place).exists()}


def enrolled(box: Container) -> int:
    """How many stand in the list."""
    return len(json.loads(box.does("mofy", "people", "list", "--json").stdout))


def within(seconds: float) -> float:
    """So long on this machine, as busy as it is."""
    return seconds * max(USUAL_SLOWNESS, slowness())


def running(box: Container) -> bool:
    return reported(box, "state") == "running"


def engine(box: Container) -> str:
    return box.does("systemctl", "show", "-P", "MainPID", "mofy-engine").stdout.strip()


def active(box: Container, name: str, timeout_s: float = 30.0) -> bool:
    """True once it is: the picture comes first, the others follow."""
    end_at = time.monotonic() + timeout_s
    while time.monotonic() < end_at:
        if box.does("systemctl", "is-active", name).stdout.strip() == "active":
            return True
        time.sleep(0.2)
    return False


def test_install_starts_everything_before_a_camera_is_plugged_in(box):
    # A broker that was installed by hand on this machine is not part of a new box.
    for file in (box.root / "etc/mosquitto/conf.d").glob("*.conf"):
        file.unlink()
    run = box.does("bash", "/src/mofy/install.sh")
    assert run.returncode == 0, run.stdout + run.stderr
    assert all(active(box, name) for name in SERVICES), box.does("systemctl", "--failed", "--no-pager").stdout
    assert seen(box), "a slate says that the camera is missing"
    assert reported(box, "state") == "no-picture"
    assert box.does("systemctl", "list-jobs", "--no-legend").stdout == "", "nothing waits for the camera, nor a boot"
    assert keys(box) == (SEALED if sealing.possible() else set())


def test_with_a_camera_there_is_a_picture(box):
    has_photos = (CHECKOUT / ".cache/photos").is_dir()
    (box.root / "etc/mofy/engine.env").write_text("MOFY_SOURCE=walk\n" if has_photos else "MOFY_SOURCE=test\n")
    assert box.does("systemctl", "restart", "mofy-engine").returncode == 0
    first_picture(box, time.monotonic())


AS_THE_PAGE = (
    "systemd-run", "-q", "--pipe", "--uid=mofy-control", "--gid=mofy", "-p", "UMask=0007",
    "-E", "MOFY_DATA=/var/lib/mofy",
    *(("-p", "LoadCredentialEncrypted=mofy-key") if sealing.possible() else ()),
)  # fmt: skip
"""With the page's rights, and what systemd hands it."""


def test_the_page_enrols_and_the_engine_knows(box):
    """They are different users: what one of them makes the other must be able to use, and nobody else."""
    if not (CHECKOUT / ".cache/photos").is_dir():
        pytest.skip("the photos are not here")
    run = box.does(*AS_THE_PAGE, "mofy", "people", "add", "Barack", "/opt/mofy/photos/obama.jpg")
    assert run.returncode == 0, run.stderr
    assert shown(box, 1)
    assert box.does("runuser", "-u", "nobody", "--", "ls", "/var/lib/mofy").returncode != 0
    assert "Barack" in box.does("mofy", "people", "list").stdout, "root opens the key as well"


@needs_sealing
def test_nobody_but_root_and_the_services_opens_the_keys(box):
    refused = box.does(*AS_THE_PAGE[:-2], "mofy", "people", "list")
    assert "the key is sealed, and this program was not given it" in refused.stderr
    assert keys(box) == SEALED


@needs_sealing
def test_a_machine_that_cannot_open_the_keys_covers_everyone_and_says_so(box):
    """The card in another machine: a picture all the same, and back with the secret."""
    secret, away = "/var/lib/systemd/credential.secret", "/var/lib/systemd/away"
    people = reported(box, "people")
    box.does("sh", "-c", f"cp -p {secret} {away} && rm {secret}")
    box.does("systemctl", "restart", "mofy.target")
    first_picture(box, time.monotonic())
    assert all(active(box, name) for name in ("mofy-engine", "mofy-control"))
    assert shown(box, 0)
    assert "the key is sealed" in json.dumps(reported(box, "faults"))
    doctor = box.does("mofy", "doctor", "secrets")
    assert doctor.returncode != 0
    assert "mofy help backup" in doctor.stdout
    box.does("sh", "-c", f"cp -p {away} {secret}")
    box.does("systemctl", "restart", "mofy.target")
    first_picture(box, time.monotonic())
    assert shown(box, people)


@needs_sealing
def test_keys_become_files_and_are_sealed_again(box):
    people = reported(box, "people")
    for command, there in (("unseal", set(sealing.CREDENTIALS)), ("seal", SEALED)):
        run = box.does("mofy", "box", command)
        assert run.returncode == 0, run.stderr
        assert keys(box) == there
        first_picture(box, time.monotonic())
        assert shown(box, people)
    assert box.does("mofy", "doctor", "secrets").returncode == 0


def test_the_doctor_finds_nothing_wrong(box):
    """Before going live every line is to be ok; where a container lacks something it is no more than a warning."""
    examined = box.does("mofy", "doctor")
    assert "ok       models" in examined.stdout, examined.stderr
    assert [line for line in examined.stdout.splitlines() if line.startswith("wrong")] == []


AVAILABILITY = """
import sys
from paho.mqtt import subscribe
login = {"username": "home", "password": sys.argv[1]}
print(subscribe.simple("mofy/+/availability", hostname="127.0.0.1", auth=login).payload.decode())
"""


def test_the_box_is_known_on_a_broker_of_its_own(box):
    """Its password is read by the agent, which is another user than the one who made it."""
    password = (box.root / "etc/mofy/mqtt/password-home").read_text().strip()
    asked = box.does("/opt/mofy/current/.venv/bin/python", "-c", AVAILABILITY, password, timeout_s=60)
    assert asked.stdout == "online\n", asked.stderr


def test_install_again_changes_nothing(box):
    before = box.does("mofy", "box", "releases").stdout
    options = (box.root / "etc/mofy/mofy.toml").read_text()
    options = options.replace("# width = 1280", "width = 640").replace("# height = 720", "height = 360")
    (box.root / "etc/mofy/mofy.toml").write_text(options)
    run = box.does("bash", "/src/mofy/install.sh")
    assert run.returncode == 0, run.stderr
    assert "Wrote" not in run.stdout
    assert box.does("mofy", "box", "releases").stdout == before
    assert (box.root / "etc/mofy/mofy.toml").read_text() == options


def test_an_engine_that_is_killed_comes_back(box):
    first_picture(box, time.monotonic())
    killed = engine(box)
    since = time.monotonic()
    box.does("kill", "-9", killed)
    back = first_picture(box, since)
    assert engine(box) != killed
    assert back < within(BACK_S), f"back after {back:.1f} s"


def test_an_engine_that_hangs_is_killed_by_the_watchdog(box):
    stopped = engine(box)
    box.does("kill", "-STOP", stopped)
    end_at = time.monotonic() + 60
    while engine(box) in (stopped, "0") and time.monotonic() < end_at:
        time.sleep(0.2)
    assert engine(box) not in (stopped, "0")
    first_picture(box, time.monotonic())


CAMERA_SERVICE = """
import os, socket
where = "/tmp/argus_socket"
if os.path.exists(where):
    os.unlink(where)
listening = socket.socket(socket.AF_UNIX)
listening.bind(where)
os.chmod(where, 0o777)
listening.listen()
while True:
    listening.accept()
"""
"""As a Jetson's nvargus-daemon: killed, it leaves its socket behind, and makes another when it is back."""


def reaches_the_camera_service(box: Container) -> bool:
    """As the engine sees the files."""
    reach = "import socket; socket.socket(socket.AF_UNIX).connect('/tmp/argus_socket')"
    return box.does("nsenter", "-t", engine(box), "-m", "/usr/bin/python3", "-c", reach).returncode == 0


@pytest.fixture
def on_a_jetson(box):
    """With such a camera service, and no camera."""
    begin = ("systemd-run", "-q", "--unit=nvargus-daemon", "-p", "Restart=always", "/usr/bin/python3", "-c")
    assert box.does(*begin, CAMERA_SERVICE).returncode == 0
    source = box.root / "etc/mofy/engine.env"
    was = source.read_text()
    source.write_text("MOFY_SOURCE=jetson\n")
    box.does("systemctl", "restart", "mofy-engine")
    yield
    box.does("systemctl", "stop", "nvargus-daemon")
    source.write_text(was)
    box.does("systemctl", "restart", "mofy-engine")
    first_picture(box, time.monotonic())


@pytest.mark.usefixtures("on_a_jetson")
def test_an_engine_gets_the_new_socket_of_a_camera_service_that_began_anew(box):
    waits = engine(box)
    time.sleep(3)
    assert engine(box) == waits, "the camera is not there, and no new start would change that"
    assert reaches_the_camera_service(box)
    box.does("systemctl", "kill", "-s", "KILL", "nvargus-daemon")
    awaited(lambda: engine(box) not in (waits, "0"))
    awaited(lambda: reaches_the_camera_service(box), 10)


def test_after_the_plug_was_pulled_it_boots_to_a_picture(box):
    box.pull_the_plug()
    since = box.boot()
    took = first_picture(box, since)
    assert took < within(FIRST_PICTURE_S), f"first picture {took:.1f} s after the start"
    assert all(active(box, name) for name in SERVICES)


def test_on_another_board_it_shows_a_slate_while_it_measures_itself(box):
    """As at its first start: what was found is the picture's, and viewers need not guess meanwhile."""
    box.does("systemctl", "stop", "mofy.target", "mofy-first-boot")
    measured = "/var/lib/mofy/board.json"
    box.does("sed", "-i", 's/"board": "/"board": "another /', measured)
    # Held while it measures, for a quick machine is through before a viewer could look.
    bench = "[b]ench --save"  # which is not this very command
    frozen = f"until systemctl -q is-active mofy-first-boot; do sleep 0.05; done; pkill -STOP -f '{bench}'"
    box.does("systemctl", "start", "--no-block", "mofy.target")
    assert box.does("sh", "-c", frozen, timeout_s=60).returncode == 0
    end_at = time.monotonic() + within(FIRST_PICTURE_S)
    while not seen(box):
        assert time.monotonic() < end_at, box.does("systemctl", "status", "mofy-engine", "mofy-first-boot").stdout
    assert reported(box, "state") == "starting"
    box.does("pkill", "-CONT", "-f", bench)
    first_picture(box, time.monotonic())
    assert "another" not in box.does("cat", measured).stdout


def test_a_signed_release_takes_over(box):
    before = box.does("mofy", "box", "releases").stdout
    refused = box.does("mofy", "box", "upgrade", "/src/mofy-9.1.tar.gz")
    assert (refused.returncode, "no publisher is trusted yet" in refused.stderr) == (1, True), refused
    box.does("cp", "/src/mine.pub", "/etc/mofy/release.pub")
    run = box.does("mofy", "box", "upgrade", "/src/mofy-9.1.tar.gz")
    assert run.returncode == 0, run.stdout + run.stderr
    assert reported(box, "version") == "9.1"
    assert sealing.possible() == (keys(box) == SEALED)
    assert shown(box, enrolled(box))
    assert "previous" in box.does("mofy", "box", "releases").stdout
    assert "previous" not in before


def test_a_release_that_does_not_work_never_takes_over(box):
    run = box.does("mofy", "box", "upgrade", "/src/mofy-9.2.tar.gz")
    assert (run.returncode, "failed its self-test" in run.stderr) == (1, True), run.stdout + run.stderr
    assert "9.2" not in box.does("mofy", "box", "releases").stdout
    assert active(box, "mofy-engine")


def test_going_back_to_a_release_that_knows_no_sealed_keys(box):
    people = enrolled(box)
    box.does("rm", "/opt/mofy/previous/systemd/mofy-keys.service")
    run = box.does("mofy", "box", "rollback")
    assert run.returncode == 0, run.stderr
    assert reported(box, "version") != "9.1"
    first_picture(box, time.monotonic())
    assert not keys(box) & SEALED
    assert shown(box, people)
    # It is really this one, which knows them.
    box.does("cp", "/src/mofy/systemd/mofy-keys.service", "/opt/mofy/current/systemd/")
    again = box.does("mofy", "box", "activate", (box.root / "opt/mofy/current").readlink().name)
    assert again.returncode == 0, again.stderr
    assert not keys(box) & SEALED
    assert shown(box, people)


def test_an_update_that_the_power_cut_off_goes_back_when_the_new_release_does_not_work(box):
    """As it lies on the disk while the new one runs for the first time: it is current, and nobody has seen it work."""
    (new,) = (box.root / "opt/mofy/releases").glob("9.1-*")
    running = (box.root / "opt/mofy/current").readlink()
    (new / "appliance/core/veiling.py").write_text("raise RuntimeError('broken on purpose')\n")
    box.does("ln", "-sfn", str(running), "/opt/mofy/unfinished")
    box.does("ln", "-sfn", f"releases/{new.name}", "/opt/mofy/current")
    box.pull_the_plug()
    box.boot()
    end_at = time.monotonic() + 180
    while (box.root / "opt/mofy/unfinished").is_symlink() and time.monotonic() < end_at:
        time.sleep(0.5)
    assert (box.root / "opt/mofy/current").readlink() == running, box.does("journalctl", "-u", "mofy-update").stdout
    assert json.loads((box.root / "var/lib/mofy/update.json").read_text())["state"] == "returned"
    first_picture(box, time.monotonic())
    assert all(active(box, name) for name in SERVICES)


def test_behind_an_overlay_what_is_on_its_partition_stays(box):
    """As the manual has it for a read-only system; the machine's secret, made before, opens the keys for ever."""
    if sealing.possible():
        assert box.does("mofy", "box", "seal").returncode == 0
        first_picture(box, time.monotonic())
    people = enrolled(box)
    box.power_off()
    partition = box.root.with_name("partition")
    subprocess.run(["cp", "-a", box.root / "var/lib/mofy", partition], check=True)
    box.boot_volatile(partition)
    first_picture(box, time.monotonic())
    assert shown(box, people)
    if people:
        assert box.does("mofy", "people", "add", "Michelle", "/opt/mofy/photos/obama2.jpg").returncode == 0
    if sealing.possible():
        refused = box.does("sh", "-c", "mofy box unseal && mofy box seal")
        assert "lies in memory, and what is sealed with the machine's secret in it would be lost" in refused.stderr
    box.pull_the_plug()
    box.boot_volatile(partition)
    first_picture(box, time.monotonic())
    assert shown(box, people + bool(people))
    box.pull_the_plug()
    box.boot()


def test_the_journal_holds_no_name_and_no_secret(box):
    """What the services said through all this; it outlives the people and may be handed on with a complaint."""
    said = box.does("journalctl", "-u", "mofy-*", "-o", "cat", "--no-pager").stdout
    data, etc = box.root / "var/lib/mofy", box.root / "etc/mofy/mqtt"
    secrets = [path.read_text().strip() for path in (*data.glob("*password*"), *etc.glob("password-*"))]
    secrets.append(json.loads((data / "own-network.json").read_text())["password"])
    secrets += [one["name"] for one in json.loads(box.does("mofy", "people", "list", "--json").stdout)]
    assert "mofy: " in said
    assert [secret for secret in secrets if secret in said] == []


def test_uninstall_leaves_nothing(box):
    told = box.root / "var/lib/mosquitto/mosquitto.db"
    box.does("systemctl", "restart", "mosquitto")
    assert b"mofy/" in told.read_bytes()
    run = box.does("bash", "/src/mofy/install.sh", "uninstall", "--purge")
    assert run.returncode == 0, run.stderr
    left = [
        str(path.relative_to(box.upper))
        for path in box.upper.rglob("*mofy*")
        if not path.is_char_device() and "var/log/journal" not in str(path) and "run/" not in str(path)
    ]
    assert left == []
    assert not told.exists()
    assert box.does("id", "mofy").returncode != 0
