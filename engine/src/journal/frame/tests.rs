use proptest::prelude::*;

use super::*;

const PAYLOAD: &[u8] = b"what was decided";

fn header() -> FrameHeader {
    FrameHeader {
        kind: FrameKind::Events,
        payload_bytes: PAYLOAD.len() as u32,
        event_count: 3,
        database: 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10,
        epoch: 0x1112_1314_1516_1718_191a_1b1c_1d1e_1f20,
        segment: 7,
        salt: 0x2122_2324_2526_2728,
        first_sequence: Sequence::new(1_000),
        base_time: Timestamp::new(1_700_000_000_000_000_000),
        close_time: Timestamp::new(1_700_000_000_000_000_009),
        committed: Sequence::new(990),
        term: 0,
        request_count: 2,
        previous_hash: [0xab; 32],
        hash: [0; 32],
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A change here is a change of the format: it needs a new format version, and the old one must
/// stay readable.
#[test]
fn the_layout_is_what_it_was() {
    let mut header = header();
    let bytes = header.seal(PAYLOAD);
    let expected = "50414346010001001000000003000000100f0e0d0c0b0a090807060504030201201f1e1d\
                    1c1b1a19181716151413121107000000000000002827262524232221e803000000000000\
                    00002a36fe9c971709002a36fe9c9717de03000000000000000000000000000002000000\
                    abababababababababababababababababababababababababababababababab304ba90d\
                    5a28aa9acb2a86b6c613f72f415c4208c1de4033bb0d5067d8cd2d4a37e4a847";
    assert_eq!(hex(&bytes), expected);
    assert_eq!(verify(&bytes, PAYLOAD), Ok(()));
    assert_eq!(FrameHeader::read(&bytes), Ok(header));
}

#[test]
fn the_sizes_are_what_the_table_says() {
    assert_eq!(HEADER_BYTES, 176);
    assert_eq!((HASH_AT, CRC_AT, PREVIOUS_HASH_AT), (140, 172, 108));
    let header = header();
    assert_eq!(header.frame_bytes(), 176 + 16);
    assert_eq!(header.padded_bytes(), 4096);
    let full = FrameHeader {
        payload_bytes: (BLOCK_BYTES - HEADER_BYTES) as u32,
        ..header
    };
    assert_eq!(full.padded_bytes(), 4096);
}

#[test]
fn the_crc_is_the_common_one() {
    // The check value of CRC-32/ISO-HDLC.
    assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
}

#[test]
fn no_flipped_bit_verifies() {
    let mut header = header();
    let bytes = header.seal(PAYLOAD);
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes;
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&bytes, PAYLOAD).is_err(), "bit {bit} of the header");
    }
    for bit in 0..PAYLOAD.len() * 8 {
        let mut payload = PAYLOAD.to_vec();
        payload[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verify(&bytes, &payload), Err(FrameError::Checksum));
    }
}

#[test]
fn an_edited_frame_with_a_mended_checksum_has_another_hash() {
    let mut header = header();
    let mut bytes = header.seal(PAYLOAD);
    let edited = b"what I'd rather ";
    let crc = checksum(&bytes, edited).to_le_bytes();
    bytes[CRC_AT..].copy_from_slice(&crc);
    assert_eq!(verify(&bytes, edited), Err(FrameError::Hash));
}

#[test]
fn other_versions_and_kinds_are_named() {
    let mut bytes = header().seal(PAYLOAD);
    bytes[VERSION_AT] = 9;
    let error = FrameHeader::read(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the frame has format version 9; this build reads version 1"
    );
    let mut bytes = header().seal(PAYLOAD);
    bytes[KIND_AT] = 4;
    let unknown = FrameError::UnknownKind {
        found: 4,
        version: 1,
    };
    assert_eq!(FrameHeader::read(&bytes), Err(unknown));
}

proptest! {
    #[test]
    fn hostile_bytes_do_no_harm(mut bytes in proptest::collection::vec(any::<u8>(), HEADER_BYTES), magic: bool) {
        if magic {
            bytes[..4].copy_from_slice(&MAGIC);
            bytes[4..6].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        }
        let bytes: &[u8; HEADER_BYTES] = bytes.first_chunk().unwrap();
        if let Ok(header) = FrameHeader::read(bytes) {
            let _ = (header.frame_bytes(), header.padded_bytes(), header.next_sequence());
        }
        prop_assert!(verify(bytes, b"").is_err());
    }
}
