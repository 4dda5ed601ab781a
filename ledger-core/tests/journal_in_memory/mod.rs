//! A journal that is a list of events.

use std::collections::BTreeMap;

use ledger_core::{
    Event, Fact, GroupId, Journal, OldId, Sequence, TransferFlags, TransferId, Unreadable, UpdateId,
};

/// A journal that is a list of events, and answers for the ids of those that the state has
/// forgotten: for those and for no others, so that a state that forgets too much is found out.
#[derive(Clone, Default)]
pub struct JournalInMemory {
    events: Vec<Event>,
    /// It answers for the ids of events up to this one.
    old_through: Sequence,
    /// What events say of transfer ids, in their order.
    ids: BTreeMap<TransferId, Vec<(Sequence, Role)>>,
    updates: BTreeMap<UpdateId, Sequence>,
    /// The events that made reservations in a group.
    groups: BTreeMap<GroupId, Vec<Sequence>>,
}

/// What an event says of a transfer id.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It is its own.
    Own,
    /// It is fenced.
    Fenced,
    /// The transfer was reversed, or the reservation is resolved.
    Act,
}

impl JournalInMemory {
    /// Everything recorded.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// From now on it answers for the ids of events up to this one.
    pub fn answer_through(&mut self, through: Sequence) {
        self.old_through = self.old_through.max(through);
    }

    fn newest_before(&self, id: TransferId, before: Sequence, roles: &[Role]) -> Sequence {
        let said = self.ids.get(&id).into_iter().flatten();
        said.filter(|(sequence, role)| *sequence < before && roles.contains(role))
            .map(|(sequence, _)| *sequence)
            .max()
            .unwrap_or(Sequence::ZERO)
    }
}

fn roles(event: &Event) -> Vec<(TransferId, Role)> {
    match &event.fact {
        Fact::TransferCreated(created) => {
            let transfer = &created.transfer;
            let mut roles = vec![(transfer.id, Role::Own)];
            if !transfer.pending_id.is_zero() && created.hold.rest.is_zero() {
                roles.push((transfer.pending_id, Role::Act));
            }
            if !transfer.reverses_id.is_zero() {
                roles.push((transfer.reverses_id, Role::Act));
            }
            roles
        }
        Fact::TransferExpired(expired) => vec![(expired.pending_id, Role::Act)],
        Fact::TransferRejected(rejected) => vec![(rejected.id, Role::Own)],
        Fact::TransferFenced(fence) => {
            let target = if fence.pending_id.is_zero() {
                fence.reverses_id
            } else {
                fence.pending_id
            };
            vec![(fence.id, Role::Own), (target, Role::Fenced)]
        }
        _ => Vec::new(),
    }
}

fn group_of_hold(event: &Event) -> Option<GroupId> {
    match &event.fact {
        Fact::TransferCreated(created) => {
            let transfer = &created.transfer;
            let is_hold = transfer.flags.contains(TransferFlags::PENDING);
            (is_hold && !transfer.group_id.is_zero()).then_some(transfer.group_id)
        }
        _ => None,
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
        for (id, role) in roles(event) {
            self.ids.entry(id).or_default().push((event.sequence, role));
        }
        if let Fact::AccountUpdated(update) = &event.fact {
            self.updates.insert(update.update_id, event.sequence);
        }
        if let Some(group) = group_of_hold(event) {
            self.groups.entry(group).or_default().push(event.sequence);
        }
        self.events.push(event.clone());
    }

    fn mark(&self) -> usize {
        self.events.len()
    }

    fn rewind(&mut self, mark: usize) {
        assert!(mark <= self.events.len(), "a mark lies in the past");
        for event in self.events.drain(mark..).rev() {
            for (id, _) in roles(&event).iter().rev() {
                self.ids.entry(*id).or_default().pop();
            }
            if let Fact::AccountUpdated(update) = &event.fact {
                self.updates.remove(&update.update_id);
            }
            if let Some(group) = group_of_hold(&event) {
                self.groups.entry(group).or_default().pop();
            }
        }
    }

    fn event(&self, sequence: Sequence) -> Result<Event, Unreadable> {
        let position = usize::try_from(sequence.get()).expect("a sequence fits memory");
        assert!(
            (1..=self.events.len()).contains(&position),
            "only what was recorded is asked for, not {sequence}",
        );
        Ok(self.events[position - 1].clone())
    }

    fn old_id(&self, id: TransferId) -> Result<Option<OldId>, Unreadable> {
        let end = self.old_through.next();
        let fenced = self.newest_before(id, end, &[Role::Fenced]) > Sequence::ZERO;
        let sequence = self.newest_before(id, end, &[Role::Own]);
        let act = self.newest_before(id, end, &[Role::Act]);
        Ok((fenced || sequence > Sequence::ZERO).then_some(OldId {
            sequence,
            fenced,
            act,
        }))
    }

    fn old_update(&self, id: UpdateId) -> Result<Option<Sequence>, Unreadable> {
        let known = self.updates.get(&id).copied();
        Ok(known.filter(|&sequence| sequence <= self.old_through))
    }

    fn old_group_holds(&self, id: GroupId, before: Sequence) -> Result<u32, Unreadable> {
        assert!(
            before <= self.old_through.next(),
            "the state has what the journal cannot tell"
        );
        let made = self.groups.get(&id).into_iter().flatten();
        let holds = made.filter(|&&sequence| sequence < before).count();
        Ok(u32::try_from(holds).expect("a group is small"))
    }
}
