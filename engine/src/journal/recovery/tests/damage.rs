//! Bytes that changed after they were written: a torn tail is cut off, all else is refused, and
//! nothing ever changes an answer.

use std::path::{Path, PathBuf};

use ledger_core::Sequence;

use crate::journal::fixture::{append, append_empty, dir, open_judged, read_all};
use crate::journal::frame::FrameHeader;
use crate::journal::recovery::{Damage, RecoveryError};
use crate::journal::{BLOCK_BYTES, Fit, FrameKind, names};
use crate::vfs::MemoryVfs;

const SEGMENT_BYTES: u64 = 8 << 10;
/// The last event of [`data_directory`], and the first one of its last frame.
const LAST: u64 = 21;
const LAST_FRAME_FIRST: u64 = 20;

/// A sealed segment, a full active one, the active one that is appended to, and one that stands
/// ready behind it.
fn data_directory() -> MemoryVfs {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 5).unwrap();
    append(&mut opened.log, 4).unwrap();
    drop(opened);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 6).unwrap();
    append(&mut opened.log, 4).unwrap();
    assert_eq!(append(&mut opened.log, 2), Some(LAST));
    assert_eq!(opened.log.space().fits(&[SEGMENT_BYTES]), Fit::Fits);
    drop(opened);
    assert_eq!(
        names_of(&vfs),
        [
            "pacioli.lock",
            "pacioli.meta",
            "segment-0000000001.sealed",
            "segment-0000000002.active",
            "segment-0000000003.active",
            "segment-0000000004.active",
        ]
    );
    vfs
}

fn names_of(vfs: &MemoryVfs) -> Vec<String> {
    let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    vfs.paths().into_iter().map(name).collect()
}

/// Where the last frame begins, and how long it is without padding.
fn last_frame(vfs: &MemoryVfs) -> (PathBuf, usize) {
    let path = names::active(dir(), 3);
    let bytes = vfs.contents(&path).unwrap();
    let header = FrameHeader::read(bytes.first_chunk().unwrap()).unwrap();
    assert_eq!(header.first_sequence.get(), LAST_FRAME_FIRST);
    (path, header.frame_bytes() as usize)
}

fn refused(vfs: &MemoryVfs) -> RecoveryError {
    let before = (names_of(vfs), vfs.calls());
    let error = open_judged(vfs, SEGMENT_BYTES).expect_err("this must be refused");
    let lost = |name: &&String| !names_of(vfs).contains(name);
    let gone: Vec<&String> = before.0.iter().filter(lost).collect();
    assert!(gone.is_empty(), "a refusal takes nothing away: {gone:?}");
    error
}

fn damage(vfs: &MemoryVfs) -> (String, u64, u64, Damage) {
    match refused(vfs) {
        RecoveryError::Damaged {
            file,
            offset,
            sequence,
            source,
            ..
        } => {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            (name, offset, sequence.get(), source)
        }
        other => panic!("refused for another reason: {other:?}"),
    }
}

/// Whether it opens with everything, or without its last frame, which is then kept beside.
fn opens_with(vfs: &MemoryVfs, last: u64, what: &str) {
    let opened = open_judged(vfs, SEGMENT_BYTES).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(opened.recovered.sequence.get(), last, "{what}");
    read_all(&opened);
    if last < LAST {
        let [cut] = &opened.recovered.cuts[..] else {
            panic!("{what}: one cut, not {:?}", opened.recovered.cuts)
        };
        assert_eq!(cut.sequence.get(), last + 1, "{what}");
        assert_eq!(cut.file, names::cut(dir(), Sequence::new(last + 1), 1));
        assert_eq!(vfs.contents(&cut.file).unwrap().len() as u64, cut.bytes);
    }
}

