//! Reading events back: only durable ones, from files, by threads that are neither the writer nor
//! the syncer.

use std::ops::ControlFlow;

use ledger_core::{Event, Fact, Sequence};

use crate::ReadError;
use crate::directory::{NameGiven, NameSource};
use crate::journal::JournalReader;

/// Durable events, in order.
pub(crate) trait EventSource: Send + Sync {
    /// Calls `each` with every event after `after` up to and including `through`, in order, until
    /// it breaks off.
    fn scan(
        &self,
        after: Sequence,
        through: Sequence,
        each: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<(), ReadError>;
}

/// The events of the journal's files.
pub(crate) struct JournalEvents {
    reader: JournalReader,
}

impl JournalEvents {
    pub(crate) fn new(reader: JournalReader) -> Self {
        Self { reader }
    }
}

impl EventSource for JournalEvents {
    fn scan(
        &self,
        after: Sequence,
        through: Sequence,
        each: &mut dyn FnMut(&Event) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        if through <= after {
            return Ok(());
        }
        self.reader
            .visit(after.next(), through, |recorded| each(&recorded.event))
            .map_err(|source| ReadError::Journal {
                sequence: through,
                source,
            })
    }
}

impl<S: EventSource> NameSource for S {
    fn names_given(
        &self,
        after: Sequence,
        through: Sequence,
        each: &mut dyn FnMut(NameGiven),
    ) -> Result<(), ReadError> {
        self.scan(after, through, &mut |event| {
            if let Some(given) = name_given(event) {
                each(given);
            }
            ControlFlow::Continue(())
        })
    }
}

/// The name that an event gives, or takes away.
pub(crate) fn name_given(event: &Event) -> Option<NameGiven> {
    let (id, name) = match &event.fact {
        // An account that is created without a name had none that could be taken away.
        Fact::AccountCreated(account) if !account.name.is_empty() => (account.id, &account.name),
        Fact::AccountUpdated(update) => (update.id, update.name.as_ref()?),
        _ => return None,
    };
    Some(NameGiven {
        sequence: event.sequence,
        id,
        name: name.clone(),
    })
}
