//! Requests in a frame: who asked, in which trace, and where the request came from.
//!
//! The body of an item of type 1:
//!
//! | bytes | field | what it is |
//! | --- | --- | --- |
//! | 1 | presence | bit 0 principal, 1 traceparent, 2 origin; bit 3: made by the server itself |
//! | 4 | event count | events of this request; never 0 |
//! | 2 + n | principal | length and text, if present; likewise the two below |
//! | 2 + n | traceparent | as in the W3C's header |
//! | 2 + n | origin | |

use super::integer::{Cursor, put_bytes};
use super::payload::{DecodeError, ITEM_HEADER_BYTES, REQUEST};

/// A text of a request is cut to this length.
pub const CONTEXT_FIELD_BYTES_MAX: usize = 1024;

/// The most bytes that a request takes beside its events.
pub const REQUEST_BYTES_MAX: usize =
    ITEM_HEADER_BYTES + BODY_HEAD_BYTES + 3 * (2 + CONTEXT_FIELD_BYTES_MAX);

const BODY_HEAD_BYTES: usize = 5;
const EVENT_COUNT_AT: usize = ITEM_HEADER_BYTES + 1;

const PRINCIPAL: u8 = 1 << 0;
const TRACEPARENT: u8 = 1 << 1;
const ORIGIN: u8 = 1 << 2;
const INTERNAL: u8 = 1 << 3;
const KNOWN: u8 = PRINCIPAL | TRACEPARENT | ORIGIN | INTERNAL;

/// Where a request came from, as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RequestContext<'a> {
    /// Who asked, if that is known.
    pub principal: Option<&'a str>,
    /// The caller's trace, as in the W3C's `traceparent` header.
    pub traceparent: Option<&'a str>,
    /// What the client says the request came from.
    pub origin: Option<&'a str>,
    /// Whether nobody asked: the server itself released what was due.
    pub internal: bool,
}

impl RequestContext<'_> {
    /// The context of what the server does by itself.
    pub const INTERNAL: Self = Self {
        principal: None,
        traceparent: None,
        origin: None,
        internal: true,
    };

    /// A context that holds its own texts.
    #[must_use]
    pub fn to_owned(&self) -> OwnedContext {
        OwnedContext {
            principal: self.principal.map(Box::from),
            traceparent: self.traceparent.map(Box::from),
            origin: self.origin.map(Box::from),
            internal: self.internal,
        }
    }
}

/// A [`RequestContext`] that holds its own texts.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct OwnedContext {
    /// Who asked, if that is known.
    pub principal: Option<Box<str>>,
    /// The caller's trace.
    pub traceparent: Option<Box<str>>,
    /// What the client says the request came from.
    pub origin: Option<Box<str>>,
    /// Whether nobody asked.
    pub internal: bool,
}

impl OwnedContext {
    /// The same, with the texts where they are.
    pub(super) fn borrowed(&self) -> RequestContext<'_> {
        RequestContext {
            principal: self.principal.as_deref(),
            traceparent: self.traceparent.as_deref(),
            origin: self.origin.as_deref(),
            internal: self.internal,
        }
    }
}

/// Writes a request with an event count of zero at the start of `bytes` and returns its length.
pub(super) fn put_request(bytes: &mut [u8], context: &RequestContext<'_>) -> usize {
    let fields = [
        (PRINCIPAL, context.principal),
        (TRACEPARENT, context.traceparent),
        (ORIGIN, context.origin),
    ];
    let mut presence = if context.internal { INTERNAL } else { 0 };
    let mut at = ITEM_HEADER_BYTES + BODY_HEAD_BYTES;
    for (bit, text) in fields {
        let Some(text) = text else { continue };
        presence |= bit;
        let text = cut(text);
        put_bytes(bytes, &mut at, &(text.len() as u16).to_le_bytes());
        put_bytes(bytes, &mut at, text.as_bytes());
    }
    bytes[0] = REQUEST;
    bytes[1..3].copy_from_slice(&((at - ITEM_HEADER_BYTES) as u16).to_le_bytes());
    bytes[ITEM_HEADER_BYTES] = presence;
    put_event_count(bytes, 0);
    at
}

/// The longest beginning of a text that may be written.
fn cut(text: &str) -> &str {
    let mut length = text.len().min(CONTEXT_FIELD_BYTES_MAX);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    &text[..length]
}

/// Sets the event count of the request that begins at the start of `bytes`.
pub(super) fn put_event_count(bytes: &mut [u8], events: u32) {
    bytes[EVENT_COUNT_AT..EVENT_COUNT_AT + 4].copy_from_slice(&events.to_le_bytes());
}

/// Reads the body of a request: its context, and how many events it has.
pub(super) fn read_request(body: &[u8]) -> Result<(RequestContext<'_>, u32), DecodeError> {
    let mut cursor = Cursor::new(body);
    let presence = cursor.u8()?;
    if presence & !KNOWN != 0 {
        return Err(DecodeError::NotCanonical);
    }
    let events = cursor.u32()?;
    let mut text = |bit| {
        if presence & bit == 0 {
            return Ok(None);
        }
        let length = cursor.u16()?;
        cursor.text(usize::from(length)).map(Some)
    };
    let context = RequestContext {
        principal: text(PRINCIPAL)?,
        traceparent: text(TRACEPARENT)?,
        origin: text(ORIGIN)?,
        internal: presence & INTERNAL != 0,
    };
    cursor.finish()?;
    if events == 0 {
        return Err(DecodeError::Count);
    }
    Ok((context, events))
}

#[cfg(test)]
mod tests;
