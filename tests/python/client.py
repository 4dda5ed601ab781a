"""A client of Pacioli in Python: what somebody would write who has the .proto files and no Rust.

The code for the messages is generated from `proto/proto/` into a temporary folder, so nothing that
is generated lies in the repository.
"""

import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import blake3
import grpc
from google.rpc import error_details_pb2, status_pb2

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto" / "proto"

AMOUNT_MAX = 2**128 - 1


def generate(folder):
    """Generates the modules `pacioli.v1.*_pb2` and `*_pb2_grpc` and makes them importable."""
    from grpc_tools import protoc

    files = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    arguments = ["protoc", f"-I{PROTO}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main(arguments + files) != 0:
        raise SystemExit("the .proto files do not compile")
    sys.path.insert(0, str(folder))


def u128(number):
    """A Uint128 from an integer."""
    from pacioli.v1 import uint128_pb2

    return uint128_pb2.Uint128(high=number >> 64, low=number & (2**64 - 1))


def number(message):
    """An integer from a Uint128; an absent one is 0."""
    return message.high << 64 | message.low


def number_192(message):
    """An integer from a Uint192."""
    return message.high << 128 | message.middle << 64 | message.low


def id_from_reference(namespace, text):
    """The id of what a provider calls `text`."""
    digest = blake3.blake3(namespace.encode() + b"\0" + text.encode()).digest()
    return int.from_bytes(digest[:16], "big")


def error_details(error):
    """The reason and the metadata of an error that the server itself made, and the fields that a
    malformed request violates. `(None, {}, [])` says that the outcome is unknown."""
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        reason, metadata, fields = None, {}, []
        for detail in status_pb2.Status.FromString(value).details:
            if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
                info = error_details_pb2.ErrorInfo()
                detail.Unpack(info)
                if info.domain == "pacioli":
                    reason, metadata = info.reason, dict(info.metadata)
            if detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
                bad = error_details_pb2.BadRequest()
                detail.Unpack(bad)
                fields += [violation.field for violation in bad.field_violations]
        return reason, metadata, fields
    return None, {}, []


class Server:
    """`pacioli serve` on a data directory of its own and a free port."""

    def __init__(self, binary, data_dir):
        self.binary = binary
        self.data_dir = data_dir
        self.process = None
        self.address = None

    def start(self, seconds=60):
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data-dir", self.data_dir, "--listen", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.log.seek(0)
            said = self.log.read()
            found = re.search(r"127\.0\.0\.1:([1-9]\d*)", said)
            if found:
                self.address = f"127.0.0.1:{found[1]}"
                return self.address
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the server did not say where it listens:\n{said}")

    def end(self, how=signal.SIGTERM, seconds=60):
        """Ends the server and returns its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(seconds)
        self.log.close()
        return code


def connect(address):
    """The stubs of both services over one channel."""
    from pacioli.v1 import admin_service_pb2_grpc, ledger_service_pb2_grpc

    channel = grpc.insecure_channel(address)
    grpc.channel_ready_future(channel).result(timeout=30)
    ledger = ledger_service_pb2_grpc.LedgerServiceStub(channel)
    admin = admin_service_pb2_grpc.AdminServiceStub(channel)
    wait_until_started(admin)
    return channel, ledger, admin


def wait_until_started(admin, seconds=60):
    """A server answers `STARTING` while it reads its journal."""
    from pacioli.v1 import admin_service_pb2

    until = time.monotonic() + seconds
    while True:
        try:
            return admin.GetStatus(admin_service_pb2.GetStatusRequest())
        except grpc.RpcError as error:
            starting = error_details(error)[0] == "STARTING"
            if not starting or time.monotonic() > until:
                raise
        time.sleep(0.02)
