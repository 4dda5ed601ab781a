//! Which files are there, and which are not.

use std::path::PathBuf;

use crate::journal::fixture::{append, append_empty, dir, open_judged, read_all};
use crate::journal::recovery::{Damage, RecoveryError};
use crate::journal::{Fit, FrameKind, names};
use crate::vfs::MemoryVfs;
use crate::vfs::Vfs as _;

const SEGMENT_BYTES: u64 = 8 << 10;

/// `segments` sealed segments of two frames each, an active one with a frame, and one that stands
/// ready behind it.
fn database(seed: u64, segments: u64) -> MemoryVfs {
    let vfs = MemoryVfs::new(seed);
    for _ in 0..segments {
        let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
        append(&mut opened.log, 3).unwrap();
        append(&mut opened.log, 2).unwrap();
    }
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 4).unwrap();
    assert_eq!(opened.log.space().fits(&[SEGMENT_BYTES]), Fit::Fits);
    drop(opened);
    vfs
}

fn refused(vfs: &MemoryVfs) -> RecoveryError {
    open_judged(vfs, SEGMENT_BYTES).expect_err("this must be refused")
}

#[test]
fn a_new_directory_becomes_a_database() {
    let vfs = MemoryVfs::new(1);
    let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    assert!(opened.recovered.created && opened.recovered.clean_end);
    let database = opened.recovered.database;
    assert_ne!(database, opened.recovered.epoch);
    drop(opened);
    let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    assert!(!opened.recovered.created && opened.recovered.clean_end);
    assert_eq!(opened.recovered.database, database);
}

#[test]
fn only_an_end_is_a_clean_end() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 1).unwrap();
    append_empty(&mut opened.log, FrameKind::Mark).unwrap();
    drop(opened);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    assert!(!opened.recovered.clean_end);
    append_empty(&mut opened.log, FrameKind::End).unwrap();
    drop(opened);
    assert!(
        open_judged(&vfs, SEGMENT_BYTES)
            .unwrap()
            .recovered
            .clean_end
    );
}

#[test]
fn a_directory_with_something_else_in_it_is_left_alone() {
    let vfs = MemoryVfs::new(1);
    vfs.create_dir(dir()).unwrap();
    vfs.put(&dir().join("thesis.txt"), b"mine".to_vec());
    let error = refused(&vfs);
    assert!(matches!(&error, RecoveryError::NotEmpty { file, .. } if file == "thesis.txt"));
    assert_eq!(vfs.paths(), [dir().join("thesis.txt")]);
}

#[test]
fn a_journal_without_its_meta_file_is_not_initialised_over() {
    let vfs = database(1, 1);
    vfs.take_away(&names::meta(dir()));
    assert!(matches!(refused(&vfs), RecoveryError::MetaMissing { .. }));
}

