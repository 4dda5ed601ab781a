use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use super::{PAUSE_MAX, TimeLimit, pause, until_answered};
use crate::ClientError;
use crate::error::{Refusal, Unanswered};
use ledger_proto::Reason;

fn refused(reason: Reason) -> ClientError {
    ClientError::Refused(Box::new(Refusal {
        reason: Some(reason),
        limit: None,
        message: "no".into(),
        violations: Vec::new(),
        retry_after: None,
        fork: None,
        earlier_attempt_unknown: false,
    }))
}

fn broken() -> ClientError {
    ClientError::Unanswered(Box::new(Unanswered {
        message: "the connection broke".into(),
        source: None,
        passing: true,
    }))
}

/// Makes attempts that fail as told, in order, and then succeed; gives what the caller gets and
/// the number of attempts.
async fn run(failures: Vec<ClientError>) -> (Result<(), ClientError>, usize) {
    let attempts = Cell::new(0);
    let failures = &failures;
    let result = until_answered(TimeLimit::from_now(Duration::from_secs(60)), || {
        let attempt = attempts.replace(attempts.get() + 1);
        async move {
            failures
                .get(attempt)
                .map_or(Ok(()), |error| Err(error.clone()))
        }
    })
    .await;
    (result, attempts.get())
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again() {
    let passing = vec![
        broken(),
        refused(Reason::QueueFull),
        refused(Reason::Starting),
        refused(Reason::Draining),
    ];
    let (result, attempts) = run(passing).await;
    assert!(result.is_ok());
    assert_eq!(attempts, 5);
}

#[tokio::test(start_paused = true)]
async fn what_stays_is_not_tried_again() {
    let (result, attempts) = run(vec![refused(Reason::StorageFull)]).await;
    let error = result.unwrap_err();
    assert_eq!(error.reason(), Some(Reason::StorageFull));
    assert!(!error.is_outcome_unknown());
    assert_eq!(attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_does_not_speak_for_an_earlier_attempt() {
    let (result, _) = run(vec![broken(), refused(Reason::NotDecided)]).await;
    let error = result.unwrap_err();
    assert_eq!(error.reason(), Some(Reason::NotDecided));
    assert!(
        error.is_outcome_unknown(),
        "the first attempt may have been decided in time"
    );
    assert!(error.to_string().contains("same ids"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn refusals_until_the_deadline_leave_nothing_applied() {
    let limit = TimeLimit::from_now(Duration::from_secs(2));
    let begun = Instant::now();
    let error = until_answered(limit, || async { Err::<(), _>(refused(Reason::QueueFull)) })
        .await
        .unwrap_err();
    assert!(begun.elapsed() <= Duration::from_secs(2));
    assert!(!error.is_outcome_unknown());
    assert!(error.is_retryable());
    assert_eq!(error.reason(), Some(Reason::QueueFull));
    assert!(error.to_string().contains("nothing was applied"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_break_before_the_deadline_leaves_the_outcome_unknown() {
    let limit = TimeLimit::from_now(Duration::from_secs(2));
    let first = Cell::new(true);
    let error = until_answered(limit, || {
        let error = if first.replace(false) {
            broken()
        } else {
            refused(Reason::Starting)
        };
        async { Err::<(), _>(error) }
    })
    .await
    .unwrap_err();
    assert!(error.is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_ends_at_the_deadline() {
    let limit = TimeLimit::from_now(Duration::from_secs(2));
    let begun = Instant::now();
    let error = until_answered(limit, std::future::pending::<Result<(), _>>)
        .await
        .unwrap_err();
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    assert!(error.is_outcome_unknown());
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn the_server_is_given_the_time_it_asks_for() {
    let mut full = refused(Reason::QueueFull);
    if let ClientError::Refused(refusal) = &mut full {
        refusal.retry_after = Some(Duration::from_millis(400));
    }
    let begun = Instant::now();
    let (result, _) = run(vec![full]).await;
    assert!(result.is_ok());
    assert!(begun.elapsed() >= Duration::from_millis(400));
}

#[test]
fn pauses_grow_to_a_bound_and_are_spread() {
    assert_eq!(pause(1, None, 0), Duration::ZERO);
    assert_eq!(pause(1, None, u32::MAX), Duration::from_millis(10));
    assert_eq!(pause(2, None, u32::MAX), Duration::from_millis(20));
    assert_eq!(pause(1000, None, u32::MAX), 2 * PAUSE_MAX);
    let asked = Duration::from_millis(3);
    assert_eq!(pause(9, Some(asked), 0), asked);
    assert_eq!(pause(9, Some(asked), u32::MAX), 2 * asked);
}
