//! What was found for one request.

use ledger_core::{Event, GroupId, OldId, Sequence, TransferId, UpdateId};

/// What all events up to some sequence say about what a request names.
#[derive(Debug)]
pub(crate) struct Resolution {
    /// Zero if nothing was looked up; without an end if nothing had to be.
    through: Sequence,
    found: Option<Box<Found>>,
    /// Events that the writer asked for before it decides, by sequence, once they were read.
    foreseen: Option<Box<[Event]>>,
}

/// What is there, each list by its key. What is not in a list is not there.
#[derive(Default, Debug)]
pub(super) struct Found {
    pub(super) ids: Vec<(TransferId, OldId)>,
    pub(super) updates: Vec<(UpdateId, Sequence)>,
    /// The holds of each group, the oldest first.
    pub(super) groups: Vec<(GroupId, Vec<Sequence>)>,
    /// The events of those that deciding may want to read.
    pub(super) events: Vec<Event>,
}

impl Resolution {
    /// Of a request that names nothing that could be old.
    pub(crate) const NOT_NEEDED: Self = Self {
        through: Sequence::new(u64::MAX),
        found: None,
        foreseen: None,
    };

    /// Nothing of what is named occurs in the events up to here.
    pub(super) const fn nothing(through: Sequence) -> Self {
        Self {
            through,
            found: None,
            foreseen: None,
        }
    }

    pub(super) fn new(through: Sequence, found: Found) -> Self {
        Self {
            through,
            found: Some(Box::new(found)),
            foreseen: None,
        }
    }

    /// Whether anything was looked up: otherwise it must not be asked.
    pub(crate) fn is_resolved(&self) -> bool {
        self.found.is_some() || self.through != Self::NOT_NEEDED.through
    }

    /// Whether it tells of all events before this one.
    pub(crate) fn reaches(&self, recent_from: Sequence) -> bool {
        self.through >= recent_from || self.through.next() == recent_from
    }

    pub(crate) fn id(&self, id: TransferId) -> Option<OldId> {
        let ids = &self.found.as_ref()?.ids;
        let place = ids.binary_search_by_key(&id, |&(id, _)| id).ok()?;
        Some(ids[place].1)
    }

    pub(crate) fn update(&self, id: UpdateId) -> Option<Sequence> {
        let updates = &self.found.as_ref()?.updates;
        let place = updates.binary_search_by_key(&id, |&(id, _)| id).ok()?;
        Some(updates[place].1)
    }

    /// The holds that events before `before` made in a group.
    pub(crate) fn group_holds(&self, id: GroupId, before: Sequence) -> u32 {
        let Some(found) = &self.found else { return 0 };
        let place = found.groups.binary_search_by_key(&id, |&(id, _)| id);
        place.map_or(0, |place| {
            let holds = found.groups[place].1.partition_point(|&hold| hold < before);
            u32::try_from(holds).unwrap_or(u32::MAX)
        })
    }

    /// Adds what the writer asked for, in order.
    pub(super) fn foresee(&mut self, events: Vec<Event>) {
        self.foreseen = Some(events.into());
    }

    /// Whether the writer has asked for what it will want to read: it does so once.
    pub(crate) fn is_foreseen(&self) -> bool {
        self.foreseen.is_some()
    }

    pub(crate) fn event(&self, sequence: Sequence) -> Option<&Event> {
        let found: &[Event] = self.found.as_ref().map_or(&[], |found| &found.events);
        [found, self.foreseen.as_deref().unwrap_or(&[])]
            .into_iter()
            .find_map(|events| {
                let place = events.binary_search_by_key(&sequence, |event| event.sequence);
                place.ok().map(|place| &events[place])
            })
    }
}
