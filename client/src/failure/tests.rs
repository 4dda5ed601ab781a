use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::{broken, meaning};
use crate::ClientError;
use ledger_proto::Reason;

fn details(reason: &str, pairs: &[(&str, &str)]) -> ErrorDetails {
    let metadata: HashMap<String, String> = pairs
        .iter()
        .map(|&(key, value)| (key.into(), value.into()))
        .collect();
    ErrorDetails::with_error_info(reason, "pacioli", metadata)
}

fn refused(code: Code, reason: &str) -> Status {
    Status::with_error_details(code, "said why", details(reason, &[("applied", "false")]))
}

#[test]
fn only_the_servers_own_word_says_that_nothing_was_applied() {
    let known = meaning(refused(Code::Unavailable, "DRAINING"));
    assert!(!known.is_outcome_unknown());

    let foreign_domain = Status::with_error_details(
        Code::Unavailable,
        "",
        ErrorDetails::with_error_info(
            "DRAINING",
            "proxy.example",
            HashMap::from([("applied".to_owned(), "false".to_owned())]),
        ),
    );
    let silent = Status::with_error_details(Code::Unknown, "", details("OUTCOME_UNKNOWN", &[]));
    let applied = Status::with_error_details(
        Code::Unknown,
        "",
        details("DRAINING", &[("applied", "true")]),
    );
    let bare = [
        Code::Unavailable,
        Code::InvalidArgument,
        Code::ResourceExhausted,
        Code::NotFound,
    ]
    .map(|code| Status::new(code, "no details"));
    for status in [foreign_domain, silent, applied].into_iter().chain(bare) {
        let error = meaning(status.clone());
        assert!(error.is_outcome_unknown(), "{status:?}");
    }
}

#[test]
fn what_passes_is_retryable_and_what_stays_is_not() {
    for (code, reason, retryable) in [
        (Code::ResourceExhausted, "QUEUE_FULL", true),
        (Code::ResourceExhausted, "LIMIT", false),
        (Code::ResourceExhausted, "MESSAGE_TOO_LARGE", false),
        (Code::DeadlineExceeded, "NOT_DECIDED", false),
        (Code::FailedPrecondition, "STORAGE_FULL", false),
        (Code::FailedPrecondition, "EPOCH_CHANGED", false),
        (Code::FailedPrecondition, "CLOCK", false),
        (Code::Unavailable, "STARTING", true),
        (Code::Unavailable, "DRAINING", true),
        (Code::Unavailable, "REBUILDING_INDEX", true),
        (Code::InvalidArgument, "INVALID_REQUEST", false),
        (Code::Internal, "BUG", false),
        (Code::DataLoss, "DAMAGED", false),
    ] {
        let error = meaning(refused(code, reason));
        assert_eq!(error.is_retryable(), retryable, "{reason}");
        assert!(!error.is_outcome_unknown(), "{reason}");
        assert_eq!(error.reason().expect("a known reason").name(), reason);
    }
}

#[test]
fn a_reason_of_a_newer_server_is_retried_only_where_it_asks_for_it() {
    let mut asks = details("MOON_PHASE", &[("applied", "false")]);
    assert!(!meaning(refused(Code::ResourceExhausted, "MOON_PHASE")).is_retryable());
    asks.set_retry_info(Some(Duration::from_millis(70)));
    let error = meaning(Status::with_error_details(
        Code::ResourceExhausted,
        "",
        asks,
    ));
    assert!(error.is_retryable());
    assert_eq!(error.retry_after(), Some(Duration::from_millis(70)));
    assert_eq!(error.reason(), None);
}

#[test]
fn a_broken_connection_is_retryable_with_an_unknown_outcome() {
    let error = broken(h2::Reason::REFUSED_STREAM.into());
    assert!(error.is_retryable());
    assert!(error.is_outcome_unknown());
    assert!(
        error.to_string().contains("the connection broke"),
        "{error}"
    );
}

#[test]
fn a_request_that_stays_too_large_is_not_sent_again() {
    assert!(!meaning(Status::new(Code::OutOfRange, "message length too large")).is_retryable());
    assert!(!meaning(Status::new(Code::Unimplemented, "")).is_retryable());
}

#[test]
fn fields_and_limits_are_named() {
    let mut wrong = details("INVALID_REQUEST", &[("applied", "false")]);
    wrong.add_bad_request_violation("transfers[3].code", "is above 65535");
    let error = meaning(Status::with_error_details(Code::InvalidArgument, "", wrong));
    assert_eq!(&*error.violations()[0].field, "transfers[3].code");
    assert!(
        error
            .to_string()
            .contains("transfers[3].code: is above 65535"),
        "{error}"
    );

    let full = details("LIMIT", &[("applied", "false"), ("limit", "accounts_max")]);
    let error = meaning(Status::with_error_details(
        Code::ResourceExhausted,
        "",
        full,
    ));
    assert_eq!(error.reason(), Some(Reason::Limit));
    let ClientError::Refused(refusal) = error else {
        panic!("a refusal")
    };
    assert_eq!(refusal.limit.as_deref(), Some("accounts_max"));
}
