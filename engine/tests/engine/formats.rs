//! Files that were written when their formats were new: journal, segments, runs and snapshots of
//! every version must be readable for ever.
//!
//! What is in `tests/fixtures` is never changed. A new version of a format gets a directory of its
//! own beside the others, made by `make_the_files_of_the_present_formats`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ledger_core::{
    AccountUpdate, Amount, GroupId, LedgerId, NewLedger, Timestamp, Transfer, TransferFlags,
    TransferId, TransferStatus, UpdateId,
};
use ledger_engine::verify::{Finding, Report, verify};
use ledger_engine::vfs::{OsVfs, Vfs};
use ledger_engine::{Command, Config, SimulatedClock, TransferFilter};
use tempfile::TempDir;

use crate::teller::{
    Teller, config, eventually, hold, named_account, post, transfer, transfer_between,
};

/// The last second of the year 2025: when the fixture's clock stood still for the first time.
const THEN: Timestamp = Timestamp::new(1_767_225_599_000_000_000);
/// Ordinary transfers in it: 1000 to this less one.
const LAST: u128 = 1_160;

fn small(dir: &Path) -> Config {
    Config {
        data_dir: dir.to_owned(),
        segment_bytes: 64 << 10,
        ..config()
    }
}

fn open(dir: &Path, clock: &Arc<SimulatedClock>) -> Teller {
    Teller::try_open_on(small(dir), Arc::new(OsVfs), clock).expect("the files open")
}

/// Every kind of event, and enough of them for several segments and a merged run.
fn fill(teller: &Teller, clock: &Arc<SimulatedClock>) {
    teller
        .ask(Command::RegisterLedgers(vec![NewLedger {
            id: LedgerId::new(1),
            code: "EUR".into(),
            scale: 2,
        }]))
        .expect("an answer");
    teller.create_accounts(vec![
        named_account(1, "Assets:Bank"),
        named_account(2, "Assets:Till"),
        named_account(3, "Expenses:Fees"),
    ]);
    let update = AccountUpdate {
        update_id: UpdateId::new(77),
        id: named_account(3, "").id,
        overdraft_limit: Some(Amount::new(5)),
        name: Some("Expenses:Bank charges".into()),
        ..AccountUpdate::default()
    };
    teller
        .ask(Command::UpdateAccounts(vec![update]))
        .expect("an answer");
    for id in 1_000..LAST {
        let status = teller.status_of(transfer(id, id));
        assert_eq!(status, TransferStatus::Created);
        if id == 1_100 {
            teller
                .engine
                .create_snapshot(Some("year-end"))
                .expect("a snapshot");
        }
    }
    let leg = Transfer {
        group_id: GroupId::new(9),
        reference: "order 4711".into(),
        user_data_128: 5,
        user_data_64: 6,
        user_data_32: 7,
        ..hold(1, 100, 0)
    };
    let void = Transfer {
        flags: TransferFlags::VOID_PENDING_TRANSFER,
        amount: Amount::ZERO,
        ..post(5, 4)
    };
    let fence = Transfer {
        flags: TransferFlags::VOID_PENDING_TRANSFER.with(TransferFlags::FENCE),
        amount: Amount::ZERO,
        ledger: LedgerId::new(1),
        code: 1,
        ..post(7, 6)
    };
    let reversal = Transfer {
        amount: Amount::new(10),
        reverses_id: TransferId::new(1_000),
        code: 2,
        ..Transfer {
            id: TransferId::new(8),
            ..Transfer::default()
        }
    };
    for transfer in [
        leg,
        post(2, 1),
        hold(3, 50, 1),
        hold(4, 60, 0),
        void,
        fence,
        reversal,
        hold(9, 1_000, 0),
    ] {
        let answer = teller.create_transfer(transfer.clone());
        assert!(
            answer.status.is_success(),
            "{} of {transfer:?}",
            answer.status
        );
    }
    // Refused for want of an account, which uses the id up.
    let refused = teller.create_transfers(vec![transfer_between(10, 1, 99, 5)]);
    assert_eq!(
        refused.answers[0].status,
        TransferStatus::CreditAccountNotFound
    );
    clock.advance(Duration::from_secs(50));
    eventually("the hold expires", || {
        teller.engine.status().open_holds == 1
    });
}

/// The CRC-32 of each fixture, over the names and contents of its files in the order of the names. A
/// new fixture adds a line; no line is ever changed.
const CHECKSUMS: &[(&str, u32)] = &[("format-1", 0x0f80_7434)];

fn checksum(version: &Path) -> u32 {
    let files = fs::read_dir(version).expect("it can be listed");
    let mut files: Vec<PathBuf> = files
        .map(|file| file.expect("it can be listed").path())
        .collect();
    files.sort();
    let mut hasher = crc32fast::Hasher::new();
    for file in files {
        let name = file.file_name().expect("a name");
        hasher.update(name.as_encoded_bytes());
        hasher.update(&fs::read(&file).expect("it can be read"));
    }
    hasher.finalize()
}

