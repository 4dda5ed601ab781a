//! What is inside a frame: items, one after the other, to the end of the payload.
//!
//! A request comes first, then the events that it caused, then the next request. Every item begins
//! alike, so that a reader can start at any item and pass over what it does not need:
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 1 | type | bits 0 … 6: the type below; bit 7: the event is chained to the next one |
//! | 1 | 2 | length | of the body |
//! | 3 | … | body | see [`super::request`] and [`super::event`] |
//!
//! | type | item |
//! | --- | --- |
//! | 1 | request |
//! | 2 | ledger registered |
//! | 3 | account created |
//! | 4 | account updated |
//! | 5 | transfer created |
//! | 6 | transfer expired |
//! | 7 | transfer rejected: an id is used up |
//! | 8 | transfer fenced |
//! | 9 | group resolved (reserved) |
//! | 10 | control put (reserved) |
//! | 11 | control deleted (reserved) |
//! | 12 | cursor committed (reserved) |
//! | 13 | cursor deleted (reserved) |
//! | 14 | token created (reserved) |
//! | 15 | token revoked (reserved) |
//! | 16 | membership changed (reserved) |
//! | 17 | epoch began: the database was restored |
//!
//! A reserved type is refused by name until its version of the format comes; 0 and the others are
//! no items at all. A checksum has passed before any of this is read, so what does not decode was
//! written so, by another version or by a mistake, and is never passed over.

use super::integer::Cursor;

/// The length of an item's header.
pub(super) const ITEM_HEADER_BYTES: usize = 3;
pub(super) const CHAINED: u8 = 0x80;

pub(super) const REQUEST: u8 = 1;
pub(super) const LEDGER_REGISTERED: u8 = 2;
pub(super) const ACCOUNT_CREATED: u8 = 3;
pub(super) const ACCOUNT_UPDATED: u8 = 4;
pub(super) const TRANSFER_CREATED: u8 = 5;
pub(super) const TRANSFER_EXPIRED: u8 = 6;
pub(super) const TRANSFER_REJECTED: u8 = 7;
pub(super) const TRANSFER_FENCED: u8 = 8;
pub(super) const EPOCH_BEGAN: u8 = 17;

/// The names of the reserved types, from 9 on.
const RESERVED: [&str; 8] = [
    "group_resolved",
    "control_put",
    "control_deleted",
    "cursor_committed",
    "cursor_deleted",
    "token_created",
    "token_revoked",
    "membership_changed",
];
const RESERVED_FIRST: u8 = TRANSFER_FENCED + 1;

/// Why an item is not one of this format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// It ends before its last field.
    #[error("it ends in the middle of a field")]
    Truncated,
    /// Bytes are left after its last field.
    #[error("bytes follow its last field")]
    TrailingBytes,
    /// A field is not in the one form that it has.
    #[error("a field is not in its one form")]
    NotCanonical,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    NotText,
    /// The type belongs to a later version of the format.
    #[error(
        "events of type {found}{} are not known to format version {version}; \
         a newer pacioli wrote them",
        name.map(|name| format!(" ({name})")).unwrap_or_default()
    )]
    UnknownType {
        /// The type.
        found: u8,
        /// Its name, if it was reserved from the first version on.
        name: Option<&'static str>,
        /// The version of this build.
        version: u16,
    },
    /// A status without a meaning.
    #[error("status {found} is not known to format version {version}")]
    UnknownStatus {
        /// The number.
        found: u8,
        /// The version of this build.
        version: u16,
    },
    /// The time of an event lies beyond the end of time.
    #[error("the event's time lies past 2^63 - 1 ns")]
    Time,
    /// The counts in front and the items do not agree.
    #[error("the events do not add up to the counts in front of them")]
    Count,
}

/// One item, not yet decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) item_type: u8,
    pub(super) chained: bool,
    pub(super) body: &'a [u8],
}

impl Item<'_> {
    pub(super) const fn is_request(&self) -> bool {
        self.item_type == REQUEST
    }
}

/// Reads the next item, or nothing at the end.
#[inline]
pub(super) fn next_item<'a>(cursor: &mut Cursor<'a>) -> Result<Option<Item<'a>>, DecodeError> {
    if cursor.remaining() == 0 {
        return Ok(None);
    }
    let [first, low, high] = cursor.array()?;
    let item_type = first & !CHAINED;
    if !(REQUEST..=TRANSFER_FENCED).contains(&item_type) && item_type != EPOCH_BEGAN {
        return Err(unknown_type(item_type));
    }
    let chained = first & CHAINED != 0;
    if chained && item_type == REQUEST {
        return Err(DecodeError::NotCanonical);
    }
    let body = cursor.bytes(usize::from(u16::from_le_bytes([low, high])))?;
    Ok(Some(Item {
        item_type,
        chained,
        body,
    }))
}

fn unknown_type(found: u8) -> DecodeError {
    let name = found
        .checked_sub(RESERVED_FIRST)
        .and_then(|index| RESERVED.get(usize::from(index)))
        .copied();
    DecodeError::UnknownType {
        found,
        name,
        version: super::FORMAT_VERSION,
    }
}
