//! Messages as the codecs see them: from a whole slice, with the number of a request's events
//! bounded before anything is allocated for them.

use bytes::BufMut;
use prost::Message as _;

use crate::{FieldPath, Malformed, TransferBatch, TransferBatchAnswer, v1, wire::Reader};

/// The most events, or ids, that one request may hold.
pub const EVENTS_PER_REQUEST_MAX: usize = 8192;

/// A message that can be sent and received.
pub(crate) trait Message: Sized {
    /// Room to make before encoding.
    fn room(&self) -> usize;
    /// Writes the message.
    fn write(&self, buffer: &mut impl BufMut);
    /// Reads a message that is exactly `bytes`.
    fn read(bytes: &[u8]) -> Result<Self, Malformed>;
}

impl Message for TransferBatch {
    fn room(&self) -> usize {
        self.room()
    }

    fn write(&self, buffer: &mut impl BufMut) {
        self.encode(buffer);
    }

    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::decode(bytes)
    }
}

impl Message for TransferBatchAnswer {
    fn room(&self) -> usize {
        self.room()
    }

    fn write(&self, buffer: &mut impl BufMut) {
        self.encode(buffer);
    }

    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::decode(bytes)
    }
}

/// The largest request that asks for a list: its filter holds a few hundred values, while megabytes
/// of empty ones would become gigabytes in memory.
const LIST_REQUEST_BYTES_MAX: usize = 64 << 10;

/// The most files that a receiver of a backup can say to have.
const HELD_FILES_MAX: usize = 65_536;

/// Messages that are read and written by generated code. A request names its first field if that
/// is a list, since a few megabytes of empty entries would become gigabytes in memory.
macro_rules! generated {
    ($($message:ident $(bounded by $list:literal to $count_max:ident)? $(small by $field:literal)?;)*) => {
        $(impl Message for v1::$message {
            fn room(&self) -> usize {
                self.encoded_len()
            }

            fn write(&self, buffer: &mut impl BufMut) {
                self.encode_raw(buffer);
            }

            fn read(bytes: &[u8]) -> Result<Self, Malformed> {
                $(bound(bytes, $list, $count_max)?;)?
                $(keep_small(bytes, $field)?;)?
                Self::decode(bytes).map_err(|source| Malformed::Message {
                    message: stringify!($message),
                    source,
                })
            }
        })*
    };
}

generated! {
    RegisterLedgersRequest bounded by "ledgers" to EVENTS_PER_REQUEST_MAX;
    RegisterLedgersResponse;
    ListLedgersRequest;
    ListLedgersResponse;
    CreateAccountsRequest bounded by "accounts" to EVENTS_PER_REQUEST_MAX;
    CreateAccountsResponse;
    UpdateAccountsRequest bounded by "updates" to EVENTS_PER_REQUEST_MAX;
    UpdateAccountsResponse;
    LookupAccountsRequest bounded by "ids" to EVENTS_PER_REQUEST_MAX;
    LookupAccountsResponse;
    LookupTransfersRequest bounded by "ids" to EVENTS_PER_REQUEST_MAX;
    LookupTransfersResponse;
    GetBalancesRequest bounded by "ids" to EVENTS_PER_REQUEST_MAX;
    GetBalancesResponse;
    GetTrialBalanceRequest bounded by "ledgers" to EVENTS_PER_REQUEST_MAX;
    GetTrialBalanceResponse;
    ListAccountsRequest small by "filter";
    ListAccountsResponse;
    ListTransfersRequest small by "filter";
    ListTransfersResponse;
    ListBalancesRequest;
    ListBalancesResponse;
    GetStatusRequest;
    GetStatusResponse;
    CreateSnapshotRequest;
    CreateSnapshotResponse;
    ListSnapshotsRequest;
    ListSnapshotsResponse;
    BackupRequest bounded by "held" to HELD_FILES_MAX;
    BackupResponse;
    VerifyRequest;
    VerifyResponse;
}

/// Looks over the fields of a request, and refuses one whose first field comes too often.
fn bound(bytes: &[u8], list: &'static str, count_max: usize) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    let mut count = 0;
    let at = |count| {
        move |defect| Malformed::Protobuf {
            at: FieldPath::item(list, count),
            defect,
        }
    };
    while let Some(key) = reader.key().map_err(at(count))? {
        if key.number() == 1 {
            // A packed list of numbers holds at most one for each of its bytes.
            count += 1;
            if count > count_max {
                return Err(Malformed::TooMany { list, count_max });
            }
        }
        reader.skip(key).map_err(at(count.saturating_sub(1)))?;
    }
    Ok(())
}

/// Refuses a request that is larger than anything that it can mean.
fn keep_small(bytes: &[u8], field: &'static str) -> Result<(), Malformed> {
    if bytes.len() > LIST_REQUEST_BYTES_MAX {
        return Err(Malformed::TextTooLong {
            at: FieldPath::of(field),
            bytes: bytes.len(),
            bytes_max: LIST_REQUEST_BYTES_MAX,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
