"""The ledger as a client in another language sees it.

    python tests/python/test_ledger.py target/release/pacioli
"""

import re
import signal
import sys
import tempfile
import unittest
import uuid
from pathlib import Path

import grpc

import client
from client import AMOUNT_MAX, ROOT, number, number_192, u128

BINARY = None
USD = 840
BANK, CUSTOMER, FEES, STRANGER = 1, 2, 3, 4


def setUpModule():
    global generated, v1
    generated = tempfile.TemporaryDirectory()
    client.generate(Path(generated.name))
    from pacioli.v1 import account_pb2, admin_service_pb2, backup_pb2, ledger_pb2
    from pacioli.v1 import ledger_service_pb2, query_pb2, snapshot_pb2, transfer_pb2
    from pacioli.v1 import verification_pb2

    class v1:
        """All messages under one name, as in languages whose packages are flat."""

    modules = (
        account_pb2,
        admin_service_pb2,
        backup_pb2,
        ledger_pb2,
        ledger_service_pb2,
        query_pb2,
        snapshot_pb2,
        transfer_pb2,
        verification_pb2,
    )
    for module in modules:
        for name in dir(module):
            if not name.startswith("_"):
                setattr(v1, name, getattr(module, name))


def tearDownModule():
    generated.cleanup()


def transfer(id, debit, credit, amount, flags=0, **fields):
    return v1.Transfer(
        id=u128(id),
        debit_account_id=u128(debit),
        credit_account_id=u128(credit),
        amount=u128(amount),
        ledger=USD,
        code=1,
        flags=flags,
        **fields,
    )


