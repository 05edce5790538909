"""The first process of a cluster's namespaces: it starts SLURM on the only node, says so, and goes on until it is killed.

Called by `tests.cluster.slurm` as a script, with a new folder, in namespaces of their own of mounts, processes, network and host
name: nothing that it does is seen outside.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ADDRESS = "192.0.2.1"  # for documentation (RFC 5737); with loopback addresses alone names would not be resolved
CONFIGURATION = """\
ClusterName=test
SlurmctldHost=node({address})
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=5
MinJobAge=86400
ReturnToService=2
NodeName=node NodeAddr={address} CPUs=2 CoresPerSocket=2 RealMemory=16000
PartitionName=main Nodes=ALL Default=YES
"""
_PATIENCE = 120  # seconds


def main(folder: Path) -> None:
    """Start the daemons, print `ready`, and wait for their children's ends, and theirs, for ever."""
    for name in ("etc", "state", "spool", "munge"):
        (folder / name).mkdir(parents=True)
    (folder / "munge").chmod(0o755)
    key = folder / "munge" / "key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    (folder / "etc" / "slurm.conf").write_text(CONFIGURATION.format(folder=folder, address=ADDRESS))
    for command in (
        ["hostname", "node"],
        ["ip", "link", "set", "lo", "up"],
        ["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"],
        ["mount", "--bind", str(folder / "etc"), "/etc/slurm"],  # the default place, as jobs know of no other
    ):
        subprocess.run(command, check=True)
    munge = {name: f"--{name}-file={folder}/munge/{name}" for name in ("key", "pid", "seed", "log")}
    _start(folder, "munged", "--foreground", "--force", f"--socket={folder}/munge/socket", *munge.values())
    _wait(lambda: (folder / "munge" / "socket").exists())
    _start(folder, "slurmctld", "-D", "-i")
    _start(folder, "slurmd", "-D", "-N", "node")
    _wait(lambda: "idle" in subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True).stdout)
    print("ready", flush=True)
    while True:
        os.wait()  # the orphans of a namespace are its first process's


def _start(folder: Path, *command: str) -> None:
    with (folder / f"{command[0]}.out").open("wb") as output:
        subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("SLURM does not start")
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
