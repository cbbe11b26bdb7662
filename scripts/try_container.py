"""Runs each step of deploy/Containerfile where there is no container engine; Linux, as root.

    python scripts/try_container.py [PYTHON]

/src, /opt, /etc and /var/lib are folders of a scratch place, seen by this process alone; PYTHON, which everybody must
be able to run (default /usr/bin/python3), stands for the image's. So the image itself and its layers are not tried.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSIDE = "KEEPERS_TRIES_A_CONTAINER"
PLACES = {"src": "/src", "opt": "/opt", "etc": "/etc", "lib": "/var/lib"}
Step = tuple[str, str]


def main(python: str = "/usr/bin/python3") -> int:
    """Begin again in a mount namespace of our own, with a scratch place that is removed in the end."""
    if INSIDE in os.environ:
        return tried(Path(os.environ[INSIDE]), steps(ROOT / "deploy" / "Containerfile"))
    scratch = tempfile.mkdtemp(prefix="keepers-container-", dir="/tmp")
    try:
        Path(scratch).chmod(0o755)
        (Path(scratch) / "bin").mkdir()
        (Path(scratch) / "bin" / "python").symlink_to(python)
        again = ["unshare", "--mount", sys.executable, __file__, python]
        return subprocess.run(again, env={**os.environ, INSIDE: scratch}, check=False).returncode
    finally:
        shutil.rmtree(scratch)


def steps(file: Path) -> list[Step]:
    """The instructions of a container file with their arguments, lines that go on joined."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", file.read_text(), flags=re.MULTILINE))
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def tried(scratch: Path, instructions: list[Step]) -> int:
    """Build as it says, run what it starts, ask for its health, and stop it; 0 if all of that works."""
    for name, place in PLACES.items():
        (scratch / name).mkdir()
        if place == "/etc":
            shutil.copytree(place, scratch / name, symlinks=True, dirs_exist_ok=True)
        Path(place).mkdir(exist_ok=True)
        subprocess.run(["mount", "--bind", scratch / name, place], check=True)
    environment = {**os.environ, "PATH": f"{scratch / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": ""}
    folder, said = "/", dict(instructions)
    for name, rest in instructions:
        print(f"{name} {rest}", flush=True)
        if name == "WORKDIR":
            folder = rest
        elif name == "RUN":
            subprocess.run(["sh", "-c", rest], cwd=folder, env=environment, check=True)
        elif name == "COPY" and not rest.startswith("--from"):
            copied(Path(folder))
        elif name == "ENV":
            environment |= {k: v.replace("$PATH", environment["PATH"]) for k, v in pairs(rest)}
    return served(said, environment)


def copied(target: Path) -> None:
    """Copy what .dockerignore lets through: its lines that begin with !, and of these what git knows."""
    wanted = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    known = subprocess.run(["git", "ls-files", "--", *wanted], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in known.stdout.splitlines():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target / name)


def pairs(text: str) -> list[tuple[str, str]]:
    """NAME=VALUE pairs of one ENV."""
    return [(name, value) for name, _, value in (each.partition("=") for each in shlex.split(text))]


def served(said: dict[str, str], environment: dict[str, str]) -> int:
    """Start the command as the user, wait for the health check, send the stop signal; 0 if it ends with 0."""
    user, group = said["USER"].split(":")
    drop = ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--no-new-privs", "--inh-caps=-all"]
    health = [*drop, *json.loads(said["HEALTHCHECK"].removeprefix("CMD "))]
    server = subprocess.Popen([*drop, *json.loads(said["CMD"])], cwd="/", env=environment)
    for _ in range(120):
        if subprocess.run(health, env=environment, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            break
        time.sleep(0.5)
    else:
        print("It never became healthy.")
        return 1
    server.send_signal(signal.Signals[said["STOPSIGNAL"]])
    code = server.wait(40)
    owners = {path.stat().st_uid for path in Path("/var/lib/keepers").rglob("*")}
    print(f"Healthy; stopped with {code}; what it wrote belongs to {owners}.")
    return 0 if code == 0 and owners == {int(user)} else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
