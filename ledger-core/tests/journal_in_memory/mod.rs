//! A journal that is a list of events.

use ledger_core::{Event, GroupId, Journal, OldId, Sequence, TransferId, Unreadable, UpdateId};

/// A journal that is a list of events.
#[derive(Clone, Default)]
pub struct JournalInMemory {
    events: Vec<Event>,
}

impl JournalInMemory {
    /// Everything recorded.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

impl Journal for JournalInMemory {
    fn record(&mut self, event: &Event) {
        let next = u64::try_from(self.events.len()).expect("fewer than 2^64 events") + 1;
        assert_eq!(
            event.sequence,
            Sequence::new(next),
            "sequences have no gaps"
        );
        if let Some(last) = self.events.last() {
            assert!(
                last.time < event.time,
                "journal time grows with the sequence"
            );
        }
        self.events.push(event.clone());
    }

    fn mark(&self) -> usize {
        self.events.len()
    }

    fn rewind(&mut self, mark: usize) {
        assert!(mark <= self.events.len(), "a mark lies in the past");
        self.events.truncate(mark);
    }

    fn event(&self, sequence: Sequence) -> Result<Event, Unreadable> {
        let position = usize::try_from(sequence.get()).expect("a sequence fits memory");
        assert!(
            (1..=self.events.len()).contains(&position),
            "only what was recorded is asked for, not {sequence}",
        );
        Ok(self.events[position - 1].clone())
    }

    fn old_id(&self, _id: TransferId) -> Result<Option<OldId>, Unreadable> {
        // The state's recent ids cover the whole history.
        Ok(None)
    }

    fn old_update(&self, _: UpdateId) -> Result<Option<Sequence>, Unreadable> {
        Ok(None)
    }

    fn old_group_holds(&self, _: GroupId, _: Sequence) -> Result<u32, Unreadable> {
        Ok(0)
    }
}