#[test]
fn every_flipped_bit_is_refused_cut_off_or_without_effect() {
    let whole = data_directory();
    let (last_file, last_bytes) = last_frame(&whole);
    let (mut refusals, mut cuts, mut harmless) = (0, 0, 0);
    for path in whole.paths() {
        let bytes = whole.contents(&path).unwrap().len();
        for byte in 0..bytes {
            let vfs = whole.after_kill();
            vfs.flip(&path, (byte * 8 + byte % 8) as u64);
            let what = format!("byte {byte} of {}", path.display());
            match open_judged(&vfs, SEGMENT_BYTES) {
                Err(error) => {
                    assert!(
                        error.to_string().contains(&*path.to_string_lossy()),
                        "{error}"
                    );
                    refusals += 1;
                }
                Ok(opened) => {
                    let last = opened.recovered.sequence.get();
                    read_all(&opened);
                    if last == LAST {
                        harmless += 1;
                        continue;
                    }
                    assert_eq!(last, LAST_FRAME_FIRST - 1, "{what}");
                    assert!(path == last_file && byte < last_bytes, "{what}");
                    assert_eq!(opened.recovered.cuts.len(), 1, "{what}");
                    cuts += 1;
                }
            }
        }
    }
    // Every byte of every frame but the last, of the sealed file and of the meta file is refused.
    assert!(refusals > 2_000, "{refusals} {cuts} {harmless}");
    assert!(
        cuts > last_bytes - 10 && cuts <= last_bytes,
        "{cuts} of {last_bytes}"
    );
    assert!(harmless > 10_000, "zeros and padding: {harmless}");
}

#[test]
fn the_last_frame_torn_at_every_byte_is_cut_off() {
    let whole = data_directory();
    let (path, bytes) = last_frame(&whole);
    for from in 0..bytes {
        let vfs = whole.after_kill();
        let mut contents = vfs.contents(&path).unwrap();
        if contents[from..].iter().all(|&byte| byte == 0) {
            continue;
        }
        contents[from..].fill(0);
        let is_gone = contents.iter().all(|&byte| byte == 0);
        vfs.put(&path, contents);
        if is_gone {
            let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
            assert_eq!(opened.recovered.sequence.get(), LAST_FRAME_FIRST - 1);
            assert_eq!(opened.recovered.cuts, []);
        } else {
            opens_with(&vfs, LAST_FRAME_FIRST - 1, &format!("torn at {from}"));
        }
    }
}

#[test]
fn a_file_cut_short_at_every_byte_is_refused() {
    let whole = data_directory();
    for path in whole.paths() {
        if path == names::lock(dir()) {
            continue;
        }
        let contents = whole.contents(&path).unwrap();
        for length in (0..contents.len()).step_by(7) {
            let vfs = whole.after_kill();
            vfs.put(&path, contents[..length].to_vec());
            let error = refused(&vfs).to_string();
            assert!(error.contains(&*path.to_string_lossy()), "{error}");
        }
    }
}

#[test]
fn holes_in_the_last_frame_take_the_whole_frame() {
    let vfs = data_directory();
    let path = names::active(dir(), 3);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 80).unwrap();
    drop(opened);
    let whole = vfs;
    let path_of_last = names::active(dir(), 4);
    assert!(whole.contents(&path).is_none(), "segment 3 was sealed");
    let contents = whole.contents(&path_of_last).unwrap();
    for sector in 0..contents.len() / 512 {
        let part = sector * 512..(sector + 1) * 512;
        if contents[part.clone()].iter().all(|&byte| byte == 0) {
            continue;
        }
        let vfs = whole.after_kill();
        let mut torn = contents.clone();
        torn[part].fill(0);
        vfs.put(&path_of_last, torn);
        opens_with(&vfs, LAST, &format!("hole at sector {sector}"));
    }
}

#[test]
fn damage_before_a_mark_is_no_torn_tail() {
    let vfs = data_directory();
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 1).unwrap();
    append_empty(&mut opened.log, FrameKind::Mark).unwrap();
    drop(opened);
    let path = names::active(dir(), 4);
    vfs.flip(&path, 8 * 200);
    let (file, offset, sequence, source) = damage(&vfs);
    assert_eq!(
        (&*file, offset, sequence),
        ("segment-0000000004.active", 0, LAST + 1)
    );
    assert!(
        matches!(source, Damage::FrameBehind { behind: 4096, .. }),
        "{source:?}"
    );
}

#[test]
fn damage_at_the_end_of_a_segment_that_goes_on_is_no_torn_tail() {
    let vfs = data_directory();
    vfs.flip(&names::active(dir(), 2), 8 * (BLOCK_BYTES as u64 + 300));
    let (file, offset, sequence, source) = damage(&vfs);
    let expected = ("segment-0000000002.active", BLOCK_BYTES as u64, 16);
    assert_eq!((&*file, offset, sequence), expected);
    assert!(
        matches!(source, Damage::SegmentBehind { segment: 3, .. }),
        "{source:?}"
    );
}

