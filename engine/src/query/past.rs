//! Where questions about the past are answered from: the index, and the journal's files.

use std::ops::ControlFlow;

use ledger_core::{Event, Sequence, Timestamp};

use super::view::View;
use super::work::Work;
use super::{At, Between, Moment};
use crate::journal::JournalReader;
use crate::published::Newest;
use crate::runs::{Postings, Role, Section};
use crate::{QueryError, ReadError};

/// See the module.
pub(crate) struct Past {
    pub(super) reader: JournalReader,
    pub(super) view: View,
    /// How far the view reaches.
    pub(super) durable: Newest,
    /// What a page may take.
    pub(super) work: Work,
}

impl Past {
    /// The event at `sequence`, which is durable.
    pub(super) fn event(&self, sequence: Sequence) -> Result<Event, ReadError> {
        self.reader
            .event(sequence)
            .map_err(|source| ReadError::Journal { sequence, source })
    }

    /// Shows the events `from ..= through`, in order, for as long as `visit` wants to go on.
    pub(crate) fn visit(
        &self,
        from: Sequence,
        through: Sequence,
        mut visit: impl FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let visited = self
            .reader
            .visit(from, through, |recorded| visit(&recorded.event));
        visited.map_err(|source| ReadError::Journal {
            sequence: through,
            source,
        })
    }

    /// The newest posting of a key at or before `through`.
    pub(super) fn newest(
        &self,
        section: Section,
        key: u128,
        through: Sequence,
    ) -> Result<Option<(Sequence, Role)>, QueryError> {
        Ok(self.view.newest(section, key, through)?)
    }

    /// The moment that a question is about. A time must have come.
    pub(super) fn moment(&self, at: At) -> Result<Moment, ReadError> {
        let durable = self.durable.sequence;
        let newest = match at {
            At::Now => durable,
            At::Sequence(sequence) if sequence > durable => {
                return Err(ReadError::BeyondEnd { sequence, durable });
            }
            At::Sequence(sequence) => sequence,
            At::Time(time) => self.newest_until(time, durable)?,
        };
        let ended = self.reader.request_end(newest);
        let sequence = ended.map_err(|source| ReadError::Journal {
            sequence: newest,
            source,
        })?;
        self.moment_of(sequence)
    }

    /// The moment after an event.
    pub(super) fn moment_of(&self, sequence: Sequence) -> Result<Moment, ReadError> {
        let durable = self.durable.sequence;
        if sequence > durable {
            return Err(ReadError::BeyondEnd { sequence, durable });
        }
        let time = if sequence == Sequence::ZERO {
            Timestamp::ZERO
        } else {
            self.event(sequence)?.time
        };
        Ok(Moment { sequence, time })
    }

    /// The events through `through` whose journal times are in the range: the first and the last
    /// one, which lie the other way round if there is none.
    pub(super) fn sequences(
        &self,
        times: &Between<Timestamp>,
        through: Sequence,
    ) -> Result<(Sequence, Sequence), ReadError> {
        let first = match times.min.and_then(|min| min.get().checked_sub(1)) {
            Some(before) => self.newest_until(Timestamp::new(before), through)?.next(),
            None => Sequence::new(1),
        };
        let last = match times.max {
            Some(max) => self.newest_until(max, through)?,
            None => through,
        };
        Ok((first, last))
    }

    fn newest_until(&self, time: Timestamp, through: Sequence) -> Result<Sequence, ReadError> {
        let newest = self.reader.newest_until(time, through);
        newest.map_err(|source| ReadError::Journal {
            sequence: through,
            source,
        })
    }
}
