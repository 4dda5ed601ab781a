//! `CreateTransfersRequest`, straight from bytes to the core's transfers and back.

use bytes::BufMut;
use ledger_core::{Timestamp, Transfer};

use crate::{
    Defect, EVENTS_PER_REQUEST_MAX, FieldPath, Malformed,
    transfer::{self, TransferPiece},
    wire::{Key, Kind, Piece, Reader},
};

/// A request to create transfers.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TransferBatch {
    /// In the order in which they are judged.
    pub transfers: Vec<Transfer>,
    /// Nothing is decided after this journal time; zero means none.
    pub deadline: Timestamp,
    /// Judge, and change nothing.
    pub dry_run: bool,
    /// Answer with the totals of both accounts after each transfer.
    pub return_balances: bool,
    /// Where the request comes from; may be empty.
    pub origin: Box<str>,
}

mod field {
    pub(super) const TRANSFERS: u32 = 1;
    pub(super) const DEADLINE: u32 = 2;
    pub(super) const DRY_RUN: u32 = 3;
    pub(super) const RETURN_BALANCES: u32 = 4;
    pub(super) const ORIGIN: u32 = 5;
}

const TRANSFERS: &str = "transfers";

impl TransferBatch {
    /// Reads the message that is exactly `bytes`.
    ///
    /// # Errors
    /// Any bytes give a message or what is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        const TRANSFER: Key = Key::new(field::TRANSFERS, Kind::Length);
        const DEADLINE: Key = Key::new(field::DEADLINE, Kind::Fixed64);
        const DRY_RUN: Key = Key::new(field::DRY_RUN, Kind::Varint);
        const RETURN_BALANCES: Key = Key::new(field::RETURN_BALANCES, Kind::Varint);
        const ORIGIN: Key = Key::new(field::ORIGIN, Kind::Length);
        let broken = |at| {
            move |defect| Malformed::Protobuf {
                at: FieldPath::of(at),
                defect,
            }
        };

        let mut batch = Self::default();
        let mut reader = Reader::new(bytes);
        while let Some(key) = reader.key().map_err(broken("message"))? {
            match key {
                TRANSFER => {
                    let index = batch.transfers.len();
                    let at = FieldPath::item(TRANSFERS, index);
                    let broken = |defect| Malformed::Protobuf { at, defect };
                    if index == EVENTS_PER_REQUEST_MAX {
                        return Err(Malformed::TooMany {
                            list: TRANSFERS,
                            count_max: EVENTS_PER_REQUEST_MAX,
                        });
                    }
                    let bytes = reader.bytes().map_err(broken)?;
                    if index == 0 {
                        // Most requests hold transfers of about one size.
                        let more = reader.len() / (bytes.len() + 2);
                        batch
                            .transfers
                            .reserve((1 + more).min(EVENTS_PER_REQUEST_MAX));
                    }
                    batch.transfers.push(transfer::decode(bytes, at)?);
                }
                DEADLINE => {
                    let deadline = reader.fixed64().map_err(broken("deadline"))?;
                    batch.deadline = Timestamp::new(deadline);
                }
                DRY_RUN => batch.dry_run = reader.varint().map_err(broken("dry_run"))? != 0,
                RETURN_BALANCES => {
                    let flag = reader.varint().map_err(broken("return_balances"))?;
                    batch.return_balances = flag != 0;
                }
                ORIGIN => {
                    let origin = reader.text().map_err(broken("origin"))?;
                    batch.origin = transfer::text(origin, FieldPath::of("origin"))?.into();
                }
                _ if key.number() <= field::ORIGIN => {
                    return Err(broken("message")(Defect::Kind));
                }
                _ => reader.skip(key).map_err(broken("message"))?,
            }
        }
        Ok(batch)
    }

    /// About what the request takes when it is encoded, to make room at once.
    pub(crate) fn room(&self) -> usize {
        const REST_BYTES: usize = 64;
        transfer::room(&self.transfers) + self.origin.len() + REST_BYTES
    }

    /// Writes the message.
    pub fn encode(&self, buffer: &mut impl BufMut) {
        let mut piece = TransferPiece::new();
        for transfer in &self.transfers {
            transfer::encode(field::TRANSFERS, transfer, &mut piece, buffer);
        }
        let mut rest = Piece::<{ Piece::HEAD + 3 * Piece::UINT64 }>::new();
        rest.fixed64(field::DEADLINE, self.deadline.get());
        rest.uint64(field::DRY_RUN, self.dry_run.into());
        rest.uint64(field::RETURN_BALANCES, self.return_balances.into());
        buffer.put_slice(rest.fields());
        if !self.origin.is_empty() {
            prost::encoding::string::encode(field::ORIGIN, &self.origin.to_string(), buffer);
        }
    }
}

#[cfg(test)]
mod tests;
