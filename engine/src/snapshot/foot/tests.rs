use super::*;
use crate::snapshot::head::{check_head, write_head};

const FOOT: Foot = Foot {
    place: Place {
        database: 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10,
        epoch: 0x1112_1314_1516_1718_191a_1b1c_1d1e_1f20,
        segment: 7,
        hash: [0xcd; 32],
        last_frame: FrameKind::Mark,
        journal_bytes: 0x1_0000_0000,
    },
    standing: Standing {
        sequence: Sequence::new(1_000),
        time: Timestamp::new(2_000),
        newest_account: Timestamp::new(3_000),
        newest_transfer: Timestamp::new(4_000),
        transfers: 900,
    },
    sections: [Section {
        bytes: 0x1234,
        entries: 5,
    }; KINDS],
    digest: [0xab; 32],
};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A change here is a change of the format: it needs a new format version, and the old one must
/// stay readable.
#[test]
fn the_layout_is_what_it_was() {
    let head = write_head(FOOT.place.database, FOOT.standing.sequence);
    assert_eq!((HEAD_BYTES, FOOT_BYTES), (36, 268));
    let section = "34120000000000000500000000000000";
    let foot = FOOT.write();
    assert_eq!(
        hex(&head[..32]),
        "5041434201000000100f0e0d0c0b0a090807060504030201e803000000000000"
    );
    assert_eq!(
        hex(&foot[..264]),
        format!(
            "5041434201000200100f0e0d0c0b0a090807060504030201201f1e1d1c1b1a191817161514131211\
             e803000000000000d007000000000000b80b000000000000a00f0000000000008403000000000000\
             0700000000000000{}0000000001000000{}{}0000000000000000",
            "cd".repeat(32),
            section.repeat(6),
            "ab".repeat(32)
        )
    );
    assert_eq!(check_head(&head), Ok(()));
    assert_eq!(Foot::read(&foot), Ok(FOOT));
    assert_eq!(FOOT.file_bytes(), Some(36 + 268 + 6 * 0x1234));
}

#[test]
fn no_flipped_bit_reads() {
    let head = write_head(FOOT.place.database, FOOT.standing.sequence);
    for bit in 0..head.len() * 8 {
        let mut head = head;
        head[bit / 8] ^= 1 << (bit % 8);
        assert!(check_head(&head).is_err(), "bit {bit} of the head");
    }
    let foot = FOOT.write();
    for bit in 0..foot.len() * 8 {
        let mut foot = foot;
        foot[bit / 8] ^= 1 << (bit % 8);
        assert!(Foot::read(&foot).is_err(), "bit {bit} of the foot");
    }
}