#[test]
fn two_bad_tails_are_not_one_crash() {
    let vfs = data_directory();
    vfs.flip(&names::active(dir(), 3), 8 * 300);
    vfs.flip(&names::active(dir(), 4), 8 * 5_000);
    assert!(matches!(
        damage(&vfs).3,
        Damage::SegmentBehind { segment: 4, .. }
    ));
}

#[test]
fn a_last_frame_that_is_zeros_is_refused_where_the_meta_file_knows_it() {
    let vfs = data_directory();
    drop(open_judged(&vfs, SEGMENT_BYTES).unwrap());
    // The sealed copy goes, and an active one comes back that is a frame shorter.
    let older = data_directory();
    let path = names::active(dir(), 3);
    vfs.take_away(&names::sealed(dir(), 3));
    vfs.put(&path, vec![0; older.contents(&path).unwrap().len()]);
    let source = damage(&vfs).3;
    assert!(
        matches!(source, Damage::BehindMeta { segment: 3, .. }),
        "{source:?}"
    );
}

#[test]
fn old_bytes_behind_the_tail_are_never_replayed() {
    // The frame of an earlier file of the same name, whole, behind the last one.
    let vfs = data_directory();
    let path = names::active(dir(), 3);
    let other = data_directory();
    let stale = other.contents(&path).unwrap()[..BLOCK_BYTES].to_vec();
    let mut contents = vfs.contents(&path).unwrap();
    contents[BLOCK_BYTES..][..BLOCK_BYTES].copy_from_slice(&stale);
    vfs.put(&path, contents);
    let (_, offset, _, source) = damage(&vfs);
    assert_eq!(offset, BLOCK_BYTES as u64);
    assert!(matches!(source, Damage::Chain(_)), "{source:?}");
}

#[test]
fn a_frame_of_another_version_is_refused_by_its_version() {
    for (file, at) in [
        (names::active(dir(), 2), 4),
        (names::active(dir(), 3), 4),
        (names::sealed(dir(), 1), 4),
    ] {
        let vfs = data_directory();
        let mut contents = vfs.contents(&file).unwrap();
        contents[at] = 2;
        vfs.put(&file, contents);
        let source = damage(&vfs).3.to_string();
        let expected = "the frame has format version 2; this build reads version 1";
        assert_eq!(source, expected, "{}", file.display());
    }
}

/// Replaces the last frame by one with this payload and kind, as another version might write it.
fn rewrite_last_frame(vfs: &MemoryVfs, kind: u8, payload: &[u8]) {
    let (path, _) = last_frame(vfs);
    let mut contents = vfs.contents(&path).unwrap();
    let mut header = FrameHeader::read(contents.first_chunk().unwrap()).unwrap();
    header.payload_bytes = payload.len() as u32;
    header.event_count = 1;
    header.request_count = 1;
    let mut bytes = header.seal(payload);
    bytes[6] = kind;
    let hash = blake3::hash(&[&bytes[..140], payload].concat());
    bytes[140..172].copy_from_slice(hash.as_bytes());
    let crc = crc32fast::hash(&[&bytes[..172], payload].concat());
    bytes[172..].copy_from_slice(&crc.to_le_bytes());
    contents[..176].copy_from_slice(&bytes);
    contents[176..BLOCK_BYTES].fill(0);
    contents[176..176 + payload.len()].copy_from_slice(payload);
    vfs.put(&path, contents);
}

#[test]
fn an_unknown_event_and_an_unknown_kind_are_refused_by_name() {
    let request = [1, 5, 0, 0, 1, 0, 0, 0];
    for (item, text) in [
        (
            [11, 0, 0],
            "events of type 11 (control_deleted) are not known to format version 1",
        ),
        (
            [99, 0, 0],
            "events of type 99 are not known to format version 1",
        ),
    ] {
        let vfs = data_directory();
        rewrite_last_frame(&vfs, 1, &[&request[..], &item].concat());
        let (file, _, sequence, source) = damage(&vfs);
        assert_eq!(
            (&*file, sequence),
            ("segment-0000000003.active", LAST_FRAME_FIRST)
        );
        assert!(source.to_string().starts_with(text), "{source}");
    }
    let vfs = data_directory();
    rewrite_last_frame(&vfs, 4, b"");
    let source = damage(&vfs).3.to_string();
    assert_eq!(
        source,
        "the frame is of kind 4, which format version 1 does not have"
    );
}

