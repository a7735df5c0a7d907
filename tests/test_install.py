"""install.sh against machines that are wrong: one clear line each, and nothing done behind the person's back."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
TOOLS = ("bash", "sh", "env", "cat", "tail", "dirname", "mkdir", "stat", "sha256sum", "chown", "rm", "uname", "df")
DEBIAN = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
LOCKED = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt-get)"
OFFLINE = "Err:1 Temporary failure resolving 'a mirror'\nE: Unable to locate package python3-gi"
UNKNOWN = "E: Unable to locate package gstreamer1.0-libav"
FULL = "E: You don't have enough free space in /var/cache/apt/archives/."
NO_TTY = "sudo: a terminal is required to read the password"
CLOCK = "E: Release file for a mirror is not valid yet (invalid for another 3d)."


@dataclass
class Machine:
    """A copy of install.sh in a folder with blanks, and the only commands it can find."""

    folder: Path

    def has(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def runs(self, *arguments: str, user: int | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.folder / "bin"), "OS_RELEASE": str(self.folder / "os-release"), **settings}
        return subprocess.run(
            [str(self.folder / "my checkout" / "install.sh"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            user=user,
        )

    @property
    def origin(self) -> str:
        """What its virtual environment says of itself, so that none is made."""
        version = subprocess.run(["/usr/bin/python3", "-V"], capture_output=True, text=True, check=True).stdout.strip()
        return f"{self.folder / 'my checkout'} {version}"

    @property
    def calls(self) -> str:
        path = self.folder / "calls"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def machine(tmp_path):
    return prepared(tmp_path)


def prepared(folder: Path) -> Machine:
    """Debian 12 on amd64, root, no package installed; apt-get does nothing and is written down."""
    made = Machine(folder)
    (folder / "bin").mkdir()
    (folder / "my checkout/appliance/box").mkdir(parents=True)
    for script in ("install.sh", "appliance/box/bundle.sh"):
        shutil.copy(CHECKOUT / script, folder / "my checkout" / script)
    (folder / "os-release").write_text(DEBIAN)
    for tool in TOOLS:
        (folder / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    made.has("id", 'case $1 in -u) echo 0 ;; *) echo root ;; esac')  # fmt: skip
    made.has("dpkg", 'case $1 in --print-architecture) echo amd64 ;; esac')  # fmt: skip
    made.has("dpkg-query", "exit 1")
    made.has("apt-get", f'echo "$*" >>"{folder}/calls"')
    return made


def complaint(run: subprocess.CompletedProcess[str]) -> str:
    """The one line that a failed run ends with."""
    assert run.returncode != 0, run.stdout
    lines = [line for line in run.stderr.splitlines() if line.startswith("install.sh: ")]
    assert len(lines) == 1, run.stderr
    assert run.stderr.splitlines()[-1] == lines[0]
    return lines[0]


@pytest.mark.parametrize(
    "release",
    [
        'ID=fedora\nVERSION_ID=41\nPRETTY_NAME="Fedora Linux 41"\n',
        'ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian GNU/Linux 11"\n',
        'ID=debian\nPRETTY_NAME="Debian GNU/Linux sid"\n',
        'ID=ubuntu\nVERSION_ID="20.04"\nPRETTY_NAME="Ubuntu 20.04 LTS"\n',
    ],
)
def test_other_systems_are_refused_by_name(machine, release):
    (machine.folder / "os-release").write_text(release)
    name = release.partition('PRETTY_NAME="')[2].partition('"')[0]
    assert f"{name} is not supported" in complaint(machine.runs("setup"))
    assert machine.calls == ""


def test_a_system_without_a_name_is_refused(machine):
    (machine.folder / "os-release").unlink()
    assert "this system is not supported" in complaint(machine.runs("setup"))


@pytest.mark.parametrize("system", ["debian 12", "debian 13", "ubuntu 22.04", "ubuntu 24.04", "raspbian 12"])
def test_supported_systems_get_their_packages(machine, system):
    name, version = system.split()
    (machine.folder / "os-release").write_text(f'ID={name}\nVERSION_ID="{version}"\n')
    machine.has("apt-get", f'echo "$*" >>"{machine.folder}/calls"; [ "$1" = update ]')
    complaint(machine.runs("setup"))
    update, install = machine.calls.splitlines()
    assert update.startswith("update")
    assert install.startswith("install -y")
    assert "--no-install-recommends" in install
    assert "python3-gst-1.0" in install


def test_32_bit_systems_are_refused(machine):
    machine.has("dpkg", "echo armhf")
    assert "64-bit" in complaint(machine.runs("setup"))


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (LOCKED, "another program is installing packages"),
        (OFFLINE, "no network"),
        (UNKNOWN, "universe"),
        (FULL, "disk is full"),
        (NO_TTY, "sudo was refused"),
        (CLOCK, "clock is wrong"),
        ("E: something nobody foresaw", "the whole log is in"),
    ],
)
def test_a_step_that_fails_says_what_to_do(machine, words, advice):
    machine.has("apt-get", f'cat <<"EOF" >&2\n{words}\nEOF\n[ "$1" = update ]')
    run = machine.runs("setup")
    assert advice in complaint(run)
    assert words.splitlines()[-1] in run.stderr
    assert "Installing" in run.stdout


def installed(machine: Machine, apt_cache: str = "exit 1") -> subprocess.CompletedProcess[str]:
    """`install.sh install` of a release of next to nothing, as far as it gets."""
    for tool in ("sed", "tar", "cut", "sync", "touch", "flock"):
        (machine.folder / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    machine.has("apt-cache", apt_cache)
    (machine.folder / "my checkout/appliance/__init__.py").write_text('__version__ = "1.0"\n')
    return machine.runs("install", MOFY_HOME=str(machine.folder / "home"))


def test_a_boards_own_packages_are_looked_for_when_the_lists_are_there(machine):
    """A fresh system has none, and would be without its camera until somebody installs again."""
    lists = machine.folder / "lists"
    machine.has("apt-get", f'echo "$*" >>"{machine.folder}/calls"; [ "$1" != update ] || : >"{lists}"')
    installed(machine, f'[ -e "{lists}" ]')
    assert machine.calls.splitlines()[-1].endswith(" python3-picamera2")


def test_a_bundle_without_a_boards_own_packages_serves_all_the_same(machine):
    (machine.folder / "my checkout/debs").mkdir()
    machine.has("dpkg-query", 'for last; do :; done; [ "$last" = python3-picamera2 ] || echo installed')
    run = installed(machine, "exit 0")
    assert "The bundle lacks python3-picamera2, so that cameras on a ribbon cable will not be found" in run.stdout
    assert "Copying the release" in run.stdout


def test_a_box_in_a_fresh_checkout_tells_why_its_packages_are_not_there(machine):
    """There is no folder for a log in it yet."""
    machine.has("apt-get", f'echo "{OFFLINE}"; exit 100')
    run = installed(machine)
    assert run.returncode == 1
    assert "no network, or it is blocked" in run.stderr
    assert "No such file" not in run.stderr


def test_a_box_is_for_its_services_to_read_whatever_the_umask(machine):
    """They are other users than root, who installs: with an administrator's umask of 077 none of them would start."""
    before = os.umask(0o077)
    try:
        installed(machine)
    finally:
        os.umask(before)
    for place in ("home", "home/releases"):
        assert (machine.folder / place).stat().st_mode & 0o777 == 0o755


