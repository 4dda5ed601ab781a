//! Appending on the real file system, with the thread that prepares space.

use std::sync::Arc;

use super::*;
use crate::journal::fixture::{Judge, append, append_empty, event};
use crate::journal::{FrameKind, JournalOptions, Opened, Preparation, RecoveryError, open};
use crate::vfs::{OsVfs, ReadBack};

const OPTIONS: JournalOptions = JournalOptions {
    segment_bytes: 64 << 10,
    preparation: Preparation::Background,
};

fn open_real(dir: &Path) -> Result<Opened, RecoveryError> {
    let mut judge = Judge::default();
    let opened = open(Arc::new(OsVfs), dir, OPTIONS, &mut judge)?;
    assert_eq!(judge.events, opened.recovered.sequence.get());
    Ok(opened)
}

#[test]
fn three_processes_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("not/there/yet");
    let mut last = 0;
    for process in 0..3 {
        let mut opened = open_real(&dir).unwrap();
        assert_eq!(opened.recovered.sequence.get(), last);
        assert_eq!(opened.recovered.clean_end, process != 2);
        assert_ne!(opened.recovered.read_back, ReadBack::Memory);
        let space = opened.log.space();
        for events in [1, 40, 300, 5, 500, 2] {
            let frame = 64 << 10;
            assert_eq!(
                space.wait(&[frame], std::time::Duration::from_secs(60)),
                crate::journal::Fit::Fits
            );
            last = append(&mut opened.log, events).unwrap();
            let read = opened.reader.event(Sequence::new(last)).unwrap();
            assert_eq!(read, event(last));
        }
        assert!(opened.log.roll().unwrap());
        assert!(opened.log.is_segment_empty());
        last = append(&mut opened.log, 1).unwrap();
        if process == 0 {
            append_empty(&mut opened.log, FrameKind::End).unwrap();
        }
    }
}

#[test]
fn a_second_process_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open_real(dir.path()).unwrap();
    assert!(matches!(
        open_real(dir.path()),
        Err(RecoveryError::Locked { .. })
    ));
    drop(opened);
    open_real(dir.path()).unwrap();
}

#[test]
#[should_panic(expected = "begins where the last one ended")]
fn a_gap_between_frames_is_a_mistake_of_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let mut opened = open_real(dir.path()).unwrap();
    let _ = opened.log.append(&crate::journal::fixture::frame(2, 1));
}
