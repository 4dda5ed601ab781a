use ledger_core::Sequence;

use super::*;
use crate::journal::fixture::{append, dir, open_judged};
use crate::journal::meta::Meta;
use crate::vfs::MemoryVfs;

const SEGMENT_BYTES: u64 = 16 << 10;

#[test]
fn frames_are_fitted_one_after_the_other_and_never_span_segments() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 1).unwrap();
    let space = opened.log.space();
    assert_eq!(
        space.fits(&[SEGMENT_BYTES]),
        Fit::Fits,
        "in the next segment"
    );
    vfs.set_capacity(0);
    // 12 KiB are left here, and 16 KiB in the next one; there is no third.
    assert_eq!(space.fits(&[]), Fit::Fits);
    assert_eq!(space.fits(&[4096, 8192, SEGMENT_BYTES]), Fit::Fits);
    assert_eq!(space.fits(&[8192, 8192, 8192]), Fit::Fits);
    assert_eq!(space.fits(&[8192, 8192, 8192, 4096]), Fit::Full);
    assert_eq!(space.fits(&[SEGMENT_BYTES, 4096]), Fit::Full);
}

fn background(vfs: &MemoryVfs) -> (Arc<Space>, std::thread::JoinHandle<()>) {
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    shared.create_dir(dir()).unwrap();
    let meta = Meta {
        database: 1,
        epoch: 2,
        newest_segment: 0,
        sealed_segment: 0,
        sealed_hash: [0; 32],
        sealed_sequence: Sequence::ZERO,
        active_bytes: SEGMENT_BYTES,
    };
    let meta = Arc::new(MetaFile::new(Arc::clone(&shared), dir(), meta));
    let preparation = Preparation::Background;
    let space = Space::new(shared, dir().into(), meta, SEGMENT_BYTES, preparation, 1);
    let space = Arc::new(space);
    let thread = start(&space).unwrap();
    (space, thread)
}

#[test]
fn a_full_disk_is_asked_again_until_there_is_room() {
    let vfs = MemoryVfs::new(1);
    vfs.set_capacity(100);
    let (space, thread) = background(&vfs);
    let minute = Duration::from_secs(60);
    assert_eq!(space.wait(&[4096], minute), Fit::Full);
    assert_eq!(space.trouble(), Some(io::ErrorKind::StorageFull));
    vfs.set_capacity(u64::MAX);
    let until = Instant::now() + minute;
    while space.fits(&[4096]) != Fit::Fits {
        assert!(Instant::now() < until, "it is tried again every second");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(space.trouble(), None);
    space.stop();
    thread.join().unwrap();
}

#[test]
fn a_failed_sync_in_a_segment_that_may_be_in_use_is_final() {
    let vfs = MemoryVfs::new(1);
    let (space, thread) = background(&vfs);
    assert_eq!(
        space.wait(&[SEGMENT_BYTES], Duration::from_secs(60)),
        Fit::Fits
    );
    space.stop();
    thread.join().unwrap();

    // Segments of several pieces: the first one stands, the sync of the second fails.
    let vfs = MemoryVfs::new(1);
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    shared.create_dir(dir()).unwrap();
    let meta = Meta {
        database: 1,
        epoch: 2,
        newest_segment: 0,
        sealed_segment: 0,
        sealed_hash: [0; 32],
        sealed_sequence: Sequence::ZERO,
        active_bytes: 3 * PIECE_BYTES,
    };
    let meta = Arc::new(MetaFile::new(Arc::clone(&shared), dir(), meta));
    let inline = Preparation::Inline;
    let space = Space::new(shared, dir().into(), meta, 3 * PIECE_BYTES, inline, 1);
    let before_second_sync = 1 + 1 + 1 + 1 + 1 + 5 + 1;
    vfs.fail_at(before_second_sync + 1);
    assert_ne!(space.fits(&[2 * PIECE_BYTES]), Fit::Fits);
    assert!(space.failed().is_some());
    let waited = space.wait_for_room(4096);
    assert!(matches!(waited, Err(NoSegment::Failed(_))), "{waited:?}");
}
