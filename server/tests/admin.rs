//! What operators ask: snapshots, backups and verifications, while the server goes on.

mod running;

use std::{fs, path::Path, sync::Arc};

use ledger_core::Sequence;
use ledger_engine::{
    Config,
    backup::{self, BackupDirectory, BackupPlan},
    vfs::{OsVfs, Vfs},
};
use ledger_proto::{
    BackupBegin, BackupFile, BackupPart, FieldPath, Reason, Receipt, Severity, Snapshot,
    VerifyPart, VerifySummary, v1,
};
use ledger_server::Limits;
use running::*;
use tonic::{Code, Status};

/// Segments so small that a few transfers fill several.
fn small_segments() -> Config {
    Config {
        segment_bytes: 256 << 10,
        frame_bytes_max: 64 << 10,
        ..config()
    }
}

async fn move_value(ledger: &mut Ledger, ids: std::ops::RangeInclusive<u128>) {
    for id in ids {
        let transfers = (0..100)
            .map(|it| transfer(id * 1000 + it, 1, 2, 1))
            .collect();
        let moved = ledger.create_transfers(batch(transfers)).await;
        moved.expect("answered");
    }
}

fn snapshot(wire: v1::Snapshot) -> Snapshot {
    wire.read(FieldPath::of("snapshot")).expect("well-formed")
}