#[test]
fn no_fixture_was_changed() {
    let mut found = Vec::new();
    for version in fs::read_dir(fixtures()).expect("there are fixtures") {
        let version = version.expect("it can be listed");
        let name = version.file_name().into_string().expect("a name");
        found.push((name, checksum(&version.path())));
    }
    found.sort();
    let known = CHECKSUMS.iter().map(|&(name, sum)| (name.to_owned(), sum));
    assert_eq!(found, known.collect::<Vec<_>>());
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// What the present formats are kept as, once and for all.
#[test]
#[ignore = "writes a new fixture: run it once for each new version of a format, and name its directory"]
fn make_the_files_of_the_present_formats() {
    let name = std::env::var("PACIOLI_FIXTURE").expect("PACIOLI_FIXTURE is the directory's name");
    let dir = fixtures().join(name);
    assert!(!dir.exists(), "a fixture is never changed");
    let clock = Arc::new(SimulatedClock::new(THEN));
    let teller = open(&dir, &clock);
    fill(&teller, &clock);
    eventually("runs are merged", || {
        let status = teller.engine.status();
        status.segments_unsealed <= 2 && status.runs < status.segments_sealed
    });
    teller.engine.shutdown();
    drop(teller);
    fs::remove_file(dir.join("pacioli.lock")).expect("it is there");
}

#[derive(Default)]
struct Findings(Vec<String>);

impl Report for Findings {
    fn finding(&mut self, finding: Finding) {
        self.0.push(finding.to_string());
    }
}

#[test]
fn files_of_every_version_are_readable() {
    let mut versions = 0;
    for version in fs::read_dir(fixtures()).expect("there are fixtures") {
        let version = version.expect("it can be listed").path();
        versions += 1;
        let temporary = TempDir::new().expect("a directory");
        let dir = temporary.path().join("data");
        fs::create_dir(&dir).expect("a directory");
        let mut kinds = [("active", 0), ("sealed", 0), ("run", 0), ("snapshot", 0)];
        for file in fs::read_dir(&version).expect("it can be listed") {
            let file = file.expect("it can be listed").path();
            fs::copy(&file, dir.join(file.file_name().expect("a name"))).expect("a copy");
            for (kind, count) in &mut kinds {
                *count += u32::from(file.extension().is_some_and(|ending| ending == *kind));
            }
        }
        let shown = version.display();
        for (kind, count) in kinds {
            assert!(count > 0, "{shown} has no file of the kind {kind}");
        }
        check(&dir, &shown.to_string());
    }
    assert!(versions > 0, "there is a version");
}

fn check(dir: &Path, version: &str) {
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let mut findings = Findings::default();
    let summary = verify(&vfs, dir, &mut findings).expect("it can be verified");
    assert!(findings.0.is_empty(), "{version}: {:?}", findings.0);
    assert!(summary.runs > 0 && summary.snapshots > 0, "{version}");

    let clock = Arc::new(SimulatedClock::new(Timestamp::new(
        THEN.get() + 60_000_000_000,
    )));
    let teller = open(dir, &clock);
    let status = teller.engine.status();
    assert!(
        status.degraded.is_empty(),
        "{version}: {:?}",
        status.degraded
    );
    assert_eq!(status.open_holds, 1);
    let snapshots = teller.engine.snapshots();
    assert_eq!(&*snapshots[0].names[0], "year-end");

    for id in 1_000..LAST {
        let answer = teller.create_transfer(transfer(id, id));
        assert_eq!(answer.status, TransferStatus::Exists, "{version}: {id}");
        assert!(answer.timestamp >= THEN, "{version}: {id}");
    }
    let used_up = teller.create_transfer(transfer_between(10, 1, 2, 5));
    assert_eq!(used_up.status, TransferStatus::IdAlreadyFailed);
    let fenced = teller.status_of(hold(6, 5, 0));
    assert_eq!(fenced, TransferStatus::PendingTransferAlreadyVoided);

    // 1000 + … + 1159, of which 10 went back, and the group's leg.
    let moved = (1_000..LAST).sum::<u128>() + 100;
    let till = teller.totals(2);
    assert_eq!(till.credits_posted.get(), moved, "{version}");
    assert_eq!(till.debits_posted.get(), 10, "{version}");
    assert_eq!(till.credits_pending.get(), 1_000, "{version}");

    let filter = TransferFilter {
        references: vec!["order 4711".into()],
        ..TransferFilter::default()
    };
    let page = teller.engine.list_transfers(&filter, &Default::default());
    let found = page.expect("a page").transfers;
    assert_eq!(found.len(), 2, "{version}: the reservation and its post");
    teller.engine.shutdown();
}
