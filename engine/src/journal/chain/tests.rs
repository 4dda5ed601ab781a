use super::*;
use crate::journal::builder::Place;
use crate::journal::fixture::{append, dir, frame, open_judged};
use crate::journal::recovery::{Damage, RecoveryError};
use crate::journal::{BLOCK_BYTES, names};
use crate::vfs::MemoryVfs;

const PLACE: Place = Place {
    database: 1,
    epoch: 2,
    segment: 3,
    salt: 4,
    previous_hash: [0; 32],
};

fn header(first: u64, place: Place) -> FrameHeader {
    frame(first, 2).header_at(place).0
}

/// A chain with the frame of events 1 and 2 behind it.
fn chain() -> Chain {
    let mut chain = Chain::start(1, 2);
    let first = header(1, PLACE);
    assert_eq!(chain.check(&first, 3), Ok(()));
    chain.advance(&first, None);
    chain
}

#[test]
fn a_frame_follows_only_the_one_before_it() {
    let chain = chain();
    let place = Place {
        previous_hash: chain.hash,
        ..PLACE
    };
    let good = header(3, place);
    assert_eq!(chain.check(&good, 3), Ok(()));
    let refused = |change: fn(&mut FrameHeader)| {
        let mut header = good.clone();
        change(&mut header);
        chain.check(&header, 3).unwrap_err()
    };
    assert_eq!(
        refused(|h| h.previous_hash = [0; 32]),
        ChainError::PreviousHash
    );
    assert_eq!(
        refused(|h| h.previous_hash[31] ^= 1),
        ChainError::PreviousHash
    );
    assert_eq!(refused(|h| h.salt = 5), ChainError::Salt);
    let (found, expected) = (9, 1);
    assert_eq!(
        refused(|h| h.database = 9),
        ChainError::Database { found, expected }
    );
    let (found, expected) = (9, 2);
    assert_eq!(
        refused(|h| h.epoch = 9),
        ChainError::Epoch { found, expected }
    );
    let (found, expected) = (4, 3);
    assert_eq!(
        refused(|h| h.segment = 4),
        ChainError::Segment { found, expected }
    );
    for first in [2, 4, u64::MAX] {
        let mut header = good.clone();
        header.first_sequence = Sequence::new(first);
        let error = chain.check(&header, 3).unwrap_err();
        assert!(matches!(error, ChainError::Sequence { .. }), "{error}");
    }
    assert_eq!(
        refused(|h| h.close_time = Timestamp::ZERO),
        ChainError::Time
    );
    assert_eq!(refused(|h| h.base_time = Timestamp::MAX), ChainError::Time);
    assert_eq!(
        refused(|h| h.close_time = Timestamp::new(u64::MAX)),
        ChainError::Time
    );
}

#[test]
fn another_segment_has_another_salt() {
    let chain = chain();
    let next = header(
        3,
        Place {
            segment: 4,
            salt: 99,
            previous_hash: chain.hash,
            ..PLACE
        },
    );
    assert_eq!(chain.check(&next, 4), Ok(()));
}

/// Whoever edits a frame and mends its checksum and its hash would have to mend all that follow.
#[test]
fn an_edited_frame_is_found_by_the_next_one() {
    let vfs = MemoryVfs::new(1);
    let segment_bytes = 64 << 10;
    let mut opened = open_judged(&vfs, segment_bytes).unwrap();
    append(&mut opened.log, 4).unwrap();
    append(&mut opened.log, 1).unwrap();
    drop(opened);
    let path = names::active(dir(), 1);
    let mut contents = vfs.contents(&path).unwrap();
    let mut edited = FrameHeader::read(contents.first_chunk().unwrap()).unwrap();
    edited.committed = Sequence::new(1_000_000);
    let payload = contents[176..edited.frame_bytes() as usize].to_vec();
    contents[..176].copy_from_slice(&edited.seal(&payload));
    vfs.put(&path, contents);
    match open_judged(&vfs, segment_bytes).unwrap_err() {
        RecoveryError::Damaged { offset, source, .. } => {
            assert_eq!(source, Damage::Chain(ChainError::PreviousHash));
            assert_eq!(offset, BLOCK_BYTES as u64);
        }
        other => panic!("{other}"),
    }
}

/// The header of a segment's first frame of two events, and what its last event says.
fn branch(chain: &Chain) -> (FrameHeader, EpochBegan) {
    let place = Place {
        segment: 4,
        epoch: 5,
        previous_hash: chain.hash,
        ..PLACE
    };
    let began = EpochBegan {
        epoch: 5,
        parent: 2,
        fork: Sequence::new(3),
    };
    (header(3, place), began)
}

#[test]
fn an_epoch_begins_with_a_segment_that_says_so() {
    let mut chain = chain();
    let (first, began) = branch(&chain);
    assert_eq!(chain.check(&first, 4), Ok(()));
    assert_eq!(chain.check_epoch(&first, Some(&began)), Ok(()));
    chain.advance(&first, Some(&began));
    assert_eq!(chain.lineage.epoch(), 5);
    assert_eq!(chain.lineage.branches(), [began]);

    let place = Place {
        segment: 4,
        previous_hash: chain.hash,
        ..PLACE
    };
    let back = header(5, place);
    let (found, expected) = (2, 5);
    let refused = chain.check(&back, 4);
    assert_eq!(refused, Err(ChainError::Epoch { found, expected }));
}

#[test]
fn an_epoch_begins_nowhere_else() {
    let chain = chain();
    let (first, began) = branch(&chain);
    let (found, expected) = (5, 2);
    assert_eq!(
        chain.check_epoch(&first, None),
        Err(ChainError::Epoch { found, expected }),
        "it must be said"
    );
    let within = FrameHeader {
        segment: 3,
        ..first.clone()
    };
    assert_eq!(
        chain.check(&within, 3),
        Err(ChainError::Epoch { found, expected }),
        "not within a segment"
    );
    let refused = |change: fn(&mut FrameHeader, &mut EpochBegan)| {
        let (mut header, mut began) = (first.clone(), began);
        change(&mut header, &mut began);
        let refused = chain.check_epoch(&header, Some(&began)).unwrap_err();
        assert_eq!(refused, ChainError::EpochBegan { found: began.epoch });
    };
    refused(|header, _| header.segment = 3);
    refused(|header, _| header.epoch = 2);
    refused(|header, began| (header.epoch, began.epoch) = (2, 2));
    refused(|_, began| began.epoch = 6);
    refused(|_, began| began.parent = 1);
    refused(|_, began| began.fork = Sequence::new(2));
    refused(|_, began| began.fork = Sequence::new(4));
    refused(|_, began| began.fork = Sequence::new(u64::MAX));
}

#[test]
fn the_first_frame_knows_its_epoch_better_than_the_meta_file() {
    let mut chain = Chain::start(1, 9);
    let first = header(1, PLACE);
    assert_eq!(chain.check(&first, 3), Ok(()));
    assert_eq!(chain.check_epoch(&first, None), Ok(()));
    chain.advance(&first, None);
    assert_eq!(chain.lineage, Lineage::new(2));
}
