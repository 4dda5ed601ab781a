//! Making a call again, with the same ids, until it is answered or its time is up.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::ClientError;
use crate::error::DeadlinePassed;

#[cfg(test)]
mod tests;

/// The time a call has, from its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimit {
    pub(crate) given: Duration,
    pub(crate) end: Instant,
}

impl TimeLimit {
    pub(crate) fn from_now(given: Duration) -> Self {
        Self {
            given,
            end: Instant::now() + given,
        }
    }
}

/// The mean pause after the first failed attempt; it doubles with each.
const PAUSE_FIRST: Duration = Duration::from_millis(5);
/// The longest mean pause.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Makes attempts until one is answered, one fails for good, or the time is up.
///
/// # Invariants
/// - An attempt is repeated only after an error that may pass.
/// - Once an attempt has ended without an answer, the call's outcome is unknown whatever later
///   attempts are told: a refusal speaks only of its own attempt.
pub(crate) async fn until_answered<T, F>(
    limit: TimeLimit,
    mut attempt: impl FnMut() -> F,
) -> Result<T, ClientError>
where
    F: Future<Output = Result<T, ClientError>>,
{
    let mut attempts = 0;
    let mut unknown = false;
    let mut last = None;
    loop {
        attempts += 1;
        let failed = match timeout_at(limit.end, attempt()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_elapsed) => {
                return Err(ClientError::DeadlinePassed(Box::new(DeadlinePassed {
                    deadline: limit.given,
                    attempts,
                    outcome_unknown: true,
                    last,
                })));
            }
        };
        unknown |= failed.is_outcome_unknown();
        if !failed.is_retryable() {
            return Err(if unknown {
                failed.after_unknown_attempt()
            } else {
                failed
            });
        }
        let pause = pause(attempts, failed.retry_after(), random());
        tracing::debug!(attempts, ?pause, error = %failed, "the attempt failed; making it again");
        last = Some(failed);
        // Waiting for a moment at which nothing can be done any more helps nobody.
        if Instant::now() + pause >= limit.end {
            return Err(ClientError::DeadlinePassed(Box::new(DeadlinePassed {
                deadline: limit.given,
                attempts,
                outcome_unknown: unknown,
                last,
            })));
        }
        sleep(pause).await;
    }
}

/// How long to wait after so many failed attempts: anything from nothing to twice the mean, so
/// that callers that failed together do not come back together; what the server asks for comes on
/// top of no jitter below it.
fn pause(attempts: u32, asked: Option<Duration>, random: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    let mean = PAUSE_FIRST.saturating_mul(1 << doublings).min(PAUSE_MAX);
    let jittered = mean.mul_f64(2.0 * f64::from(random) / f64::from(u32::MAX));
    match asked {
        // Never earlier than asked, and not all at the same moment either.
        Some(asked) => asked + jittered.min(asked),
        None => jittered,
    }
}

fn random() -> u32 {
    // Without random bytes the pauses are not spread, which is no reason to fail.
    getrandom::u32().unwrap_or(u32::MAX / 2)
}
