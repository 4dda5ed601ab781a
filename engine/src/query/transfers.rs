//! Lists of transfers.

use std::ops::ControlFlow;

use ledger_core::{Event, Sequence, Timestamp};

use super::candidates::{Candidates, Next};
use super::chunk::is_asked;
use super::past::Past;
use super::stream::Walk;
use super::work::Work;
use super::{Between, Paging, Position, TransferFilter, TransferPage};
use crate::{QueryError, ReadError};

/// The events that are scanned at once: a few at first, since a page may be full soon.
const SCAN_MIN: u64 = 256;
const SCAN_MAX: u64 = 16_384;

/// A page in the making.
struct Making<'a> {
    past: &'a Past,
    filter: &'a TransferFilter,
    rows: usize,
    work: Work,
    page: TransferPage,
}

/// Whether the page goes on behind an event.
enum Took {
    /// It was looked at.
    Yes,
    /// The page is full, or its work is done: the next one begins with it.
    No,
}

/// A page of the transfers that match.
pub(super) fn page(
    past: &Past,
    filter: &TransferFilter,
    paging: &Paging,
    begin: Position,
) -> Result<TransferPage, QueryError> {
    let as_of = past.moment_of(begin.as_of)?;
    let mut making = Making {
        past,
        filter,
        rows: paging.rows(),
        work: past.work,
        page: TransferPage {
            as_of,
            transfers: Vec::new(),
            next: None,
        },
    };
    let times = both(&filter.times, &of_age(&filter.age_s, begin.time));
    if times.is_empty() {
        return Ok(making.page);
    }
    let (first, last) = past.sequences(&times, as_of.sequence)?;
    if let Some(mut walk) = Walk::new(paging, begin, first, last) {
        let next = match Candidates::new(filter) {
            Some(mut candidates) => making.look_up(&mut candidates, &mut walk)?,
            None => making.scan(&mut walk)?,
        };
        making.page.next = next.map(|next| walk.position(next, begin));
    }
    Ok(making.page)
}

/// The journal times that are so many whole seconds before `now`.
fn of_age(age_s: &Between<u64>, now: Timestamp) -> Between<Timestamp> {
    let before = |nanoseconds: Option<u64>| {
        let before = nanoseconds.and_then(|age| now.get().checked_sub(age));
        Timestamp::new(before.unwrap_or(0))
    };
    let nanoseconds = |seconds: u64| seconds.checked_mul(1_000_000_000);
    Between {
        // A whole second is over only with its last nanosecond.
        min: age_s
            .max
            .map(|age| before(age.checked_add(1).and_then(nanoseconds)))
            .map(|time| Timestamp::new(time.get() + 1)),
        max: age_s.min.map(|age| before(nanoseconds(age))),
    }
}

fn both(one: &Between<Timestamp>, other: &Between<Timestamp>) -> Between<Timestamp> {
    let narrower = |a: Option<Timestamp>, b: Option<Timestamp>, of: fn(_, _) -> _| match (a, b) {
        (Some(a), Some(b)) => Some(of(a, b)),
        (a, b) => a.or(b),
    };
    Between {
        min: narrower(one.min, other.min, Ord::max),
        max: narrower(one.max, other.max, Ord::min),
    }
}

impl Making<'_> {
    /// Walks along the index. Gives the event that the next page begins with, if there is one.
    fn look_up(
        &mut self,
        candidates: &mut Candidates,
        walk: &mut Walk,
    ) -> Result<Option<Sequence>, QueryError> {
        loop {
            let sequence = match candidates.next(walk, &self.past.view, &mut self.work)? {
                Next::Candidate(sequence) => sequence,
                Next::TooMuchWork => return Ok(Some(walk.at())),
                Next::End => return Ok(None),
            };
            if self.is_full(walk) {
                return Ok(Some(sequence));
            }
            self.work.read_event();
            let event = self.past.event(sequence)?;
            if self.filter.passes(&event) {
                self.take(event)?;
            }
            if !walk.pass(sequence) {
                return Ok(None);
            }
        }
    }

    /// Walks along the events themselves, past the segments that cannot hold what is asked for.
    fn scan(&mut self, walk: &mut Walk) -> Result<Option<Sequence>, QueryError> {
        let (first, last) = walk.left();
        let mut stretches = self.past.reader.stretches(first, last);
        if !walk.is_ascending() {
            stretches.reverse();
        }
        for stretch in stretches {
            let (from, through) = (stretch.first.max(first), stretch.last.min(last));
            let may_hold = stretch
                .zone()
                .is_none_or(|zone| self.filter.may_be_in(zone));
            if may_hold {
                if let Took::No = self.scan_through(walk, from, through)? {
                    return Ok(Some(walk.at()));
                }
            } else {
                self.work.scan(0);
                let end = if walk.is_ascending() { through } else { from };
                if !walk.pass(end) {
                    return Ok(None);
                }
                if self.work.is_done() {
                    return Ok(Some(walk.at()));
                }
            }
        }
        Ok(None)
    }

    /// Scans neighbouring events. The walk is at one end of them.
    fn scan_through(
        &mut self,
        walk: &mut Walk,
        from: Sequence,
        through: Sequence,
    ) -> Result<Took, QueryError> {
        let mut most = SCAN_MIN;
        loop {
            let (left, right) = walk.left();
            let (left, right) = (left.max(from), right.min(through));
            if left > right {
                return Ok(Took::Yes);
            }
            let (left, right) = if walk.is_ascending() {
                (
                    left,
                    right.min(Sequence::new(left.get().saturating_add(most - 1))),
                )
            } else {
                (
                    left.max(Sequence::new(right.get().saturating_sub(most - 1))),
                    right,
                )
            };
            let mut events = self.passing(left, right)?;
            self.work.scan(right.get() - left.get() + 1);
            if !walk.is_ascending() {
                events.reverse();
            }
            for event in events {
                walk.leap(event.sequence);
                if self.is_full(walk) {
                    return Ok(Took::No);
                }
                let sequence = event.sequence;
                self.take(event)?;
                if !walk.pass(sequence) {
                    return Ok(Took::Yes);
                }
            }
            if !walk.pass(if walk.is_ascending() { right } else { left }) {
                return Ok(Took::Yes);
            }
            if self.work.is_done() {
                return Ok(Took::No);
            }
            most = (most * 2).min(SCAN_MAX);
        }
    }

    /// The events of a stretch whose own fields match.
    fn passing(&self, from: Sequence, through: Sequence) -> Result<Vec<Event>, ReadError> {
        let mut passing = Vec::new();
        self.past.visit(from, through, |event| {
            if self.filter.passes(event) {
                passing.push(event.clone());
            }
            ControlFlow::Continue(())
        })?;
        Ok(passing)
    }

    /// Whether the page ends before the next event.
    fn is_full(&self, walk: &Walk) -> bool {
        self.page.transfers.len() >= self.rows || (self.work.is_done() && walk.has_moved())
    }

    /// Lists the transfer of an event that matches in its own fields, if it had come to one of
    /// the states asked for.
    fn take(&mut self, event: Event) -> Result<(), QueryError> {
        let as_of = self.page.as_of.sequence;
        if let Some(listed) = self.past.listed(event, as_of, &mut self.work)?
            && is_asked(&self.filter.states, &listed.state)
        {
            self.page.transfers.push(listed);
        }
        Ok(())
    }
}
