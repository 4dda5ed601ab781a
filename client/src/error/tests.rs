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
        fork: None,
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

/// As docs/src/grpc/errors.md says.
#[test]
fn only_what_passes_soon_is_tried_again() {
    let soon = Some(Duration::from_secs(1));
    for reason in Reason::ALL {
        let mut refusal = refusal(*reason, "");
        // With a reason that is known, what the server asks for does not matter.
        refusal.retry_after = soon;
        let passes = matches!(
            reason.name(),
            "QUEUE_FULL" | "STARTING" | "DRAINING" | "REBUILDING_INDEX" | "READ_REFUSED"
        );
        let error = ClientError::Refused(Box::new(refusal));
        assert_eq!(error.is_retryable(), passes, "{reason}");
    }
    for retry_after in [None, soon] {
        let mut newer = refusal(Reason::Bug, "");
        newer.reason = None;
        newer.retry_after = retry_after;
        let error = ClientError::Refused(Box::new(newer));
        assert_eq!(error.is_retryable(), retry_after.is_some());
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
