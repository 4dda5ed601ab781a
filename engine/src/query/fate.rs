//! What had become of a transfer at some moment.

use ledger_core::{Amount, Event, Fact, HoldAfter, Sequence, Transfer, TransferFlags, TransferId};

use super::past::Past;
use super::put_back::contradiction;
use super::work::Work;
use super::{ListedTransfer, TransferState};
use crate::runs::Section;
use crate::{QueryError, ReadError};

/// What became of a transfer.
struct Fate {
    state: TransferState,
    posted: Amount,
    released: Amount,
    reversed: Amount,
    act: Sequence,
}

impl Fate {
    const fn new(state: TransferState) -> Self {
        Self {
            state,
            posted: Amount::ZERO,
            released: Amount::ZERO,
            reversed: Amount::ZERO,
            act: Sequence::ZERO,
        }
    }
}

impl Past {
    /// The transfer that an event recorded, with what had become of it at `as_of`; `None` if the
    /// event records none.
    pub(super) fn listed(
        &self,
        event: Event,
        as_of: Sequence,
        work: &mut Work,
    ) -> Result<Option<ListedTransfer>, QueryError> {
        let (transfer, fate) = match event.fact {
            Fact::TransferCreated(created) => {
                let fate = self.fate(&created.transfer, as_of, work)?;
                (created.transfer, fate)
            }
            Fact::TransferFenced(mut fence) => {
                // It was recorded as it was asked; its moment is that of the event.
                if fence.timestamp.is_zero() {
                    fence.timestamp = event.time;
                }
                (fence, Fate::new(TransferState::Fenced))
            }
            _ => return Ok(None),
        };
        Ok(Some(ListedTransfer {
            sequence: event.sequence,
            time: event.time,
            transfer,
            state: fate.state,
            posted: fate.posted,
            released: fate.released,
            reversed: fate.reversed,
            act: fate.act,
        }))
    }

    fn fate(
        &self,
        transfer: &Transfer,
        as_of: Sequence,
        work: &mut Work,
    ) -> Result<Fate, QueryError> {
        if transfer
            .flags
            .contains(TransferFlags::VOID_PENDING_TRANSFER)
        {
            return Ok(Fate::new(TransferState::Voided));
        }
        if transfer.flags.contains(TransferFlags::PENDING) {
            return self.fate_of_hold(transfer, as_of, work);
        }
        // Value moved at once, and can only have been given back.
        let Some(act) = self.act(Section::Reverses, transfer.id, as_of, work)? else {
            return Ok(Fate::new(TransferState::Posted));
        };
        match &act.fact {
            Fact::TransferCreated(reversal) if reversal.transfer.reverses_id == transfer.id => {
                Ok(Fate {
                    reversed: reversal.reversed,
                    act: act.sequence,
                    ..Fate::new(TransferState::Reversed)
                })
            }
            _ => Err(contradiction(&act).into()),
        }
    }

    fn fate_of_hold(
        &self,
        hold: &Transfer,
        as_of: Sequence,
        work: &mut Work,
    ) -> Result<Fate, QueryError> {
        let Some(act) = self.act(Section::Pending, hold.id, as_of, work)? else {
            return Ok(Fate::new(TransferState::Pending));
        };
        let (state, posted) = became(hold.id, &act)?;
        if state == TransferState::Pending {
            return Ok(Fate {
                posted,
                ..Fate::new(state)
            });
        }
        // What is resolved was either posted or released, to the last unit.
        let released = hold.amount.checked_sub(posted);
        Ok(Fate {
            posted,
            released: released.ok_or_else(|| contradiction(&act))?,
            act: act.sequence,
            ..Fate::new(state)
        })
    }

    /// The newest event that acted on a transfer.
    fn act(
        &self,
        section: Section,
        id: TransferId,
        as_of: Sequence,
        work: &mut Work,
    ) -> Result<Option<Event>, QueryError> {
        work.read_postings(1);
        let Some((sequence, _)) = self.newest(section, id.get(), as_of)? else {
            return Ok(None);
        };
        work.read_event();
        Ok(Some(self.event(sequence)?))
    }
}

/// What a reservation came to by an event, and what of it was posted by then.
fn became(id: TransferId, act: &Event) -> Result<(TransferState, Amount), ReadError> {
    match &act.fact {
        Fact::TransferCreated(created) if created.transfer.pending_id == id => {
            let HoldAfter { posted, rest, .. } = created.hold;
            let flags = created.transfer.flags;
            let state = if flags.contains(TransferFlags::VOID_PENDING_TRANSFER) {
                TransferState::Voided
            } else if rest.is_zero() {
                TransferState::Posted
            } else {
                TransferState::Pending
            };
            Ok((state, posted))
        }
        Fact::TransferExpired(expired) if expired.pending_id == id => {
            Ok((TransferState::Expired, expired.posted))
        }
        _ => Err(contradiction(act)),
    }
}
