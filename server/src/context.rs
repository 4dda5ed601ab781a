//! Who asks and on what occasion, as far as the headers of a call tell.

use ledger_engine::Context;
use ledger_proto::{FieldPath, Malformed};
use tonic::metadata::MetadataMap;

/// The context that is recorded with what a call decides.
pub(crate) fn of(metadata: &MetadataMap, origin: &str) -> Result<Context, Malformed> {
    if origin.len() > Context::ORIGIN_BYTES_MAX {
        return Err(Malformed::TextTooLong {
            at: FieldPath::of("origin"),
            bytes: origin.len(),
            bytes_max: Context::ORIGIN_BYTES_MAX,
        });
    }
    Ok(Context {
        principal: None,
        traceparent: traceparent(metadata),
        origin: (!origin.is_empty()).then(|| origin.into()),
    })
}

/// The W3C trace context of a call. One that is not well-formed is passed over, as that
/// specification asks.
fn traceparent(metadata: &MetadataMap) -> Option<Box<str>> {
    let text = metadata.get("traceparent")?.to_str().ok()?;
    is_traceparent(text).then(|| text.into())
}

/// `00-` trace id of 32 digits `-` parent id of 16 digits `-` flags of two digits, in lower-case
/// hexadecimal; neither id is all zeros.
fn is_traceparent(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut next = |length| {
        parts.next().filter(|part| {
            let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            part.len() == length && part.bytes().all(digit)
        })
    };
    let not_zero = |part: &str| part.bytes().any(|byte| byte != b'0');
    let version = next(2).is_some_and(|version| version != "ff");
    let trace_id = next(32).is_some_and(not_zero);
    let parent_id = next(16).is_some_and(not_zero);
    let flags = next(2).is_some();
    version && trace_id && parent_id && flags && parts.next().is_none()
}

#[cfg(test)]
mod tests;
