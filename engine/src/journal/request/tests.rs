use proptest::prelude::*;

use super::*;

fn round_trip(context: &RequestContext<'_>, events: u32) -> (OwnedContext, u32) {
    let mut bytes = vec![0xee; REQUEST_BYTES_MAX];
    let length = put_request(&mut bytes, context);
    put_event_count(&mut bytes, events);
    let (read, count) = read_request(&bytes[ITEM_HEADER_BYTES..length]).unwrap();
    (read.to_owned(), count)
}

#[test]
fn a_text_is_cut_between_characters() {
    let text = format!("{}€", "x".repeat(CONTEXT_FIELD_BYTES_MAX - 1));
    let context = RequestContext {
        origin: Some(&text),
        ..RequestContext::default()
    };
    let (read, _) = round_trip(&context, 1);
    assert_eq!(read.origin.unwrap().len(), CONTEXT_FIELD_BYTES_MAX - 1);
}

#[test]
fn an_empty_text_is_not_an_absent_one() {
    let context = RequestContext {
        principal: Some(""),
        ..RequestContext::default()
    };
    assert_eq!(round_trip(&context, 1).0, context.to_owned());
}

#[test]
fn unknown_presence_and_empty_requests_are_refused() {
    assert_eq!(
        read_request(&[16, 1, 0, 0, 0]),
        Err(DecodeError::NotCanonical)
    );
    assert_eq!(read_request(&[0, 0, 0, 0, 0]), Err(DecodeError::Count));
    assert_eq!(
        read_request(&[0, 1, 0, 0, 0, 0]),
        Err(DecodeError::TrailingBytes)
    );
    assert_eq!(
        read_request(&[1, 1, 0, 0, 0, 1, 0, 0xff]),
        Err(DecodeError::NotText)
    );
    assert_eq!(
        read_request(&[1, 1, 0, 0, 0, 2, 0, b'a']),
        Err(DecodeError::Truncated)
    );
}

proptest! {
    #[test]
    fn every_context_reads_back(
        principal: Option<String>,
        traceparent: Option<String>,
        origin: Option<String>,
        internal: bool,
        events in 1u32..,
    ) {
        let context = RequestContext {
            principal: principal.as_deref(),
            traceparent: traceparent.as_deref(),
            origin: origin.as_deref(),
            internal,
        };
        prop_assert_eq!(round_trip(&context, events), (context.to_owned(), events));
    }

    #[test]
    fn hostile_bytes_do_no_harm(bytes: Vec<u8>) {
        let _ = read_request(&bytes);
    }
}
