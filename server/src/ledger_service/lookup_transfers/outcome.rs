//! What became of a transfer, told by the event that its id stands for and by its last act.

use ledger_core::{
    Amount, Event, Fact, Sequence, Transfer, TransferCreated, TransferFlags, TransferId,
};
use ledger_engine::OpenHold;
use ledger_proto::{Refusal, TransferRecord, TransferState, UsedUpTransfer, v1};

/// An id that stands for something.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Entry {
    /// For a transfer.
    Record(Box<v1::TransferRecord>),
    /// For a refusal.
    UsedUp(v1::UsedUpTransfer),
}

/// The events that an id leads to do not tell of it.
const CONTRADICTION: Refusal = Refusal::Bug {
    rule: "the events that an id leads to tell of that id",
};

/// What `event`, with the last act on it, tells of `id`.
pub(super) fn entry(
    id: TransferId,
    event: Event,
    act: Option<&Event>,
    open: Option<OpenHold>,
) -> Result<Entry, Refusal> {
    let (sequence, time) = (event.sequence, event.time);
    let act_sequence = act.map_or(Sequence::ZERO, |act| act.sequence);
    let record = |transfer: Transfer, became: Became| {
        let Became {
            state,
            posted,
            released,
            reversed,
        } = became;
        let record = TransferRecord {
            transfer,
            state,
            posted,
            released,
            reversed,
            sequence,
            act_sequence,
            time,
        };
        Entry::Record(Box::new((&record).into()))
    };
    match event.fact {
        Fact::TransferCreated(created) if created.transfer.id == id => {
            let became = became(&created, act, open)?;
            Ok(record(created.transfer, became))
        }
        Fact::TransferFenced(mut fence) if fence.id == id => {
            // It was recorded as it was asked; its moment is that of the event.
            if fence.timestamp.is_zero() {
                fence.timestamp = time;
            }
            Ok(record(fence, Became::at(TransferState::Fenced)))
        }
        Fact::TransferRejected(rejected) if rejected.id == id => {
            let used_up = UsedUpTransfer {
                id,
                status: rejected.status,
                timestamp: time,
            };
            Ok(Entry::UsedUp((&used_up).into()))
        }
        _ => Err(CONTRADICTION),
    }
}

/// What became of a transfer.
struct Became {
    state: TransferState,
    posted: Amount,
    released: Amount,
    reversed: Amount,
}

impl Became {
    const fn at(state: TransferState) -> Self {
        Self {
            state,
            posted: Amount::ZERO,
            released: Amount::ZERO,
            reversed: Amount::ZERO,
        }
    }
}

fn became(
    created: &TransferCreated,
    act: Option<&Event>,
    open: Option<OpenHold>,
) -> Result<Became, Refusal> {
    let TransferCreated { transfer, .. } = created;
    if transfer
        .flags
        .contains(TransferFlags::VOID_PENDING_TRANSFER)
    {
        return Ok(Became::at(TransferState::Voided));
    }
    if transfer.flags.contains(TransferFlags::PENDING) {
        return hold(transfer, act, open);
    }
    // Value moved at once, and can only have been given back.
    match act.map(|act| &act.fact) {
        None => Ok(Became::at(TransferState::Posted)),
        Some(Fact::TransferCreated(reversal)) if reversal.transfer.reverses_id == transfer.id => {
            Ok(Became {
                reversed: reversal.reversed,
                ..Became::at(TransferState::Reversed)
            })
        }
        Some(_) => Err(CONTRADICTION),
    }
}

fn hold(
    transfer: &Transfer,
    act: Option<&Event>,
    open: Option<OpenHold>,
) -> Result<Became, Refusal> {
    if let Some(open) = open {
        return Ok(Became {
            posted: open.posted,
            ..Became::at(TransferState::Pending)
        });
    }
    let (state, posted) = match act.map(|act| &act.fact) {
        Some(Fact::TransferCreated(act)) if act.transfer.pending_id == transfer.id => {
            let voided = act
                .transfer
                .flags
                .contains(TransferFlags::VOID_PENDING_TRANSFER);
            let state = if voided {
                TransferState::Voided
            } else {
                TransferState::Posted
            };
            (state, act.hold.posted)
        }
        Some(Fact::TransferExpired(act)) if act.pending_id == transfer.id => {
            (TransferState::Expired, act.posted)
        }
        _ => return Err(CONTRADICTION),
    };
    // What is resolved was either posted or released, to the last unit.
    let released = transfer.amount.checked_sub(posted).ok_or(CONTRADICTION)?;
    Ok(Became {
        posted,
        released,
        ..Became::at(state)
    })
}
