//! What events say of ids: the one definition of it for posting and for noting alone.

use super::State;
use super::recent::{Recent, WordChange};
use super::undo::Step;
use crate::{
    AccountUpdate, Event, Fact, Sequence, Transfer, TransferCreated, TransferExpired,
    TransferFlags, TransferId, TransferRejected,
};

impl State {
    /// Notes the ids of an event that the state has seen already, without posting it again: see
    /// [`State::note_ids_from`].
    ///
    /// # Panics
    /// If it is not the next one whose ids are to be noted.
    pub fn note_ids_of(&mut self, event: &Event) {
        let next = self.recent.owed();
        assert_eq!(
            next,
            Some(event.sequence),
            "events are noted in order, up to the newest one"
        );
        let at = event.sequence;
        match &event.fact {
            Fact::LedgerRegistered(_) | Fact::AccountCreated(_) | Fact::EpochBegan(_) => {}
            Fact::AccountUpdated(update) => self.note_updated(at, update),
            Fact::TransferCreated(created) => self.note_created(at, created),
            Fact::TransferExpired(expired) => self.note_expired(at, expired),
            Fact::TransferRejected(rejected) => self.note_rejected(at, rejected),
            Fact::TransferFenced(fence) => self.note_fenced(at, fence),
        }
        self.recent.pay(self.sequence());
    }

    pub(super) fn note_updated(&mut self, at: Sequence, update: &AccountUpdate) {
        self.note(|recent| recent.note_update(at, update.update_id));
    }

    pub(super) fn note_created(&mut self, at: Sequence, created: &TransferCreated) {
        let transfer = &created.transfer;
        self.note(|recent| recent.note_id(at, transfer.id));
        let resolves =
            TransferFlags::POST_PENDING_TRANSFER.with(TransferFlags::VOID_PENDING_TRANSFER);
        if transfer.flags.contains(TransferFlags::PENDING) {
            if !transfer.group_id.is_zero() {
                self.note(|recent| recent.note_hold(at, transfer.group_id));
            }
        } else if transfer.flags.intersects(resolves) {
            if created.hold.rest.is_zero() {
                self.note(|recent| recent.note_act(at, transfer.pending_id));
            }
        } else if !transfer.reverses_id.is_zero() {
            self.note(|recent| recent.note_act(at, transfer.reverses_id));
        }
    }

    pub(super) fn note_expired(&mut self, at: Sequence, expired: &TransferExpired) {
        self.note(|recent| recent.note_act(at, expired.pending_id));
    }

    pub(super) fn note_rejected(&mut self, at: Sequence, rejected: &TransferRejected) {
        self.note(|recent| recent.note_id(at, rejected.id));
    }

    pub(super) fn note_fenced(&mut self, at: Sequence, fence: &Transfer) {
        self.note(|recent| recent.note_id(at, fence.id));
        self.note(|recent| recent.note_fence(at, fence_target(fence)));
    }

    fn note(&mut self, change: impl FnOnce(&mut Recent) -> WordChange) {
        let change = change(&mut self.recent);
        self.undo.note(|| Step::Word(change));
    }
}

/// The id that a fence keeps from ever being created.
fn fence_target(transfer: &Transfer) -> TransferId {
    if transfer
        .flags
        .contains(TransferFlags::VOID_PENDING_TRANSFER)
    {
        transfer.pending_id
    } else {
        transfer.reverses_id
    }
}
