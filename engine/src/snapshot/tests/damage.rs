use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use ledger_core::{Event, Sequence, State};

use crate::journal::{
    Beginning, JournalOptions, Origin, Preparation, RecoveryError, Replay, RequestContext, names,
    open,
};
use crate::snapshot::derive::{IN_MEMORY_MAX, Order, derive};
use crate::snapshot::fixture::{Making, dir, replayed, sealed, write};
use crate::snapshot::pace::Pace;
use crate::snapshot::{Snapshot, SnapshotDamage, SnapshotError, load_newest, verify};
use crate::vfs::{MemoryVfs, Vfs};

const SEGMENT_BYTES: u64 = 16 << 10;

/// Replays what no snapshot stands for.
struct Replaying {
    state: State,
    begun_at: Sequence,
}

impl Replay for Replaying {
    fn begin(&mut self, beginning: &Beginning<'_>) -> Result<Option<Origin>, RecoveryError> {
        let loaded = load_newest(beginning, 3)?;
        Ok(loaded.map(|(state, origin)| {
            self.state = state;
            self.begun_at = origin.sequence;
            origin
        }))
    }

    fn event(
        &mut self,
        event: &Event,
        _: &RequestContext<'_>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.state.replay(event).map_err(Into::into)
    }
}

/// Where the replay began, and the digest of what came of it.
pub(super) fn recover(vfs: &MemoryVfs) -> Result<(Sequence, [u8; 32]), RecoveryError> {
    let mut replaying = Replaying {
        state: State::new(3),
        begun_at: Sequence::ZERO,
    };
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let options = JournalOptions {
        segment_bytes: SEGMENT_BYTES,
        preparation: Preparation::Inline,
    };
    let opened = open(shared, dir(), options, &mut replaying)?;
    assert_eq!(opened.recovered.sequence, replaying.state.sequence());
    let everything = Sequence::new(1)..=opened.recovered.sequence;
    let visited = opened
        .reader
        .visit(*everything.start(), *everything.end(), |_| {
            std::ops::ControlFlow::Continue(())
        });
    assert!(
        visited.is_ok(),
        "what is passed over can be read all the same"
    );
    Ok((replaying.begun_at, replaying.state.digest()))
}

pub(super) fn derive_at(vfs: &MemoryVfs, base: Option<&PathBuf>, through: u64) -> PathBuf {
    let meta = crate::journal::meta::Meta::load(vfs, &names::meta(dir()));
    let base = base.map(|path| Snapshot::open(vfs, path).unwrap());
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let order = Order {
        vfs: &shared,
        dir: dir(),
        database: meta.unwrap().unwrap().database,
        base: base.as_ref(),
        through,
        names: ["before_the_audit".into()].into(),
        in_memory_max: IN_MEMORY_MAX,
    };
    derive(&order, &Pace::UNBOUNDED).unwrap()
}

/// A journal of a few sealed segments with two snapshots, and what it comes to.
struct Database {
    vfs: MemoryVfs,
    older: PathBuf,
    newer: PathBuf,
    newer_end: Sequence,
    older_end: Sequence,
    digest: [u8; 32],
}

fn database(seed: u64) -> Database {
    let mut making = Making::new(seed);
    making.make(500);
    let vfs = MemoryVfs::new(seed);
    write(&vfs, making.events(), SEGMENT_BYTES, 9);
    let segments = sealed(&vfs);
    assert!(segments.len() >= 4, "{segments:?}");
    let (older_at, older_end) = segments[1];
    let (newer_at, newer_end) = segments[segments.len() - 2];
    let older = derive_at(&vfs, None, older_at);
    let newer = derive_at(&vfs, Some(&older), newer_at);
    let end = Sequence::new(making.events().len() as u64);
    Database {
        vfs,
        older,
        newer,
        newer_end,
        older_end,
        digest: replayed(making.events(), end).digest(),
    }
}

#[test]
fn recovery_begins_with_the_newest_snapshot() {
    let database = database(5);
    let recovered = recover(&database.vfs).unwrap();
    assert_eq!(recovered, (database.newer_end, database.digest));
    // And again, behind what the first recovery sealed.
    let recovered = recover(&database.vfs).unwrap();
    assert_eq!(recovered, (database.newer_end, database.digest));
}

/// Every byte of a snapshot counts.
#[test]
fn every_flipped_byte_is_noticed() {
    let database = database(6);
    let bytes = database.vfs.contents(&database.newer).unwrap().len() as u64;
    for byte in 0..bytes {
        let bit = byte * 8 + byte % 8;
        database.vfs.flip(&database.newer, bit);
        let verified = verify(&database.vfs, &database.newer);
        assert!(verified.is_err(), "byte {byte} of {bytes}");
        database.vfs.flip(&database.newer, bit);
    }
    verify(&database.vfs, &database.newer).unwrap();
}

#[test]
fn every_shorter_file_is_noticed() {
    let database = database(6);
    let whole = database.vfs.contents(&database.newer).unwrap();
    for length in (0..whole.len()).step_by(97) {
        database.vfs.put(&database.newer, whole[..length].to_vec());
        assert!(verify(&database.vfs, &database.newer).is_err(), "{length}");
    }
}

