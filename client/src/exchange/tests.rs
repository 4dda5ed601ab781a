use bytes::{BufMut, Bytes};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{Received, end, framed, no_grpc};

fn received(parts: &[&[u8]], bytes_max: usize) -> Result<Bytes, crate::ClientError> {
    let mut received = Received::default();
    for part in parts {
        received.take(Bytes::copy_from_slice(part), bytes_max)?;
    }
    received.message()
}

#[test]
fn a_framed_message_is_read_however_it_is_cut() {
    let message = framed(0, |bytes| bytes.put_slice(b"twelve bytes"));
    assert_eq!(&message[..5], [0, 0, 0, 0, 12]);
    for first in 0..=message.len() {
        for second in first..=message.len() {
            let parts = [
                &message[..first],
                &message[first..second],
                &message[second..],
            ];
            assert_eq!(received(&parts, 12).unwrap(), "twelve bytes");
        }
    }
}

#[test]
fn an_answer_that_is_not_one_whole_message_is_not_believed() {
    let message = framed(0, |bytes| bytes.put_slice(b"twelve bytes"));
    for length in 1..message.len() {
        assert!(
            received(&[&message[..length]], 100).is_err(),
            "cut at {length}"
        );
    }
    assert!(received(&[&message, b"more"], 100).is_err());
    assert!(received(&[&message], 11).is_err(), "too large");
    let mut compressed = message.to_vec();
    compressed[0] = 1;
    assert!(received(&[&compressed], 100).is_err());
    for error in [received(&[b"x"], 100), received(&[&compressed], 100)] {
        let error = error.unwrap_err();
        assert!(error.is_outcome_unknown() && !error.is_retryable());
    }
}

#[test]
fn only_a_status_of_success_makes_an_answer() {
    let with = |status: &'static str| {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static(status));
        end(&trailers)
    };
    assert!(with("0").is_ok());
    assert!(with("14").unwrap_err().is_retryable());
    let silent = end(&HeaderMap::new()).unwrap_err();
    assert!(silent.is_outcome_unknown());
}

#[test]
fn a_proxy_that_is_busy_passes_and_a_foreign_server_does_not() {
    assert!(no_grpc(StatusCode::BAD_GATEWAY).is_retryable());
    assert!(!no_grpc(StatusCode::NOT_FOUND).is_retryable());
    assert!(no_grpc(StatusCode::BAD_GATEWAY).is_outcome_unknown());
}
