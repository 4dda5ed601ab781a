use super::*;
use crate::{Explanation, FieldPath};

fn every_refusal() -> Vec<(Refusal, Code)> {
    let at = FieldPath::item("transfers", 3).with("code");
    vec![
        (
            Refusal::Malformed(Malformed::NumberTooLarge {
                at,
                number: 65536,
                number_max: 65535,
            }),
            Code::InvalidArgument,
        ),
        (
            Refusal::QueueFull {
                queue_bytes_max: 64,
            },
            Code::ResourceExhausted,
        ),
        (
            Refusal::Limit {
                name: "accounts_max",
                limit: 7,
            },
            Code::ResourceExhausted,
        ),
        (
            Refusal::MessageTooLarge { bytes_max: 8 },
            Code::ResourceExhausted,
        ),
        (
            Refusal::NotDecided {
                deadline: Timestamp::new(1),
                time: Timestamp::new(2),
            },
            Code::DeadlineExceeded,
        ),
        (Refusal::StorageFull, Code::FailedPrecondition),
        (
            Refusal::EpochChanged {
                epoch: 3,
                fork: Some(Sequence::new(4)),
            },
            Code::FailedPrecondition,
        ),
        (
            Refusal::BeyondEnd {
                at: FieldPath::of("at_sequence"),
                sequence: Sequence::new(1),
                time: Timestamp::new(2),
            },
            Code::OutOfRange,
        ),
        (
            Refusal::RebuildingIndex {
                done: Sequence::new(1),
                of: Sequence::new(2),
            },
            Code::Unavailable,
        ),
        (Refusal::ReadRefused, Code::Unavailable),
        (Refusal::Clock, Code::FailedPrecondition),
        (Refusal::Starting, Code::Unavailable),
        (Refusal::Draining, Code::Unavailable),
        (Refusal::OutcomeUnknown, Code::Unknown),
        (Refusal::Unanswered { waited_s: 60 }, Code::Unknown),
        (
            Refusal::Damaged {
                sequence: Sequence::new(9),
            },
            Code::DataLoss,
        ),
        (Refusal::FileUnreadable, Code::DataLoss),
        (Refusal::JournalEmpty, Code::FailedPrecondition),
        (
            Refusal::NameTaken {
                sequence: Sequence::new(9),
            },
            Code::AlreadyExists,
        ),
        (Refusal::ReaderStalled { waited_s: 60 }, Code::Aborted),
        (
            Refusal::Bug {
                rule: "two and two are four",
            },
            Code::Internal,
        ),
    ]
}

#[test]
fn every_refusal_is_explained_to_the_client() {
    for (refusal, code) in every_refusal() {
        let status = Status::from(refusal.clone());
        assert_eq!(status.code(), code);
        let explanation = Explanation::of(&status).expect("made by the server");
        assert_eq!(explanation.reason, Some(refusal.reason()));
        assert_eq!(
            explanation.nothing_applied,
            code != Code::Unknown,
            "{refusal}"
        );
        let retries = matches!(
            refusal,
            Refusal::QueueFull { .. }
                | Refusal::Starting
                | Refusal::Draining
                | Refusal::RebuildingIndex { .. }
                | Refusal::ReadRefused
        );
        assert_eq!(explanation.retry_after.is_some(), retries, "{refusal}");
    }
}

#[test]
fn only_a_limit_that_passes_is_worth_another_try() {
    for (name, passes) in [
        ("open_holds_max", true),
        ("reads_max", true),
        ("accounts_max", false),
        ("frame_bytes_max", false),
        ("trial_balance_ledgers_max", false),
    ] {
        let status = Status::from(Refusal::Limit { name, limit: 7 });
        let explanation = Explanation::of(&status).expect("made by the server");
        assert_eq!(explanation.retry_after.is_some(), passes, "{name}");
    }
}

#[test]
fn the_limit_and_the_fields_are_named() {
    let status = Status::from(Refusal::Limit {
        name: "open_holds_max",
        limit: 7,
    });
    let explanation = Explanation::of(&status).expect("made by the server");
    assert_eq!(explanation.limit.as_deref(), Some("open_holds_max"));

    let at = FieldPath::item("accounts", 2).with("name");
    let malformed = Malformed::TextTooLong {
        at,
        bytes: 5000,
        bytes_max: 4096,
    };
    let explanation =
        Explanation::of(&Refusal::from(malformed).into()).expect("made by the server");
    let [(field, what)] = &explanation.fields[..] else {
        panic!("one field is at fault")
    };
    assert_eq!(&**field, "accounts[2].name");
    assert!(what.contains("5000"), "{what}");
}

#[test]
fn the_fork_is_told_if_it_is_known() {
    for fork in [None, Some(Sequence::new(9))] {
        let status = Status::from(Refusal::EpochChanged { epoch: 1, fork });
        let explanation = Explanation::of(&status).expect("made by the server");
        assert_eq!(explanation.fork, fork);
    }
}

#[test]
fn an_error_that_the_server_did_not_make_explains_nothing() {
    assert_eq!(
        Explanation::of(&Status::unavailable("connection reset")),
        None
    );
    let foreign = ErrorDetails::with_error_info(
        "QUEUE_FULL",
        "elsewhere.example",
        HashMap::from([(APPLIED.to_owned(), "false".to_owned())]),
    );
    let status = Status::with_error_details(Code::Unavailable, "a proxy", foreign);
    assert_eq!(Explanation::of(&status), None);
}

#[test]
fn reasons_have_names_of_their_own() {
    for reason in Reason::ALL {
        assert_eq!(reason.name().parse(), Ok(*reason));
    }
}