async fn take(admin: &mut Admin, name: &str) -> Result<Snapshot, Status> {
    let request = v1::CreateSnapshotRequest { name: name.into() };
    let answer = admin.create_snapshot(request).await?.into_inner();
    Ok(snapshot(answer.snapshot.expect("a snapshot")))
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_are_taken_on_demand_and_the_named_are_kept() {
    let running = Running::start_with(Limits::default(), small_segments()).await;
    let (mut ledger, mut admin) = (running.ledger().await, running.admin().await);
    let error = take(&mut admin, "").await.expect_err("nothing is there");
    assert_refused(&error, Code::FailedPrecondition, Reason::JournalEmpty);

    create_accounts(&mut ledger, 2).await;
    move_value(&mut ledger, 1..=3).await;
    let named = take(&mut admin, "year-end.2026").await.expect("taken");
    assert_eq!(named.names, ["year-end.2026".into()]);
    assert!(named.sequence >= Sequence::new(302), "{named:?}");
    assert_eq!((named.accounts, named.transfers), (2, 300));
    // At the same place it is the same.
    let again = take(&mut admin, "year-end.2026").await.expect("taken");
    assert_eq!(again.digest, named.digest);

    move_value(&mut ledger, 4..=4).await;
    let error = take(&mut admin, "year-end.2026").await.expect_err("taken");
    assert_refused(&error, Code::AlreadyExists, Reason::NameTaken);
    for name in ["a/b", &"x".repeat(65), "é"] {
        let error = take(&mut admin, name).await.expect_err("no name");
        assert_invalid(&error, "name");
    }
    for id in 5..=8 {
        move_value(&mut ledger, id..=id).await;
        take(&mut admin, "").await.expect("taken");
    }
    let request = v1::ListSnapshotsRequest {};
    let listed = admin.list_snapshots(request).await.expect("answered");
    let listed = listed.into_inner();
    Receipt::read(listed.receipt).expect("a receipt");
    let listed: Vec<_> = listed.snapshots.into_iter().map(snapshot).collect();
    assert!(listed.is_sorted_by_key(|snapshot| snapshot.sequence));
    assert!(listed.contains(&again), "a named one is kept: {listed:?}");
    assert!(listed.len() < 6, "others make way: {listed:?}");

    let status = admin.get_status(v1::GetStatusRequest {}).await;
    let status = status.expect("answered").into_inner();
    let snapshots = status.snapshots.expect("told");
    let newest = listed.last().expect("some");
    assert_eq!(snapshots.snapshots, listed.len() as u64);
    assert_eq!(snapshots.newest_sequence, newest.sequence.get());
    let bytes: u64 = listed.iter().map(|snapshot| snapshot.bytes).sum();
    assert_eq!(snapshots.bytes, bytes);
    let [epoch] = &status.lineage[..] else {
        panic!("it was never restored: {:?}", status.lineage)
    };
    assert_eq!(epoch.epoch, status.receipt.expect("a receipt").epoch);
    running.stop().await;
}

/// Receives a backup into a directory, at most so many of its files.
async fn receive(
    admin: &mut Admin,
    dir: &Path,
    files_max: usize,
) -> Result<(BackupBegin, usize), Status> {
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let mut directory = BackupDirectory::open(&vfs, dir, &mut |_| {}).expect("a directory");
    let held = directory.held().into_iter().map(|file| {
        (&BackupFile {
            name: file.name.into(),
            bytes: file.bytes,
            identity: file.identity,
        })
            .into()
    });
    let request = v1::BackupRequest {
        held: held.collect(),
    };
    let mut stream = admin.backup(request).await?.into_inner();
    let (mut begin, mut wanted, mut sent) = (None, Vec::new(), 0);
    while let Some(message) = stream.message().await? {
        assert!(prost::Message::encoded_len(&message) < 3_670_016);
        match message.read().expect("well-formed") {
            BackupPart::Begin(told) => begin = Some(told),
            BackupPart::Files(files) => {
                let begin = begin.expect("it was told");
                assert_eq!(begin.files, files.len() as u64, "one message suffices here");
                let plan = BackupPlan {
                    database: begin.database_id,
                    epoch: begin.receipt.epoch,
                    segments: begin.segments,
                    sequence: begin.receipt.sequence,
                    time: begin.receipt.time,
                    frame_hash: begin.receipt.frame_hash,
                    files: files
                        .into_iter()
                        .map(|file| backup::BackupFile {
                            name: file.name.into(),
                            bytes: file.bytes,
                            identity: file.identity,
                        })
                        .collect(),
                };
                wanted = directory.begin(plan).expect("the same database");
            }
            BackupPart::FileBegin { index } => {
                if sent == files_max {
                    return Ok((begin.expect("it was told"), sent));
                }
                assert_eq!(wanted[sent] as u64, index, "what is held is not sent");
                directory.begin_file(wanted[sent]).expect("a file");
            }
            BackupPart::Chunk { content, .. } => directory.write(&content).expect("written"),
            BackupPart::FileEnd { hash } => {
                directory.end_file(hash).expect("it arrived as it was sent");
                sent += 1;
            }
            BackupPart::End => {
                assert_eq!(sent, wanted.len());
                directory.finish().expect("it is whole");
                return Ok((begin.expect("it was told"), sent));
            }
        }
    }
    panic!("the stream ended without an end")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_received_in_parts_and_only_what_is_new_is_sent_again() {
    let running = Running::start_with(Limits::default(), small_segments()).await;
    let (mut ledger, mut admin) = (running.ledger().await, running.admin().await);
    create_accounts(&mut ledger, 2).await;
    for id in 1..=3 {
        move_value(&mut ledger, id..=id).await;
        take(&mut admin, "").await.expect("taken");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("backup");

    // Cut off after a file, and taken up again.
    let (first, sent) = receive(&mut admin, &dir, 1).await.expect("a stream");
    assert_eq!((sent, first.bytes_to_send), (1, first.bytes));
    assert!(first.files > 2, "{first:?}");
    let (second, sent) = receive(&mut admin, &dir, usize::MAX).await.expect("whole");
    assert_eq!(sent as u64, second.files - 1);
    assert!(second.bytes_to_send < second.bytes);
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let manifest = backup::verify(&vfs, &dir, &mut |_| {}).expect("it verifies");
    assert_eq!(manifest.sequence, second.receipt.sequence);
    assert!(second.receipt.sequence >= Sequence::new(302));

    // More is written while the next one is taken; nothing old is sent again.
    move_value(&mut ledger, 4..=5).await;
    let (third, sent) = receive(&mut admin, &dir, usize::MAX).await.expect("whole");
    assert!(sent >= 1 && (sent as u64) < third.files);
    assert!(third.receipt.sequence > second.receipt.sequence);
    backup::verify(&vfs, &dir, &mut |_| {}).expect("it verifies");
    running.stop().await;
}

async fn verify(admin: &mut Admin) -> (Vec<VerifyPart>, VerifySummary) {
    let request = v1::VerifyRequest { first_segment: 0 };
    let stream = admin.verify(request).await.expect("a stream");
    let mut stream = stream.into_inner();
    let mut findings = Vec::new();
    let mut summary = None;
    while let Some(message) = stream.message().await.expect("a message") {
        assert_eq!(summary, None, "nothing follows the summary");
        match message.read().expect("well-formed") {
            VerifyPart::Progress(progress) => assert!(progress.bytes <= progress.bytes_total),
            VerifyPart::Summary(told) => summary = Some(told),
            finding => findings.push(finding),
        }
    }
    (findings, summary.expect("the last message"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_in_a_finished_file_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let config = Config {
        data_dir: data.clone(),
        ..small_segments()
    };
    let open = move || ledger_engine::Engine::open(config);
    let running = Running::open(Limits::default(), open).await;
    running.until_started().await;
    let (mut ledger, mut admin) = (running.ledger().await, running.admin().await);
    create_accounts(&mut ledger, 2).await;
    for id in 1..=3 {
        move_value(&mut ledger, id..=id).await;
        take(&mut admin, "").await.expect("taken");
    }
    let (findings, sound) = verify(&mut admin).await;
    assert_eq!(findings, []);
    assert_eq!((sound.errors, sound.segments, sound.snapshots), (0, 3, 2));
    assert!(sound.events >= 302 && sound.receipt.sequence >= Sequence::new(302));

    let mut files: Vec<_> = fs::read_dir(&data)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            name.ends_with(".sealed") || name.ends_with(".snapshot")
        })
        .collect();
    files.sort();
    assert_eq!(files.len(), 5, "{files:?}");
    for file in files {
        let whole = fs::read(&file).expect("a file");
        for place in [0, 100, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[place] ^= 0x10;
            fs::write(&file, &changed).expect("written");
            let (findings, summary) = verify(&mut admin).await;
            let names_file = findings.iter().any(|part| {
                matches!(part, VerifyPart::Finding(finding)
                    if *finding.file == *file.to_string_lossy()
                        && finding.severity == Severity::Error)
            });
            assert!(
                names_file,
                "byte {place} of {}: {findings:?}",
                file.display()
            );
            assert!(summary.errors > 0);
        }
        fs::write(&file, &whole).expect("written");
    }
    assert_eq!(verify(&mut admin).await.0, []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_long_is_limited_in_number() {
    let limits = Limits {
        snapshots_max: 0,
        backups_max: 0,
        verifications_max: 0,
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let mut admin = running.admin().await;
    let refused = [
        take(&mut admin, "").await.expect_err("none is allowed"),
        admin
            .backup(v1::BackupRequest::default())
            .await
            .expect_err("none is allowed"),
        admin
            .verify(v1::VerifyRequest::default())
            .await
            .expect_err("none is allowed"),
    ];
    for (error, name) in refused
        .iter()
        .zip(["snapshots_max", "backups_max", "verifications_max"])
    {
        let explanation = assert_refused(error, Code::ResourceExhausted, Reason::Limit);
        assert_eq!(explanation.limit.as_deref(), Some(name));
        assert!(explanation.retry_after.is_some(), "they end");
    }
    let held = v1::BackupRequest {
        held: vec![v1::BackupFile::default()],
    };
    let error = admin.backup(held).await.expect_err("malformed");
    assert_invalid(&error, "held[0].identity");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_nobody_takes_does_not_keep_the_server_from_ending() {
    let mut running = Running::start_with(Limits::default(), small_segments()).await;
    let (mut ledger, mut admin) = (running.ledger().await, running.admin().await);
    create_accounts(&mut ledger, 2).await;
    move_value(&mut ledger, 1..=2).await;
    let stream = admin.backup(v1::BackupRequest::default()).await;
    let mut stream = stream.expect("a stream").into_inner();
    stream.message().await.expect("a message");
    running.begin_stop();
    // Whatever had been made by then still comes; then the stream ends, in whatever way.
    while let Ok(Some(_)) = stream.message().await {}
    drop((stream, admin, ledger));
    running.ended().await.expect("ended cleanly");
}