class Session(unittest.TestCase):
    """One server and one data directory for each test."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.server = client.Server(BINARY, str(Path(self.folder.name) / "data"))
        self.server.start()
        self.addCleanup(self.stop)
        self.open()

    def open(self):
        self.channel, self.ledger, self.admin = client.connect(self.server.address)

    def stop(self):
        self.channel.close()
        if self.server.process.poll() is None:
            self.server.end(signal.SIGKILL)

    def books(self):
        """A ledger of dollars, a bank, a customer who can spend what she has, and fees."""
        answer = self.ledger.RegisterLedgers(
            v1.RegisterLedgersRequest(
                ledgers=[v1.LedgerRegistration(id=USD, code="USD", scale=2)]
            )
        )
        self.assertEqual([r.status for r in answer.results], [v1.LEDGER_STATUS_REGISTERED])
        limited = v1.ACCOUNT_FLAG_DEBITS_MUST_NOT_EXCEED_CREDITS
        answer = self.create_accounts(
            v1.Account(id=u128(BANK), ledger=USD, code=1, name="Assets:Bank"),
            v1.Account(id=u128(CUSTOMER), ledger=USD, code=2, flags=limited, name="Élodie"),
            v1.Account(id=u128(FEES), ledger=USD, code=3),
        )
        self.assertEqual([r.status for r in answer.results], [v1.ACCOUNT_STATUS_CREATED] * 3)
        return answer

    def create_accounts(self, *accounts):
        return self.ledger.CreateAccounts(v1.CreateAccountsRequest(accounts=accounts))

    def create(self, *transfers, **options):
        return self.ledger.CreateTransfers(
            v1.CreateTransfersRequest(transfers=transfers, **options)
        )

    def statuses(self, *transfers, **options):
        return [r.status for r in self.create(*transfers, **options).results]

    def balances(self, *ids):
        answer = self.ledger.GetBalances(v1.GetBalancesRequest(ids=[u128(id) for id in ids]))
        return [
            (
                number(b.debits_pending),
                number(b.debits_posted),
                number(b.credits_pending),
                number(b.credits_posted),
            )
            for b in answer.balances
        ]

    def test_a_retry_is_answered_and_moves_nothing(self):
        self.books()
        deposit = transfer(10, BANK, CUSTOMER, 10_000, reference="ch_1")
        first = self.create(deposit)
        again = self.create(deposit)
        self.assertEqual(first.results[0].status, v1.TRANSFER_STATUS_CREATED)
        self.assertEqual(again.results[0].status, v1.TRANSFER_STATUS_EXISTS)
        self.assertEqual(again.results[0].timestamp, first.results[0].timestamp)
        self.assertGreater(first.results[0].timestamp, 0)
        other = transfer(10, BANK, CUSTOMER, 10_001, reference="ch_1")
        self.assertEqual(
            self.statuses(other), [v1.TRANSFER_STATUS_EXISTS_WITH_DIFFERENT_AMOUNT]
        )
        self.assertEqual(self.balances(BANK, CUSTOMER), [(0, 10_000, 0, 0), (0, 0, 0, 10_000)])

    def test_a_refusal_for_want_of_money_uses_up_its_id(self):
        self.books()
        payment = transfer(11, CUSTOMER, FEES, 1)
        self.assertEqual(self.statuses(payment), [v1.TRANSFER_STATUS_EXCEEDS_CREDITS])
        self.create(transfer(12, BANK, CUSTOMER, 100))
        (late,) = self.create(payment).results
        self.assertEqual(late.status, v1.TRANSFER_STATUS_ID_ALREADY_FAILED)
        self.assertEqual(late.original_status, v1.TRANSFER_STATUS_EXCEEDS_CREDITS)

    def test_reserve_post_and_void(self):
        self.books()
        self.create(transfer(20, BANK, CUSTOMER, 1_000))
        hold = v1.TRANSFER_FLAG_PENDING
        self.assertEqual(
            self.statuses(
                transfer(21, CUSTOMER, FEES, 600, hold), transfer(22, CUSTOMER, FEES, 300, hold)
            ),
            [v1.TRANSFER_STATUS_CREATED] * 2,
        )
        self.assertEqual(self.balances(CUSTOMER), [(900, 0, 0, 1_000)])
        self.assertEqual(
            self.statuses(transfer(23, CUSTOMER, FEES, 101)),
            [v1.TRANSFER_STATUS_EXCEEDS_CREDITS],
            "what is reserved cannot be spent",
        )
        post = v1.Transfer(
            id=u128(24),
            pending_id=u128(21),
            amount=u128(AMOUNT_MAX),
            flags=v1.TRANSFER_FLAG_POST_PENDING_TRANSFER,
        )
        void = v1.Transfer(
            id=u128(25), pending_id=u128(22), flags=v1.TRANSFER_FLAG_VOID_PENDING_TRANSFER
        )
        answer = self.create(post, void, return_balances=True)
        self.assertEqual([r.status for r in answer.results], [v1.TRANSFER_STATUS_CREATED] * 2)
        self.assertEqual(number(answer.results[0].amount), 600)
        self.assertEqual(number(answer.balances[0].debit.debits_posted), 600)
        self.assertEqual(number(answer.balances[0].debit.debits_pending), 300)
        self.assertEqual(number(answer.balances[1].debit.debits_pending), 0)
        self.assertEqual(self.balances(CUSTOMER, FEES), [(0, 600, 0, 1_000), (0, 0, 0, 600)])

        found = self.ledger.LookupTransfers(
            v1.LookupTransfersRequest(ids=[u128(id) for id in (21, 22, 23, 99)])
        )
        self.assertEqual(
            [(number(t.transfer.id), t.state, number(t.posted)) for t in found.transfers],
            [(21, v1.TRANSFER_STATE_POSTED, 600), (22, v1.TRANSFER_STATE_VOIDED, 0)],
        )
        self.assertEqual([number(t.id) for t in found.used_up], [23])
        self.assertEqual([number(id) for id in found.missing], [99])
        self.assertEqual(found.answered, 4)

    def test_a_chain_takes_effect_whole_or_not_at_all(self):
        self.books()
        linked = v1.TRANSFER_FLAG_LINKED
        self.assertEqual(
            self.statuses(
                transfer(30, BANK, CUSTOMER, 5, linked), transfer(31, BANK, STRANGER, 5)
            ),
            [
                v1.TRANSFER_STATUS_LINKED_EVENT_FAILED,
                v1.TRANSFER_STATUS_CREDIT_ACCOUNT_NOT_FOUND,
            ],
        )
        self.assertEqual(self.balances(BANK), [(0, 0, 0, 0)])
        chain = transfer(32, BANK, CUSTOMER, 5, linked), transfer(33, BANK, FEES, 1)
        self.assertEqual(self.statuses(*chain), [v1.TRANSFER_STATUS_CREATED] * 2)
        self.assertEqual(self.statuses(*chain), [v1.TRANSFER_STATUS_EXISTS] * 2)

    def test_a_dry_run_changes_nothing(self):
        self.books()
        before = self.create(transfer(40, BANK, CUSTOMER, 5), dry_run=True)
        self.assertEqual(before.results[0].status, v1.TRANSFER_STATUS_CREATED)
        self.assertEqual(self.balances(BANK), [(0, 0, 0, 0)])
        self.assertEqual(
            self.statuses(transfer(40, BANK, CUSTOMER, 6)), [v1.TRANSFER_STATUS_CREATED]
        )

    def test_numbers_keep_their_128_bits(self):
        self.books()
        big = uuid.UUID("0190163d-8694-739b-aea5-966c26f8ad91").int
        amount = 2**127 + 12_345
        self.create(transfer(big, BANK, CUSTOMER, amount))
        self.assertEqual(self.balances(BANK), [(0, amount, 0, 0)])
        found = self.ledger.LookupTransfers(v1.LookupTransfersRequest(ids=[u128(big)]))
        self.assertEqual(number(found.transfers[0].transfer.id), big)

    def test_debits_equal_credits(self):
        self.books()
        self.create(
            transfer(50, BANK, CUSTOMER, 10_000), transfer(51, CUSTOMER, FEES, 25)
        )
        rows, proofs, token = [], [], ""
        while True:
            page = self.ledger.GetTrialBalance(
                v1.GetTrialBalanceRequest(ledgers=[USD], page_size=1, page_token=token)
            )
            rows += page.rows
            proofs += page.proofs
            token = page.next_page_token
            if not token:
                break
        signed = {
            row.name: number(row.debits_posted) - number(row.credits_posted) for row in rows
        }
        self.assertEqual(signed, {"Assets:Bank": 10_000, "Élodie": -9_975, "": -25})
        (proof,) = proofs
        self.assertEqual((proof.code, proof.scale), ("USD", 2))
        self.assertEqual(number_192(proof.debits_posted), 10_025)
        self.assertEqual(number_192(proof.credits_posted), 10_025)
        self.assertEqual(number_192(proof.debits_pending), number_192(proof.credits_pending))
        (ledger,) = self.ledger.ListLedgers(v1.ListLedgersRequest()).ledgers
        self.assertEqual(
            (ledger.code, ledger.scale, ledger.accounts, ledger.transfers), ("USD", 2, 3, 2)
        )

    def test_an_update_is_made_once(self):
        self.books()
        update = v1.AccountUpdate(
            update_id=u128(1), id=u128(CUSTOMER), overdraft_limit=u128(50), name=""
        )
        request = v1.UpdateAccountsRequest(updates=[update])
        (first,) = self.ledger.UpdateAccounts(request).results
        (again,) = self.ledger.UpdateAccounts(request).results
        self.assertEqual(first.status, v1.UPDATE_STATUS_UPDATED)
        self.assertEqual(again.status, v1.UPDATE_STATUS_EXISTS)
        found = self.ledger.LookupAccounts(
            v1.LookupAccountsRequest(ids=[u128(CUSTOMER), u128(STRANGER)])
        )
        self.assertEqual(number(found.accounts[0].overdraft_limit), 50)
        self.assertEqual(found.accounts[0].name, "")
        self.assertEqual([number(id) for id in found.missing], [STRANGER])
        self.assertEqual(
            self.statuses(transfer(60, CUSTOMER, FEES, 50), transfer(61, CUSTOMER, FEES, 1)),
            [v1.TRANSFER_STATUS_CREATED, v1.TRANSFER_STATUS_EXCEEDS_CREDITS],
        )

    def test_what_was_acknowledged_survives_a_kill(self):
        self.books()
        before = self.create(transfer(70, BANK, CUSTOMER, 7)).receipt
        self.channel.close()
        self.server.end(signal.SIGKILL)
        self.server.start()
        self.open()
        self.assertEqual(
            self.statuses(transfer(70, BANK, CUSTOMER, 7)), [v1.TRANSFER_STATUS_EXISTS]
        )
        answer = self.ledger.GetBalances(v1.GetBalancesRequest(ids=[u128(CUSTOMER)]))
        self.assertEqual(number(answer.balances[0].credits_posted), 7)
        self.assertEqual(number(answer.receipt.epoch), number(before.epoch))
        self.assertGreaterEqual(answer.receipt.sequence, before.sequence)

    def test_sigterm_ends_cleanly(self):
        self.books()
        self.assertEqual(self.server.end(signal.SIGTERM), 0)

    def test_a_malformed_request_names_the_field(self):
        self.books()
        wrong = transfer(80, BANK, CUSTOMER, 1)
        wrong.code = 65_536
        with self.assertRaises(grpc.RpcError) as raised:
            self.create(transfer(81, BANK, CUSTOMER, 1), wrong)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        _, metadata, fields = client.error_details(raised.exception)
        self.assertEqual(fields, ["transfers[1].code"])
        self.assertEqual(metadata.get("applied"), "false")
        self.assertEqual(self.balances(BANK), [(0, 0, 0, 0)])

    def test_a_deadline_that_has_passed_is_final(self):
        self.books()
        late = transfer(90, BANK, CUSTOMER, 1)
        with self.assertRaises(grpc.RpcError) as raised:
            self.create(late, deadline=1)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        reason, metadata, _ = client.error_details(raised.exception)
        self.assertEqual((reason, metadata.get("applied")), ("NOT_DECIDED", "false"))
        self.assertEqual(self.statuses(late), [v1.TRANSFER_STATUS_CREATED])

    def test_receipts_grow(self):
        first = self.books().receipt
        second = self.create(transfer(100, BANK, CUSTOMER, 1)).receipt
        self.assertEqual(second.sequence, first.sequence + 1)
        self.assertGreater(second.time, first.time)
        self.assertEqual(number(second.epoch), number(first.epoch))
        self.assertEqual(len(second.frame_hash), 32)
        status = self.admin.GetStatus(v1.GetStatusRequest())
        self.assertEqual(status.health, v1.HEALTH_SERVING)
        self.assertEqual(status.state.accounts, 3)
        self.assertGreaterEqual(status.receipt.sequence, second.sequence)

    def test_lists_come_page_by_page(self):
        self.books()
        self.create(*(transfer(1000 + n, BANK, CUSTOMER, n) for n in range(1, 11)))
        filter = v1.TransferFilter(
            debit_account_ids=[u128(BANK)], amount=v1.AmountRange(min=u128(3), max=u128(9))
        )
        listed, token = [], ""
        while True:
            page = self.ledger.ListTransfers(
                v1.ListTransfersRequest(
                    filter=filter,
                    page_size=3,
                    page_token=token,
                    direction=v1.DIRECTION_NEWEST_FIRST,
                )
            )
            listed += [number(record.transfer.amount) for record in page.transfers]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(listed, [9, 8, 7, 6, 5, 4, 3])
        history = self.ledger.ListBalances(
            v1.ListBalancesRequest(account_id=u128(BANK), direction=v1.DIRECTION_NEWEST_FIRST)
        )
        newest, before = history.balances[:2]
        self.assertEqual(number(newest.debits_posted) - number(before.debits_posted), 10)
        # The same moment, asked for by its sequence.
        then = self.ledger.GetBalances(
            v1.GetBalancesRequest(ids=[u128(BANK)], at_sequence=before.sequence)
        )
        self.assertLessEqual(then.receipt.sequence, before.sequence)
        with self.assertRaises(grpc.RpcError) as refused:
            self.ledger.GetBalances(v1.GetBalancesRequest(at_sequence=1 << 40))
        self.assertEqual(refused.exception.code(), grpc.StatusCode.OUT_OF_RANGE)
        with self.assertRaises(grpc.RpcError) as refused:
            self.ledger.ListTransfers(
                v1.ListTransfersRequest(filter=v1.TransferFilter(codes=[0]))
            )
        self.assertEqual(client.error_details(refused.exception)[2], ["filter.codes[0]"])

    def test_a_backup_is_a_stream_of_files(self):
        self.books()
        snapshot = self.admin.CreateSnapshot(v1.CreateSnapshotRequest(name="first")).snapshot
        self.assertEqual(list(snapshot.names), ["first"])
        self.assertEqual(len(self.admin.ListSnapshots(v1.ListSnapshotsRequest()).snapshots), 1)
        parts = list(self.admin.Backup(v1.BackupRequest()))
        kinds = [part.WhichOneof("part") for part in parts]
        self.assertEqual((kinds[0], kinds[-1]), ("begin", "end"))
        files = [file for part in parts for file in part.files.files]
        self.assertEqual(len(files), parts[0].begin.files)
        content, hashes = b"", []
        for part in parts:
            if part.HasField("file_begin"):
                content = b""
            content += part.chunk.content
            if part.HasField("file_end"):
                self.assertEqual(client.blake3.blake3(content).digest(), part.file_end.hash)
                hashes.append(part.file_end.hash)
        self.assertEqual(len(hashes), len(files))
        # Who has it all is sent nothing again but what is new since.
        again = list(self.admin.Backup(v1.BackupRequest(held=files)))
        self.assertLess(again[0].begin.bytes_to_send, parts[0].begin.bytes)
        *_, last = self.admin.Verify(v1.VerifyRequest())
        self.assertEqual(last.summary.errors, 0)
        self.assertEqual(last.summary.snapshots, 1)

    def test_reflection_is_enough(self):
        """No generated code at all: the descriptors come from the server."""
        from google.protobuf import descriptor_pool, message_factory
        from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
            ProtoReflectionDescriptorDatabase,
        )

        self.books()
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self.assertLessEqual(
            {"pacioli.v1.LedgerService", "pacioli.v1.AdminService", "grpc.health.v1.Health"},
            set(database.get_services()),
        )
        service = descriptor_pool.DescriptorPool(database).FindServiceByName(
            "pacioli.v1.LedgerService"
        )
        method = service.FindMethodByName("ListLedgers")
        call = self.channel.unary_unary(
            f"/{service.full_name}/{method.name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
        )
        answer = call(message_factory.GetMessageClass(method.input_type)())
        self.assertEqual([ledger.code for ledger in answer.ledgers], ["USD"])


class Vectors(unittest.TestCase):
    """The tables of the guide to other languages are true."""

    def rows(self, head):
        page = (ROOT / "docs/src/grpc/languages.md").read_text()
        table = page.split(head, 1)[1].split("\n\n", 1)[0].splitlines()[2:]
        rows = [
            [cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table
        ]
        self.assertGreater(len(rows), 3)
        return rows

    def test_uuids(self):
        uuids = 0
        for value, high, low in self.rows("| value |"):
            found = re.search(r"UUID `?([0-9a-f-]{36})", value)
            if found:
                message = u128(uuid.UUID(found[1]).int)
                self.assertEqual((message.high, message.low), (int(high), int(low)))
                uuids += 1
        self.assertEqual(uuids, 2)

    def test_ids_from_references(self):
        for namespace, text, id in self.rows("| namespace |"):
            namespace, text = (part.replace("(empty)", "") for part in (namespace, text))
            self.assertEqual(client.id_from_reference(namespace, text), int(id, 16))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(f"usage: {sys.argv[0]} PATH-TO-PACIOLI [unittest options]")
    BINARY = str(Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