def test_one_installation_at_a_time(machine):
    (machine.folder / "home").mkdir()
    other = os.open(machine.folder / "home", os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "is being installed or upgraded here already" in complaint(installed(machine))
    finally:
        os.close(other)
    assert machine.calls == ""


def test_a_disk_that_is_too_full_is_told_before_anything_is_made(machine):
    machine.has("dpkg-query", "echo installed")
    machine.has("df", "echo Avail; echo '  300'")
    assert "has 300 MB of room" in complaint(machine.runs("setup"))
    assert not (machine.folder / "my checkout" / ".venv").exists()


def test_only_what_is_missing_is_installed(machine):
    machine.has("dpkg-query", 'for last; do :; done; [ "$last" = python3-gi ] || echo installed')
    machine.has("apt-get", f'echo "$*" >>"{machine.folder}/calls"; [ "$1" = update ]')
    complaint(machine.runs("setup"))
    assert machine.calls.splitlines()[-1].endswith(" python3-gi")


def test_a_user_without_sudo_is_told(machine):
    machine.has("id", 'case $1 in -u) echo 1000 ;; *) echo somebody ;; esac')  # fmt: skip
    line = complaint(machine.runs("setup"))
    assert "sudo" in line
    assert "python3-gi" in line
    assert machine.calls == ""


def test_a_user_with_sudo_installs_through_it(machine):
    machine.has("id", 'case $1 in -u) echo 1000 ;; *) echo somebody ;; esac')  # fmt: skip
    machine.has("sudo", f'echo "sudo $*" >>"{machine.folder}/calls"; exit 1')
    complaint(machine.runs("setup"))
    assert machine.calls.startswith("sudo env DEBIAN_FRONTEND=noninteractive")


def test_what_sudo_makes_in_a_users_checkout_belongs_to_the_user(machine):
    """Or the user could never run it again without sudo, and the demo would run as root."""
    machine.has("dpkg-query", "echo installed")
    machine.has("stat", "echo somebody")
    for command in ("sudo", "chown"):
        machine.has(command, f'echo "{command} $*" >>"{machine.folder}/calls"')
    machine.runs("demo", "--seconds", "3", SUDO_USER="somebody", MOFY_DATA="/some data")
    given, again = machine.calls.splitlines()
    assert given == f"chown -Rh somebody: {machine.folder}/my checkout/.cache"
    script = machine.folder / "my checkout" / "install.sh"
    assert again == f"sudo -H -u somebody env MOFY_DATA=/some data {script} demo --seconds 3"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run it as somebody else")
def test_a_checkout_of_somebody_else_is_told():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        line = complaint(prepared(Path(folder)).runs("setup", user=65534))
    assert "my checkout cannot be written" in line


def test_a_word_that_is_no_command_is_told(machine):
    assert "'dmeo'" in complaint(machine.runs("dmeo"))
    assert machine.calls == ""


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--wrong"], "bundle: there is no option --wrong"),
        (["--suite", "sid"], "bundle: sid is not known; bookworm, trixie, jammy or noble was expected"),
    ],
)
def test_a_bundle_for_what_is_not_known_is_told(machine, words, fault):
    machine.has("dpkg-query", "echo installed")
    venv = machine.folder / "my checkout/.venv"
    for place in ("bin/python", "bin/mofy"):
        (venv / place).parent.mkdir(parents=True, exist_ok=True)
        (venv / place).write_text("#!/bin/sh\n")
        (venv / place).chmod(0o755)
    (venv / ".origin").write_text(machine.origin)
    (machine.folder / "my checkout/pyproject.toml").touch()
    assert complaint(machine.runs("bundle", *words)) == f"install.sh: {fault}"


