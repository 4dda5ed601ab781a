//! Receipts: what an answer rests on.

use ledger_core::{Sequence, Timestamp};

use crate::{
    FieldPath, Malformed,
    uint128::{number, present},
    v1,
};

/// The last event of a request, or the state that was judged.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Receipt {
    /// The line of history; a restore starts a new one.
    pub epoch: u128,
    /// The newest event that the answer knows of.
    pub sequence: Sequence,
    /// The newest journal time that the answer knows of: that of this event, or later.
    pub time: Timestamp,
    /// The hash of a frame of the journal that covers at least this event, and all frames before.
    pub frame_hash: [u8; 32],
}

impl From<&Receipt> for v1::Receipt {
    fn from(receipt: &Receipt) -> Self {
        Self {
            epoch: present(receipt.epoch),
            sequence: receipt.sequence.get(),
            time: receipt.time.get(),
            frame_hash: receipt.frame_hash.to_vec(),
        }
    }
}

impl Receipt {
    /// The receipt of an answer, which every answer has.
    ///
    /// # Errors
    /// It is absent, or its hash is not 32 bytes.
    pub fn read(wire: Option<v1::Receipt>) -> Result<Self, Malformed> {
        const AT: FieldPath = FieldPath::of("receipt");
        let wire = wire.ok_or(Malformed::Absent { at: AT })?;
        let frame_hash =
            <[u8; 32]>::try_from(&wire.frame_hash[..]).map_err(|_| Malformed::Unfitting {
                at: FieldPath::of("receipt.frame_hash"),
            })?;
        Ok(Self {
            epoch: number(wire.epoch),
            sequence: Sequence::new(wire.sequence),
            time: Timestamp::new(wire.time),
            frame_hash,
        })
    }
}
