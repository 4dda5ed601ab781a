use proptest::prelude::*;

use super::*;
use crate::journal::fixture::{append, dir, open_judged};
use crate::journal::names;
use crate::vfs::MemoryVfs;

const FOOTER: Footer = Footer {
    database: 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10,
    epoch: 0x1112_1314_1516_1718_191a_1b1c_1d1e_1f20,
    segment: 7,
    salt: 0x2122_2324_2526_2728,
    first_sequence: Sequence::new(1_000),
    event_count: 65,
    frame_count: 4,
    frames_bytes: 16_385,
    zone_bytes: 60,
    sections_crc: 0xdead_beef,
    previous_hash: [0xab; 32],
    last_hash: [0xcd; 32],
};

/// A change here is a change of the format: it needs a new format version, and the old one must
/// stay readable.
#[test]
fn the_layout_is_what_it_was() {
    let bytes = FOOTER.write();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "5041435301000000100f0e0d0c0b0a090807060504030201201f1e1d1c1b1a1918171615\
                    1413121107000000000000002827262524232221e8030000000000004100000000000000\
                    040000000000000001400000000000003c00000000000000efbeaddeabababababababab\
                    ababababababababababababababababababababababababcdcdcdcdcdcdcdcdcdcdcdcd\
                    cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd0000000000000000801d3705"
    );
    assert_eq!(Footer::read(&bytes), Ok(FOOTER));
    assert_eq!(FOOTER_BYTES, 176);
    assert_eq!(FOOTER.sections_bytes(), Some(2 * 8 + 2 * 4 + 60));
}

#[test]
fn no_flipped_bit_reads() {
    let bytes = FOOTER.write();
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes;
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Footer::read(&bytes).is_err(), "bit {bit}");
    }
}

/// The whole file, part by part.
#[test]
fn a_sealed_file_is_its_frames_and_what_the_table_says() {
    let vfs = MemoryVfs::new(1);
    let segment_bytes = 64 << 10;
    let mut opened = open_judged(&vfs, segment_bytes).unwrap();
    append(&mut opened.log, 3).unwrap();
    append(&mut opened.log, 150).unwrap();
    append(&mut opened.log, 2).unwrap();
    drop(opened);
    let active = vfs.contents(&names::active(dir(), 1)).unwrap();
    drop(open_judged(&vfs, segment_bytes).unwrap());
    let sealed = vfs.contents(&names::sealed(dir(), 1)).unwrap();

    let mut frames = Vec::new();
    let mut starts = Vec::new();
    let mut at = 0;
    while active[at..].starts_with(b"PACF") {
        let payload = u32::from_le_bytes(active[at + 8..at + 12].try_into().unwrap()) as usize;
        starts.push(frames.len() as u32);
        frames.extend(&active[at..at + 176 + payload]);
        at += (176 + payload).next_multiple_of(4096);
    }
    assert_eq!(starts.len(), 3);
    assert_eq!(
        &sealed[..frames.len()],
        frames,
        "byte for byte, without padding"
    );
    let rest = &sealed[frames.len()..];
    let u32_at = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
    // Events 1, 65 and 129: the first in the first frame, the others in the second.
    let positions = [0, 8, 16].map(|at| (u32_at(at), u32_at(at + 4)));
    assert_eq!(positions.map(|(frame, _)| frame), [0, starts[1], starts[1]]);
    for (frame, item) in positions {
        let item_type = frames[(frame + 176 + item) as usize] & 0x7f;
        assert!((2..=8).contains(&item_type), "an event begins there");
    }
    let blocks = frames.chunks(16 << 10).map(crc32fast::hash);
    let block_count = blocks.len();
    for (index, crc) in blocks.enumerate() {
        assert_eq!(u32_at(24 + index * 4), crc);
    }
    let zone = &rest[24 + block_count * 4..rest.len() - FOOTER_BYTES];
    let u64_at = |at: usize| u64::from_le_bytes(zone[at..at + 8].try_into().unwrap());
    assert_eq!(
        (u64_at(0), u64_at(8)),
        (1_000_000_010, 1_000_001_550),
        "the events' times"
    );
    assert_eq!((u64_at(16), u64_at(24)), (1, 2), "user data 64");
    let after_ranges = 32 + 8 + 8 + 4;
    assert_eq!(
        zone[after_ranges..after_ranges + 4],
        [1, 0, 5, 0],
        "one ledger, five codes"
    );
    let listed = &zone[after_ranges + 4..];
    assert_eq!(listed, [1, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0]);
}

proptest! {
    /// A footer may say anything and have the right checksum.
    #[test]
    fn a_hostile_footer_does_no_harm(event_count: u64, frames_bytes: u64, zone_bytes: u64) {
        let footer = Footer {
            event_count,
            frames_bytes,
            zone_bytes,
            ..FOOTER
        };
        let vfs = MemoryVfs::new(1);
        let path = names::sealed(dir(), 7);
        vfs.put(&path, footer.write().to_vec());
        let vfs: Arc<dyn Vfs> = Arc::new(vfs);
        prop_assert!(SealedFile::open(&vfs, &path, 7).unwrap().is_err());
    }
}
