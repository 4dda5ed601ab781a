//! The calls of one request, and how each gets its part of the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use ledger_core::{TransferAnswer, TransferAnswers};
use tokio::time::Instant;

use crate::error::DeadlinePassed;
use crate::retry::TimeLimit;
use crate::{Answer, ClientError};

type Outcome = Result<Answer<TransferAnswers>, ClientError>;

/// The calls of one request, whether it gathers, is under way or is answered.
#[derive(Debug)]
pub(super) struct Batch {
    /// Set once, before anybody is woken.
    outcome: OnceLock<Outcome>,
    places: Mutex<Vec<Place>>,
}

/// One call.
#[derive(Debug)]
struct Place {
    /// Where its transfers are in the request.
    first: usize,
    count: usize,
    limit: TimeLimit,
    state: PlaceState,
}

#[derive(Debug)]
enum PlaceState {
    /// Somebody waits, and is woken through this once they were polled.
    Waiting(Option<Waker>),
    /// Nobody waits any more.
    Withdrawn,
    /// Its time is up, before or after its request left.
    Expired { attempts: u32 },
}

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            outcome: OnceLock::new(),
            places: Mutex::new(Vec::new()),
        }
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        // Nothing here can panic half-way through a change.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a call.
    pub(super) fn join(this: &Arc<Self>, first: usize, count: usize, limit: TimeLimit) -> Waiting {
        let mut places = this.places();
        places.push(Place {
            first,
            count,
            limit,
            state: PlaceState::Waiting(None),
        });
        Waiting {
            batch: Arc::clone(this),
            place: places.len() - 1,
            done: false,
        }
    }

    /// The request is about to leave at `now`: calls whose time is up are told so, and the others
    /// move together. Says for each transfer whether it stays, or `None` where all do.
    pub(super) fn leave(&self, now: Instant) -> Option<Vec<bool>> {
        self.expire(now, 0);
        let mut places = self.places();
        if places.iter().all(Place::is_waiting) {
            return None;
        }
        let mut kept = Vec::new();
        let mut next = 0;
        for place in &mut *places {
            kept.resize(kept.len() + place.count, place.is_waiting());
            if place.is_waiting() {
                place.first = next;
                next += place.count;
            }
        }
        Some(kept)
    }

    /// Tells the calls whose time is up; `attempts` is 0 before the request has left. Gives the
    /// time at which the next one is up, `now` or later, far away if there is none.
    pub(super) fn expire(&self, now: Instant, attempts: u32) -> Instant {
        let mut due = Vec::new();
        let mut earliest_end = far_away(now);
        for place in &mut *self.places() {
            let PlaceState::Waiting(waker) = &mut place.state else {
                continue;
            };
            if place.limit.end <= now {
                due.extend(waker.take());
                place.state = PlaceState::Expired { attempts };
            } else {
                earliest_end = earliest_end.min(place.limit.end);
            }
        }
        due.into_iter().for_each(Waker::wake);
        earliest_end
    }

    /// When the time of the last call that waits is up, and how much that call was given.
    pub(super) fn latest_limit(&self) -> Option<TimeLimit> {
        let places = self.places();
        let waiting = places.iter().filter(|place| place.is_waiting());
        waiting
            .map(|place| place.limit)
            .max_by_key(|limit| limit.end)
    }

    /// Gives every call its part of the outcome. Only the first outcome counts.
    pub(super) fn answer(&self, outcome: Outcome) {
        if self.outcome.set(outcome).is_err() {
            return;
        }
        let mut places = self.places();
        let waiting: Vec<Waker> = places
            .iter_mut()
            .filter_map(|place| match &mut place.state {
                PlaceState::Waiting(waker) => waker.take(),
                PlaceState::Withdrawn | PlaceState::Expired { .. } => None,
            })
            .collect();
        drop(places);
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl Place {
    fn is_waiting(&self) -> bool {
        matches!(self.state, PlaceState::Waiting(_))
    }
}

/// A moment that no call waits for.
fn far_away(now: Instant) -> Instant {
    now + std::time::Duration::from_secs(60 * 60 * 24)
}

/// A call that waits for its part of an answer. Dropping it before the request leaves withdraws
/// the call; later it only ends the waiting.
#[derive(Debug)]
pub(super) struct Waiting {
    batch: Arc<Batch>,
    place: usize,
    done: bool,
}

/// A call's part of an answer.
#[derive(Debug)]
pub(super) struct Part {
    batch: Arc<Batch>,
    first: usize,
    count: usize,
}

impl Future for &mut Waiting {
    type Output = Result<Part, ClientError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waiting = &mut **self;
        let mut places = waiting.batch.places();
        let place = &mut places[waiting.place];
        if let PlaceState::Expired { attempts } = place.state {
            let passed = DeadlinePassed {
                deadline: place.limit.given,
                attempts,
                outcome_unknown: attempts > 0,
                last: None,
            };
            waiting.done = true;
            return Poll::Ready(Err(ClientError::DeadlinePassed(Box::new(passed))));
        }
        // The outcome is set before the places are looked through for wakers: whoever does not
        // find it under the lock is found there.
        match waiting.batch.outcome.get() {
            None => {
                let waker = context.waker();
                match &mut place.state {
                    PlaceState::Waiting(Some(kept)) if kept.will_wake(waker) => {}
                    state => *state = PlaceState::Waiting(Some(waker.clone())),
                }
                Poll::Pending
            }
            Some(outcome) => {
                waiting.done = true;
                let (first, count) = (place.first, place.count);
                drop(places);
                let batch = Arc::clone(&waiting.batch);
                Poll::Ready(match outcome {
                    Ok(_) => Ok(Part {
                        batch,
                        first,
                        count,
                    }),
                    Err(error) => Err(error.clone()),
                })
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.done {
            self.batch.places()[self.place].state = PlaceState::Withdrawn;
        }
    }
}

impl Part {
    fn answer(&self) -> &Answer<TransferAnswers> {
        match self.batch.outcome.get() {
            Some(Ok(answer)) => answer,
            _ => unreachable!("a part is made of an answer only"),
        }
    }

    /// The answer to a call of one transfer.
    pub(super) fn single(&self) -> Answer<TransferAnswer> {
        let Answer {
            receipt,
            value,
            contradiction,
        } = self.answer();
        Answer {
            receipt: *receipt,
            value: value.answers[self.first],
            contradiction: contradiction.clone(),
        }
    }

    /// The answer to a call of several transfers.
    pub(super) fn several(&self) -> Answer<TransferAnswers> {
        let Answer {
            receipt,
            value,
            contradiction,
        } = self.answer();
        let range = self.first..self.first + self.count;
        let value = TransferAnswers {
            answers: value.answers[range.clone()].to_vec(),
            // Empty unless asked for.
            balances: value
                .balances
                .get(range)
                .map_or_else(Vec::new, <[_]>::to_vec),
            depends_on_time: value.depends_on_time,
        };
        Answer {
            receipt: *receipt,
            value,
            contradiction: contradiction.clone(),
        }
    }
}