#[test]
fn every_missing_segment_is_noticed() {
    for missing in 1..=5 {
        let vfs = database(1, 3);
        let path = if missing <= 3 {
            names::sealed(dir(), missing)
        } else {
            names::active(dir(), missing)
        };
        assert!(vfs.contents(&path).is_some(), "{}", path.display());
        vfs.take_away(&path);
        match refused(&vfs) {
            RecoveryError::SegmentMissing { segment, .. } => assert_eq!(segment, missing),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn swapped_and_foreign_segments_are_refused() {
    let swap = |vfs: &MemoryVfs, a: PathBuf, b: PathBuf| {
        let (of_a, of_b) = (vfs.contents(&a).unwrap(), vfs.contents(&b).unwrap());
        vfs.put(&a, of_b);
        vfs.put(&b, of_a);
    };
    let vfs = database(1, 3);
    swap(&vfs, names::sealed(dir(), 1), names::sealed(dir(), 2));
    assert!(matches!(refused(&vfs), RecoveryError::Damaged { .. }));

    let vfs = database(1, 3);
    let copy = vfs.contents(&names::sealed(dir(), 2)).unwrap();
    vfs.put(&names::sealed(dir(), 3), copy);
    assert!(matches!(refused(&vfs), RecoveryError::Damaged { .. }));

    for number in 1..=4 {
        let vfs = database(1, 3);
        let other = database(2, 3);
        let path = if number <= 3 {
            names::sealed(dir(), number)
        } else {
            names::active(dir(), number)
        };
        vfs.put(&path, other.contents(&path).unwrap());
        let error = refused(&vfs);
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("belongs to database"), "{source}");
    }
}

#[test]
fn an_older_copy_of_the_last_segment_is_refused() {
    let vfs = database(1, 1);
    let path = names::active(dir(), 2);
    let older = vfs.contents(&path).unwrap();
    // The next process seals it and goes on; then the old file comes back in its place.
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 1).unwrap();
    drop(opened);
    vfs.put(&names::active(dir(), 3), older);
    assert!(matches!(refused(&vfs), RecoveryError::Damaged { .. }));
}

/// A crash between sealing and removing leaves both.
fn with_both() -> MemoryVfs {
    let vfs = database(1, 1);
    let path = names::active(dir(), 2);
    let active = vfs.contents(&path).unwrap();
    drop(open_judged(&vfs, SEGMENT_BYTES).unwrap());
    vfs.put(&path, active);
    vfs
}

#[test]
fn of_sealed_and_active_the_sealed_one_is_kept() {
    let vfs = with_both();
    let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    assert_eq!(opened.recovered.sequence.get(), 9);
    read_all(&opened);
    assert!(vfs.contents(&names::active(dir(), 2)).is_none());
    assert!(vfs.contents(&names::sealed(dir(), 2)).is_some());
}

#[test]
fn a_damaged_active_copy_of_a_whole_sealed_one_is_no_matter() {
    for byte in [10, 300, 5_000] {
        let vfs = with_both();
        vfs.flip(&names::active(dir(), 2), byte * 8);
        let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
        assert_eq!(opened.recovered.sequence.get(), 9);
        assert_eq!(opened.recovered.cuts, []);
    }
}

#[test]
fn a_damaged_sealed_copy_that_counts_is_refused() {
    let vfs = with_both();
    vfs.flip(&names::sealed(dir(), 2), 8 * 300);
    assert!(matches!(refused(&vfs), RecoveryError::Damaged { .. }));
}

#[test]
fn a_sealed_copy_that_never_counted_is_made_again() {
    let sealed = with_both().contents(&names::sealed(dir(), 2)).unwrap();
    for byte in 0..sealed.len() {
        // As after a power cut that came before the meta file was replaced.
        let vfs = database(1, 1);
        let mut damaged = sealed.clone();
        damaged[byte] ^= 4;
        vfs.put(&names::sealed(dir(), 2), damaged);
        let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
        assert_eq!(opened.recovered.sequence.get(), 9);
        read_all(&opened);
    }
}

#[test]
fn an_active_file_with_more_than_its_sealed_one_is_refused() {
    let vfs = with_both();
    let path = names::active(dir(), 2);
    let other = database(1, 1);
    let mut opened = open_judged(&other, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 1).unwrap();
    drop(opened);
    let mut contents = vfs.contents(&path).unwrap();
    let foreign = other.contents(&names::active(dir(), 3)).unwrap();
    contents[4096..].copy_from_slice(&foreign[..4096]);
    vfs.put(&path, contents);
    // What stands behind is not of this segment: the sealed copy is whole, and it is kept.
    let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    assert_eq!(opened.recovered.sequence.get(), 9);
    drop(opened);

    // A sealed copy that ends before the active one does hide something.
    let vfs = database(1, 1);
    let path = names::active(dir(), 2);
    let short = vfs.contents(&path).unwrap();
    let longer = vfs.after_kill();
    drop(open_judged(&vfs, SEGMENT_BYTES).unwrap());
    let sealed = vfs.contents(&names::sealed(dir(), 2)).unwrap();
    drop(short);
    append_behind(&longer);
    longer.put(&names::sealed(dir(), 2), sealed);
    let error = refused(&longer);
    assert!(matches!(
        error,
        RecoveryError::Damaged {
            source: Damage::SealedDiffers { .. },
            ..
        }
    ));
}

/// Writes a frame behind the last one of segment 2 as the process that wrote it might have.
fn append_behind(vfs: &MemoryVfs) {
    use crate::journal::builder::Place;
    use crate::journal::fixture::frame;
    use crate::journal::frame::FrameHeader;

    let path = names::active(dir(), 2);
    let mut contents = vfs.contents(&path).unwrap();
    let header = FrameHeader::read(contents.first_chunk().unwrap()).unwrap();
    let next = frame(10, 1);
    let (_, header_bytes) = next.header_at(Place {
        database: header.database,
        epoch: header.epoch,
        segment: 2,
        salt: header.salt,
        previous_hash: header.hash,
    });
    contents[4096..][..header_bytes.len()].copy_from_slice(&header_bytes);
    let payload = next.payload();
    contents[4096 + header_bytes.len()..][..payload.len()].copy_from_slice(payload);
    vfs.put(&path, contents);
}

#[test]
fn half_made_files_are_removed() {
    let vfs = database(1, 1);
    for name in [
        "segment-0000000009.preparing",
        "segment-0000000002.sealing",
        "pacioli.meta.tmp",
    ] {
        vfs.put(&dir().join(name), b"half".to_vec());
    }
    drop(open_judged(&vfs, SEGMENT_BYTES).unwrap());
    let is_half = |path: &PathBuf| vfs.contents(path).unwrap() == b"half";
    assert!(!vfs.paths().iter().any(is_half));
}

#[test]
fn one_process_at_a_time() {
    let vfs = database(1, 1);
    let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    let error = refused(&vfs);
    assert!(matches!(error, RecoveryError::Locked { .. }));
    assert!(error.to_string().contains("another process"), "{error}");
    drop(opened);
    open_judged(&vfs, SEGMENT_BYTES).unwrap();
}

#[test]
fn the_length_of_segments_may_change_between_processes() {
    let vfs = database(1, 1);
    for segment_bytes in [4 << 10, 64 << 10, 8 << 10] {
        let mut opened = open_judged(&vfs, segment_bytes).unwrap();
        append(&mut opened.log, 1).unwrap();
        append(&mut opened.log, 2).unwrap();
        read_all(&opened);
    }
    assert_eq!(
        open_judged(&vfs, 4 << 10).unwrap().recovered.sequence.get(),
        18
    );
}

#[test]
fn a_contradiction_names_its_place() {
    use crate::journal::{Replay, RequestContext, open};

    struct Doubter;
    impl Replay for Doubter {
        fn event(
            &mut self,
            event: &ledger_core::Event,
            _: &RequestContext<'_>,
        ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            if event.sequence.get() == 7 {
                return Err("debits and credits differ".into());
            }
            Ok(())
        }
    }
    let vfs = database(1, 1);
    let options = crate::journal::fixture::small(SEGMENT_BYTES);
    let vfs = std::sync::Arc::new(vfs);
    let error = open(vfs, dir(), options, &mut Doubter).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("event 7 in /data/segment-0000000002.active"),
        "{error}"
    );
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "debits and credits differ");
}
