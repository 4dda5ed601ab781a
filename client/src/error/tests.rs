use std::sync::Arc;
use std::time::Duration;

use super::{ClientError, DeadlinePassed, Refusal, Unanswered, Violation};
use ledger_proto::Reason;

fn refusal(reason: Reason, message: &str) -> Refusal {
    Refusal {
        reason: Some(reason),
        limit: None,
        message: message.into(),
        violations: Vec::new(),
        retry_after: None,
        earlier_attempt_unknown: false,
    }
}

#[test]
fn what_was_never_sent_has_a_known_outcome() {
    let source = Arc::new(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
    for error in [
        ClientError::Address {
            server: "here".into(),
        },
        ClientError::Unreachable {
            server: "http://127.0.0.1:1".into(),
            source,
        },
        ClientError::TooManyWaiting {
            waiting_events_max: 3,
        },
        ClientError::Closed {
            outcome_unknown: false,
        },
    ] {
        assert!(!error.is_outcome_unknown(), "{error}");
    }
}

#[test]
fn messages_say_what_to_do() {
    let error = ClientError::Address {
        server: "here".into(),
    };
    assert_eq!(
        error.to_string(),
        "`here` is no address of a server: write it like http://127.0.0.1:7400"
    );

    let mut malformed = refusal(Reason::InvalidRequest, "the request is malformed");
    malformed.violations = vec![Violation {
        field: "transfers[3].code".into(),
        description: "is above 65535".into(),
    }];
    assert_eq!(
        ClientError::Refused(Box::new(malformed)).to_string(),
        "the request is malformed; transfers[3].code: is above 65535"
    );

    let silent = ClientError::Refused(Box::new(refusal(Reason::Draining, "")));
    assert_eq!(silent.to_string(), "the server refused: DRAINING");

    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let unanswered = Unanswered {
        message: "transport error".into(),
        source: Some(Arc::new(broken)),
        passing: true,
    };
    assert_eq!(
        ClientError::Unanswered(Box::new(unanswered)).to_string(),
        "the outcome is unknown (transport error: connection reset): make the call again with \
         the same ids, or look them up"
    );
}

#[test]
fn after_the_deadline_the_last_refusal_is_told() {
    let last = ClientError::Refused(Box::new(refusal(Reason::QueueFull, "the queue is full")));
    let error = ClientError::DeadlinePassed(Box::new(DeadlinePassed {
        deadline: Duration::from_millis(1500),
        attempts: 4,
        outcome_unknown: false,
        last: Some(last),
    }));
    assert_eq!(error.reason(), Some(Reason::QueueFull));
    assert_eq!(
        error.to_string(),
        "no answer within 1.5 s and 4 attempts; last: the queue is full; nothing was applied"
    );
}
