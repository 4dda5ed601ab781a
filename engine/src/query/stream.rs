//! The events that a key occurs in, one after the other, in either direction.

use std::collections::VecDeque;

use ledger_core::Sequence;

use super::work::Work;
use super::{Direction, Paging, Position};
use crate::runs::{Postings, Role, RunError, Section};

/// The postings that are read at first, and after a leap.
const READ_MIN: usize = 16;
/// The most postings that are read at once.
const READ_MAX: usize = 2048;

/// Where a list is, between the first and the last event that it may hold.
///
/// It counts in **steps** in its own direction, so that whoever walks need not know which it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Walk {
    direction: Direction,
    begin: u64,
    at: u64,
    end: u64,
}

impl Walk {
    /// The part of a list from `begin` on, of events `first ..= last`; `None` if there is none.
    pub(super) fn new(
        paging: &Paging,
        begin: Position,
        first: Sequence,
        last: Sequence,
    ) -> Option<Self> {
        let (mut first, mut last) = (first.get().max(1), last.min(begin.as_of).get());
        // The first page begins at zero, whichever way it goes.
        match paging.direction {
            Direction::Ascending => first = first.max(begin.next),
            Direction::Descending if begin.next == 0 => {}
            Direction::Descending => last = last.min(begin.next),
        }
        if first > last {
            return None;
        }
        let ends = [Sequence::new(first), Sequence::new(last)];
        let [one, other] = ends.map(|sequence| step(paging.direction, sequence));
        Some(Self {
            direction: paging.direction,
            begin: one.min(other),
            at: one.min(other),
            end: one.max(other),
        })
    }

    /// The next event.
    pub(super) fn at(&self) -> Sequence {
        sequence(self.direction, self.at)
    }

    /// Whether the page has come on since it began.
    pub(super) fn has_moved(&self) -> bool {
        self.at > self.begin
    }

    /// Goes on to an event that is not behind.
    pub(super) fn leap(&mut self, to: Sequence) {
        self.at = self.at.max(step(self.direction, to));
    }

    /// Goes on behind an event. `false` at the end.
    pub(super) fn pass(&mut self, passed: Sequence) -> bool {
        match step(self.direction, passed).checked_add(1) {
            Some(next) if next <= self.end => {
                self.at = self.at.max(next);
                true
            }
            _ => false,
        }
    }

    /// Whether one event comes before another.
    pub(super) fn is_before(&self, one: Sequence, other: Sequence) -> bool {
        step(self.direction, one) < step(self.direction, other)
    }

    /// The events that are left, the smallest sequence first.
    pub(super) fn left(&self) -> (Sequence, Sequence) {
        let [at, end] = [self.at, self.end].map(|step| sequence(self.direction, step));
        (at.min(end), at.max(end))
    }

    /// Whether it goes up.
    pub(super) fn is_ascending(&self) -> bool {
        self.direction == Direction::Ascending
    }

    /// The position of a page that begins with this event.
    pub(super) fn position(&self, next: Sequence, begin: Position) -> Position {
        Position {
            next: next.get(),
            ..begin
        }
    }
}

fn step(direction: Direction, sequence: Sequence) -> u64 {
    match direction {
        Direction::Ascending => sequence.get(),
        Direction::Descending => u64::MAX - sequence.get(),
    }
}

/// The other way round.
fn sequence(direction: Direction, at: u64) -> Sequence {
    Sequence::new(match direction {
        Direction::Ascending => at,
        Direction::Descending => u64::MAX - at,
    })
}

/// The events of one key, read piece by piece.
pub(super) struct KeyStream {
    section: Section,
    key: u128,
    /// Only postings with this role.
    role: Option<Role>,
    /// What was read and not passed yet, as steps.
    read: VecDeque<u64>,
    /// The step to read on from; `None` once everything is read.
    next: Option<u64>,
    batch: usize,
    postings: Vec<(Sequence, Role)>,
}

impl KeyStream {
    pub(super) fn new(section: Section, key: u128, role: Option<Role>) -> Self {
        Self {
            section,
            key,
            role,
            read: VecDeque::new(),
            next: Some(0),
            batch: READ_MIN,
            postings: Vec::new(),
        }
    }

    /// The first event that the walk has not passed. If the work is done before it is found, an
    /// event in front of it, in which the key may not occur.
    pub(super) fn head(
        &mut self,
        walk: &Walk,
        source: &dyn Postings,
        work: &mut Work,
    ) -> Result<Option<Sequence>, RunError> {
        let passed = self.read.partition_point(|&step| step < walk.at);
        self.read.drain(..passed);
        while self.read.is_empty() {
            let Some(next) = self.next else {
                return Ok(None);
            };
            if work.is_done() && next <= walk.end {
                return Ok(Some(sequence(walk.direction, next.max(walk.at))));
            }
            self.read_on(next, walk, source, work)?;
        }
        let head = self.read.front();
        Ok(head.map(|&head| sequence(walk.direction, head)))
    }

    fn read_on(
        &mut self,
        next: u64,
        walk: &Walk,
        source: &dyn Postings,
        work: &mut Work,
    ) -> Result<(), RunError> {
        if next < walk.at {
            self.batch = READ_MIN;
        } else {
            self.batch = (self.batch * 2).min(READ_MAX);
        }
        let from = next.max(walk.at);
        if from > walk.end {
            self.next = None;
            return Ok(());
        }
        let [from, end] = [from, walk.end].map(|step| sequence(walk.direction, step));
        self.postings.clear();
        source.read(
            self.section,
            self.key,
            from.min(end),
            from.max(end),
            walk.direction,
            self.batch,
            &mut self.postings,
        )?;
        work.read_postings(self.postings.len());
        self.next = match self.postings.last() {
            Some(&(last, _)) if self.postings.len() >= self.batch => {
                step(walk.direction, last).checked_add(1)
            }
            _ => None,
        };
        let wanted = |role| self.role.is_none_or(|wanted| wanted == role);
        let wanted = self.postings.iter().filter(|&&(_, role)| wanted(role));
        self.read
            .extend(wanted.map(|&(sequence, _)| step(walk.direction, sequence)));
        Ok(())
    }
}