#[test]
fn counts_that_do_not_add_up_are_refused() {
    // One request that says it has two events, and one event.
    let rejected = [
        7, 19, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0,
    ];
    let request = |events: u8| [1, 5, 0, 0, events, 0, 0, 0];
    let vfs = data_directory();
    rewrite_last_frame(&vfs, 1, &[&request(1)[..], &rejected].concat());
    let mut last = None;
    struct Last<'a>(&'a mut Option<u64>);
    impl crate::journal::Replay for Last<'_> {
        fn event(
            &mut self,
            event: &ledger_core::Event,
            _: &crate::journal::RequestContext<'_>,
        ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            *self.0 = Some(event.sequence.get());
            Ok(())
        }
    }
    let options = crate::journal::fixture::small(SEGMENT_BYTES);
    let shared = std::sync::Arc::new(vfs.clone());
    crate::journal::open(shared, dir(), options, &mut Last(&mut last)).unwrap();
    assert_eq!(last, Some(LAST_FRAME_FIRST), "as such it is in order");

    for payload in [
        [&request(2)[..], &rejected].concat(),
        rejected.to_vec(),
        [&request(1)[..], &rejected, &rejected].concat(),
    ] {
        let vfs = data_directory();
        rewrite_last_frame(&vfs, 1, &payload);
        let shared = std::sync::Arc::new(vfs);
        let opened = crate::journal::open(shared, dir(), options, &mut Last(&mut last));
        let counts = Damage::Decode(crate::journal::DecodeError::Count);
        match opened.unwrap_err() {
            RecoveryError::Damaged { source, .. } => assert_eq!(source, counts),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn an_unreadable_file_is_not_passed_over() {
    for path in data_directory().paths() {
        if path == names::lock(dir()) {
            continue;
        }
        let vfs = data_directory();
        vfs.fail_reads(&path);
        assert!(
            matches!(refused(&vfs), RecoveryError::Io { .. }),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_second_cut_at_the_same_place_is_kept_beside_the_first() {
    let vfs = data_directory();
    let path = names::active(dir(), 3);
    vfs.flip(&path, 8 * 300);
    opens_with(&vfs, LAST_FRAME_FIRST - 1, "the first");
    let first = names::cut(dir(), Sequence::new(LAST_FRAME_FIRST), 1);
    let kept = vfs.contents(&first).unwrap();
    vfs.flip(&path, 8 * 40);
    let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    let second = names::cut(dir(), Sequence::new(LAST_FRAME_FIRST), 2);
    assert_eq!(opened.recovered.cuts[0].file, second);
    assert_eq!(vfs.contents(&first), Some(kept));
    assert_eq!(vfs.contents(&second).map(|bytes| bytes.len()), Some(41));
}

#[test]
fn a_reader_refuses_a_block_that_rotted_under_it() {
    let vfs = data_directory();
    let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    let path = names::sealed(dir(), 2);
    let sealed = vfs.contents(&path).unwrap().len();
    let frames = sealed - 176;
    for byte in (0..frames).step_by(13) {
        vfs.flip(&path, byte as u64 * 8);
        for sequence in 10..=19 {
            if let Ok(event) = opened.reader.event(Sequence::new(sequence)) {
                assert_eq!(event, crate::journal::fixture::event(sequence));
            }
        }
        vfs.flip(&path, byte as u64 * 8);
    }
    vfs.flip(&path, 8 * 300);
    assert!(opened.reader.event(Sequence::new(10)).is_err());
}

#[test]
fn the_refusal_says_what_to_do() {
    let vfs = data_directory();
    vfs.flip(&names::sealed(dir(), 1), 8 * 300);
    let error = refused(&vfs).to_string();
    let sealed = names::sealed(Path::new("/data"), 1);
    assert_eq!(
        error,
        format!(
            "{} is damaged at byte 0, where event 1 should follow; nothing was changed; \
             run `pacioli verify --data-dir /data`",
            sealed.display()
        )
    );
}