def test_help_needs_nothing(machine):
    run = machine.runs("--help")
    assert run.returncode == 0
    assert "./install.sh demo" in run.stdout
    assert machine.calls == ""


def test_a_dry_run_tells_and_changes_nothing():
    script = str(CHECKOUT / "install.sh")
    run = subprocess.run([script, "--dry-run"], capture_output=True, text=True, timeout=60, check=True)
    assert "Would make the release" in run.stdout
    assert run.stdout.splitlines()[-1] == "Nothing was changed."
    assert "  mofy-engine.service" in run.stdout


def test_the_label_of_a_release_depends_on_its_files_alone(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for path in (*CHECKOUT.glob("*.md"), *CHECKOUT.glob("*.toml"), CHECKOUT / "LICENSE", CHECKOUT / "install.sh"):
            shutil.copy(path, tmp_path / name)
        (tmp_path / name / "appliance").mkdir()
        shutil.copy(CHECKOUT / "appliance/__init__.py", tmp_path / name / "appliance")
        for folder in ("web", "models", "systemd"):
            (tmp_path / name / folder).mkdir()

    def label(name):
        run = subprocess.run(
            [str(tmp_path / name / "install.sh"), "--dry-run"], capture_output=True, text=True, check=True
        )
        return re.search(r"the release (\S+)", run.stdout)[1]

    (tmp_path / "two" / "appliance" / "__pycache__").mkdir()
    assert label("one") == label("two")
    (tmp_path / "two" / "web" / "new.py").touch()
    assert label("one") != label("two")


def test_the_ci_runs_exactly_what_a_person_runs():
    assert (CHECKOUT / ".ci" / "run").read_text().splitlines()[-1] == "exec ./install.sh test"


def test_uninstalling_takes_no_other_word_and_then_nothing_goes(machine):
    (machine.folder / "opt/releases/1.0-aa").mkdir(parents=True)
    said = complaint(machine.runs("uninstall", "--dry-run", MOFY_HOME=str(machine.folder / "opt")))
    assert "uninstall takes --purge and nothing else, got --dry-run" in said
    assert (machine.folder / "opt/releases/1.0-aa").exists()


@pytest.mark.parametrize("whole", [True, False])
def test_a_box_whose_making_was_cut_off_can_be_taken_away(machine, whole):
    """By a release that is whole though nothing is current yet; what is half made goes by itself."""
    program = machine.folder / "opt/releases/1.0-aa/.venv/bin/mofy"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "asked to $*"\n')
    program.chmod(0o755)
    if whole:
        (machine.folder / "opt/releases/1.0-aa/.whole").touch()
    run = machine.runs("uninstall", "--purge", MOFY_HOME=str(machine.folder / "opt"))
    assert run.returncode == 0, run.stderr
    assert ("asked to box uninstall --purge" in run.stdout, program.exists()) == (whole, whole)


def test_where_the_current_release_is_broken_another_takes_the_box_away(machine):
    for name, script in (("current", "echo a traceback >&2; exit 1"), ("releases/1.0-aa", 'echo "asked to $*"')):
        program = machine.folder / "opt" / name / ".venv/bin/mofy"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        (machine.folder / "opt" / name / ".whole").touch()
    run = machine.runs("uninstall", MOFY_HOME=str(machine.folder / "opt"))
    assert (run.returncode, run.stdout, run.stderr) == (0, "asked to box uninstall\n", "")
    (machine.folder / "opt/releases/1.0-aa/.whole").unlink()
    assert (
        complaint(machine.runs("uninstall", MOFY_HOME=str(machine.folder / "opt")))
        == "install.sh: uninstall: a traceback"
    )
