"""Real books are imported, exported, and read by hledger, Beancount and Pacioli again.

    test_export.py PACIOLI BOOKS_DIR

For each set of books in BOOKS_DIR (`NAME.postings.csv` or `NAME.beancount`, with
`NAME.balances.csv` beside it, as another tool computed them) the balances that hledger and
Beancount find in the exported books must be those, and the trial balance after importing the
exported books into an empty database must be the one of the database that they came from. So must
dates and descriptions. What goes through `Equity:Conversions` is ours alone.
"""

import collections
import csv
import decimal
import io
import pathlib
import re
import subprocess
import sys
import tempfile

from beancount import loader
from beancount.core import data

decimal.getcontext().prec = 60

# Codes that Beancount does not take, and names of every kind.
AWKWARD = [
    ("EUR", 2), ("loyalty points", 0), ("eur", 4), ("7-11", 0),
]
NAMES = [
    "Assets:Cash", "assets:cash", "Shop", "(virtual)", "[balanced]", "現金:支店", "Twice", "Twice",
    "", 'a "quoted" \\ name; with marks', "Liabilities:Ärger:Über",
]


class Server:
    """A server process on a directory of its own."""

    def __init__(self, pacioli, data_dir):
        self.pacioli = pacioli
        self.process = subprocess.Popen(
            [pacioli, "serve", "--data-dir", data_dir, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("listening on "):
                self.address = line.split()[-1]
                return
        raise SystemExit("the server did not start")

    def run(self, *arguments):
        done = subprocess.run(
            [self.pacioli, *arguments, "--server", self.address], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{arguments}: {done.stderr}")
        return done.stdout

    def trial_balance(self):
        return self.run("trial-balance", "--format", "csv")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def balances(rows):
    """Sums by account and commodity, without those that are nothing."""
    sums = collections.defaultdict(decimal.Decimal)
    for account, commodity, amount in rows:
        sums[account, commodity] += decimal.Decimal(amount)
    return {key: amount for key, amount in sums.items() if amount}


def of_trial_balance(text):
    rows = list(csv.reader(io.StringIO(text)))[1:]
    return balances(rows)


def merged(sums):
    """The same with `Twice:7` and `Twice:8` as `Twice`, which is what both are called."""
    if not all(isinstance(amount, decimal.Decimal) for amount in sums.values()):
        return sums
    return balances((re.sub(r"^Twice:\d+$", "Twice", account), commodity, amount)
                    for (account, commodity), amount in sums.items())


def without_conversions(sums):
    return {key: amount for key, amount in sums.items()
            if not key[0].startswith("Equity:Conversions:")}


def of_hledger(path):
    """What hledger finds in the rows, by the rules that were written beside them."""
    done = subprocess.run(
        ["hledger", "-f", str(path), "balance", "--flat", "--no-total", "-O", "csv",
         "--layout", "bare"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"hledger: {done.stderr}")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    return balances((row["account"], row["commodity"], row["balance"]) for row in rows)


def of_beancount(path):
    """What Beancount finds, under the names that the database has, and the transactions."""
    bean_check = pathlib.Path(sys.executable).parent / "bean-check"
    done = subprocess.run([str(bean_check), str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bean-check: {done.stderr[:2000]}")
    entries, errors, _ = loader.load_file(str(path))
    if errors:
        raise SystemExit(f"Beancount: {errors[:3]}")
    accounts = {entry.account: entry.meta.get("pacioli-account", entry.account)
                for entry in entries if isinstance(entry, data.Open)}
    codes = {entry.currency: entry.meta.get("pacioli-code", entry.currency)
             for entry in entries if isinstance(entry, data.Commodity)}
    transactions = [entry for entry in entries if isinstance(entry, data.Transaction)]
    sums = balances(
        (accounts[posting.account], codes[posting.units.currency], posting.units.number)
        for entry in transactions for posting in entry.postings)
    described = collections.Counter(
        (str(entry.date), " | ".join(part for part in (entry.payee, entry.narration) if part))
        for entry in transactions)
    return sums, described


def described_in_rows(path):
    """Days and descriptions of the transactions in a file of postings."""
    first = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            first.setdefault(row["txnidx"], (row["date"], row["description"]))
    return collections.Counter(first.values())


def described_in_beancount(path):
    """The same of a Beancount file that people keep."""
    return of_beancount(path)[1]


def equal(name, found, expected):
    # Accounts of one name are told apart by their ids, under the name.
    found = merged(found)
    if found != expected:
        differing = [(key, found.get(key), expected.get(key))
                     for key in sorted(set(found) | set(expected), key=str)
                     if found.get(key) != expected.get(key)]
        raise SystemExit(f"{name} differs (found, expected): {differing[:5]}")


def check(pacioli, scratch, server, name, reference, described):
    """Exports what the server has, and compares what everybody reads in it with `reference`."""
    trial_balance = server.trial_balance()
    sums = of_trial_balance(trial_balance)
    if reference is not None:
        equal(f"{name}: the trial balance", without_conversions(sums), reference)
    for file in (f"{name}.csv", f"{name}.beancount"):
        path = scratch / file
        print(server.run("export", "--output", str(path)).strip())
        if path.suffix == ".csv":
            marked = of_hledger(path)
            # hledger keeps the brackets that bring a name with marks whole through an import.
            plain = {(re.sub(r"^\[([(\[].*[)\]])\]$", r"\1", account), commodity): amount
                     for (account, commodity), amount in marked.items()}
            equal(f"{file} read by hledger", plain, sums)
            told = described_in_rows(path)
        else:
            found, told = of_beancount(path)
            equal(f"{file} read by Beancount", found, sums)
        if described is not None:
            equal(f"{file}: days and descriptions", told, described)
        with tempfile.TemporaryDirectory() as empty, Server(pacioli, empty) as again:
            again.run("import", str(path))
            equal(f"{file} imported again", of_trial_balance(again.trial_balance()), sums)
            if reference is not None and again.trial_balance() != trial_balance:
                raise SystemExit(f"{file}: imported again, the trial balance differs")
    lines = server.run("export", "--format", "jsonl").splitlines()
    kinds = collections.Counter(re.match(r'\{"type":"(\w+)"', line).group(1) for line in lines)
    print(f"{name}: equal in hledger, Beancount and imported again; {dict(kinds)}")


def awkward(server):
    """Books that no other tool would have kept so: names, codes, reservations, reversals."""
    for code, scale in AWKWARD:
        server.run("ledger", "register", code, "--scale", str(scale))
    accounts = 0
    for code, _ in AWKWARD:
        for name in NAMES:
            accounts += 1
            server.run("account", "create", "--id", str(accounts), "--ledger", code, "--name", name)
        first = accounts - len(NAMES) + 1
        for at in range(len(NAMES)):
            debit, credit = first + at, first + (at + 1) % len(NAMES)
            move = ["--debit", str(debit), "--credit", str(credit), "--amount", str(at * 7 + 3)]
            server.run("transfer", "create", *move, "--ref", f'{code} "{at}" \\ | x; y')
        hold = ["--debit", str(first), "--credit", str(first + 1), "--amount", "90"]
        server.run("transfer", "pending", *hold, "--ref", f"held {code}")
        server.run("transfer", "pending", *hold, "--ref", f"taken {code}")
        server.run("transfer", "post", f"ref:taken {code}", "--amount", "50")
        server.run("transfer", "reverse", f'ref:{code} "3" \\ | x; y', "--amount", "1")


def main():
    pacioli, books = str(pathlib.Path(sys.argv[1]).absolute()), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        with Server(pacioli, str(scratch / "awkward")) as server:
            awkward(server)
            check(pacioli, scratch, server, "awkward", None, None)
        sets = 0
        for expected in sorted(books.glob("*.balances.csv")):
            name = expected.name.removesuffix(".balances.csv")
            with open(expected, encoding="utf-8", newline="") as file:
                reference = balances(list(csv.reader(file))[1:])
            source = books / f"{name}.postings.csv"
            if source.exists():
                described = described_in_rows(source)
            else:
                source = books / f"{name}.beancount"
                described = described_in_beancount(source)
            with Server(pacioli, str(scratch / name)) as server:
                server.run("import", str(source))
                check(pacioli, scratch, server, name, reference, described)
            sets += 1
        print(f"{sets} sets of real books, and awkward ones")


main()
