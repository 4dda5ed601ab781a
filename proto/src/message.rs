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

/// Messages that are read and written by generated code. A request names its first field if that
/// is a list, since a few megabytes of empty entries would become gigabytes in memory.
macro_rules! generated {
    ($($message:ident $(bounded by $list:literal)?;)*) => {
        $(impl Message for v1::$message {
            fn room(&self) -> usize {
                self.encoded_len()
            }

            fn write(&self, buffer: &mut impl BufMut) {
                self.encode_raw(buffer);
            }

            fn read(bytes: &[u8]) -> Result<Self, Malformed> {
                $(bound(bytes, $list)?;)?
                Self::decode(bytes).map_err(|source| Malformed::Message {
                    message: stringify!($message),
                    source,
                })
            }
        })*
    };
}

generated! {
    RegisterLedgersRequest bounded by "ledgers";
    RegisterLedgersResponse;
    ListLedgersRequest;
    ListLedgersResponse;
    CreateAccountsRequest bounded by "accounts";
    CreateAccountsResponse;
    UpdateAccountsRequest bounded by "updates";
    UpdateAccountsResponse;
    LookupAccountsRequest bounded by "ids";
    LookupAccountsResponse;
    LookupTransfersRequest bounded by "ids";
    LookupTransfersResponse;
    GetBalancesRequest bounded by "ids";
    GetBalancesResponse;
    GetTrialBalanceRequest bounded by "ledgers";
    GetTrialBalanceResponse;
    GetStatusRequest;
    GetStatusResponse;
}

/// Looks over the fields of a request, and refuses one whose first field comes too often.
fn bound(bytes: &[u8], list: &'static str) -> Result<(), Malformed> {
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
            if count > EVENTS_PER_REQUEST_MAX {
                return Err(Malformed::TooMany {
                    list,
                    count_max: EVENTS_PER_REQUEST_MAX,
                });
            }
        }
        reader.skip(key).map_err(at(count.saturating_sub(1)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