/// Row 19: the newest snapshot is damaged, anywhere.
#[test]
fn a_damaged_snapshot_is_passed_over() {
    let database = database(7);
    let bytes = database.vfs.contents(&database.newer).unwrap().len() as u64;
    let spots = (0..bytes)
        .step_by(211)
        .chain([0, 4, 33, bytes - 1, bytes - 60]);
    for byte in spots {
        let vfs = database.vfs.after_kill();
        vfs.flip(&database.newer, byte * 8 + 1);
        let recovered = recover(&vfs).unwrap();
        assert_eq!(recovered, (database.older_end, database.digest), "{byte}");
    }
    let vfs = database.vfs.after_kill();
    vfs.fail_reads(&database.newer);
    let recovered = recover(&vfs).unwrap();
    assert_eq!(recovered, (database.older_end, database.digest));
}

/// Row 20: all snapshots are damaged.
#[test]
fn without_a_snapshot_everything_is_replayed() {
    let database = database(8);
    for path in [&database.older, &database.newer] {
        database.vfs.flip(path, 8 * 120);
    }
    let recovered = recover(&database.vfs).unwrap();
    assert_eq!(recovered, (Sequence::ZERO, database.digest));

    let first = names::sealed(dir(), 1);
    let segment = database.vfs.contents(&first).unwrap();
    database.vfs.take_away(&first);
    let refused = recover(&database.vfs).unwrap_err();
    assert!(
        matches!(refused, RecoveryError::SegmentMissing { segment: 1, .. }),
        "{refused}"
    );
    database.vfs.put(&first, segment);
    recover(&database.vfs).unwrap();
}

/// Row 21: a snapshot reaches beyond the journal's end.
#[test]
fn a_snapshot_ahead_of_the_journal_is_refused() {
    let mut making = Making::new(9);
    making.make(250);
    let vfs = MemoryVfs::new(9);
    write(&vfs, making.events(), SEGMENT_BYTES, 9);
    let short = vfs.after_kill();
    let written = making.events().len();
    making.make(500);
    write(&vfs, &making.events()[written..], SEGMENT_BYTES, 9);
    let (last, end) = *sealed(&vfs).last().unwrap();
    let path = derive_at(&vfs, None, last);

    let bytes = vfs.contents(&path).unwrap();
    short.put(&path, bytes.clone());
    let refused = recover(&short).unwrap_err();
    let RecoveryError::SnapshotAhead { file, sequence, .. } = &refused else {
        panic!("{refused}");
    };
    assert_eq!((file, *sequence), (&path, end));
    assert!(refused.to_string().contains("pacioli verify"), "{refused}");

    // Its name alone says so, too.
    short.put(&path, bytes[..bytes.len() / 2].to_vec());
    let refused = recover(&short).unwrap_err();
    assert!(
        matches!(refused, RecoveryError::SnapshotAhead { .. }),
        "{refused}"
    );
}

#[test]
fn a_snapshot_of_another_journal_is_refused() {
    let database = database(10);
    let other = self::database(11);
    let bytes = other.vfs.contents(&other.newer).unwrap();
    database.vfs.put(&other.newer, bytes);
    let refused = recover(&database.vfs).unwrap_err();
    assert!(
        matches!(
            refused,
            RecoveryError::SnapshotForeign { .. } | RecoveryError::SnapshotAhead { .. }
        ),
        "{refused}"
    );
}

/// A snapshot under the name of another event is not believed.
#[test]
fn a_renamed_snapshot_is_passed_over() {
    let database = database(12);
    let bytes = database.vfs.contents(&database.newer).unwrap();
    let wrong = Sequence::new(database.newer_end.get() + 1);
    database.vfs.take_away(&database.newer);
    database.vfs.put(&names::snapshot(dir(), wrong), bytes);
    let recovered = recover(&database.vfs).unwrap();
    assert_eq!(recovered, (database.older_end, database.digest));
}

/// Row 22: what a newer version wrote is not damage.
#[test]
fn another_version_is_refused_with_the_versions() {
    let database = database(13);
    let mut bytes = database.vfs.contents(&database.newer).unwrap();
    bytes[4] = 2;
    let crc = crc32fast::hash(&bytes[..32]);
    bytes[32..36].copy_from_slice(&crc.to_le_bytes());
    database.vfs.put(&database.newer, bytes);
    let error = verify(&database.vfs, &database.newer).unwrap_err();
    let expected = SnapshotDamage::UnknownVersion {
        found: 2,
        supported: 1,
    };
    assert!(
        matches!(error, SnapshotError::Damaged { source, .. } if source == expected),
        "{error}"
    );
    let refused = recover(&database.vfs).unwrap_err().to_string();
    assert!(
        refused.contains("version 2") && refused.contains("version 1"),
        "{refused}"
    );
}

/// Row 14: what was half made is removed.
#[test]
fn half_made_files_are_removed() {
    let database = database(14);
    let next = Sequence::new(database.newer_end.get() + 7);
    for path in [
        names::deriving(dir(), next),
        names::sorting(dir(), next, 1),
        names::sorting(dir(), next, 12),
    ] {
        database.vfs.put(&path, Vec::new());
    }
    let recovered = recover(&database.vfs).unwrap();
    assert_eq!(recovered, (database.newer_end, database.digest));
    for path in database.vfs.paths() {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_ne!(names::read(name), names::Name::Temporary, "{name}");
    }
}
