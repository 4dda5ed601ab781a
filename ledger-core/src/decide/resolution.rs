//! Posts and voids: a reservation is confirmed, in whole or in part, or cancelled. What was
//! reserved was checked against the limits then and is not checked again.

use super::movement::{check_imported, check_open};
use super::{Stop, Verdict, refuse_if};
use crate::effect::Moved;
use crate::state::{Hold, Slot, Touched};
use crate::{
    AccountId, Amount, Fact, GroupId, HoldAfter, Journal, LedgerId, Sequence, State, Timestamp,
    Transfer, TransferCreated, TransferFlags, TransferId, TransferStatus, Unreadable,
};

/// The reservation that a post or a void names.
struct Target {
    debit_account_id: AccountId,
    credit_account_id: AccountId,
    ledger: LedgerId,
    code: u16,
    group_id: GroupId,
    amount: Amount,
    /// Where it is while it is open, or how it ended.
    state: Result<Slot, TransferStatus>,
}

/// What the named id turns out to be.
enum Found {
    Reservation(Target),
    /// Nothing, and the act fences it.
    Fenceable,
}

/// Judges a post or a void whose fields are in order.
pub(super) fn judge<J: Journal>(
    state: &State,
    journal: &J,
    transfer: &Transfer,
    at: Timestamp,
) -> Result<Verdict, Stop> {
    use TransferStatus as S;

    let t = transfer;
    let target = match find(state, journal, t, at)? {
        Found::Reservation(target) => target,
        Found::Fenceable => {
            return Ok(Verdict::Fenced(Transfer {
                timestamp: at,
                ..t.clone()
            }));
        }
    };
    check_same(t, &target)?;
    let void = t.flags.contains(TransferFlags::VOID_PENDING_TRANSFER);
    let takes_all = if void {
        t.amount.is_zero()
    } else {
        t.amount.is_max()
    };
    let asked = if takes_all { target.amount } else { t.amount };
    refuse_if(asked > target.amount, S::ExceedsPendingTransferAmount)?;
    refuse_if(
        void && asked < target.amount,
        S::PendingTransferHasDifferentAmount,
    )?;
    let slot = target.state?;
    let hold = state.hold_at(slot);
    refuse_if(
        !void && !takes_all && asked > hold.rest,
        S::ExceedsPendingRest,
    )?;
    check_imported(state, t)?;
    if !void {
        check_open(
            state.account_at(hold.debit.0),
            state.account_at(hold.credit.0),
        )?;
    }
    let amount = if void || takes_all { hold.rest } else { asked };
    Ok(resolve(state, t, at, slot, hold, amount))
}

/// The event of a post or a void that is allowed. A void's amount is what it releases.
fn resolve(
    state: &State,
    t: &Transfer,
    at: Timestamp,
    slot: Slot,
    hold: &Hold,
    amount: Amount,
) -> Verdict {
    let within = "no more is posted or released than is left";
    let left = hold.rest.checked_sub(amount).expect(within);
    let after = if t.flags.contains(TransferFlags::VOID_PENDING_TRANSFER) {
        HoldAfter {
            posted: hold.posted,
            released: amount,
            rest: left,
        }
    } else {
        let posted = hold.posted.checked_add(amount).expect(within);
        if t.flags.contains(TransferFlags::KEEP_OPEN) {
            HoldAfter {
                posted,
                released: Amount::ZERO,
                rest: left,
            }
        } else {
            HoldAfter {
                posted,
                released: left,
                rest: Amount::ZERO,
            }
        }
    };
    let moved = Moved::new(t.flags, amount, after.released);
    let reserved = "what is left of a reservation is in its accounts' pending totals";
    let imported = t.flags.contains(TransferFlags::IMPORTED);
    Verdict::Created(
        TransferCreated {
            debit_after: moved
                .debit(&state.account_at(hold.debit.0).totals)
                .expect(reserved),
            credit_after: moved
                .credit(&state.account_at(hold.credit.0).totals)
                .expect(reserved),
            took_all: t.flags.contains(TransferFlags::POST_PENDING_TRANSFER) && left.is_zero(),
            transfer: Transfer {
                amount,
                timestamp: if imported { t.timestamp } else { at },
                ..filled(t, hold)
            },
            hold: after,
            reversed: Amount::ZERO,
        },
        Touched {
            debit: hold.debit.0,
            credit: hold.credit.0,
            hold: Some(slot),
        },
    )
}

/// Fields left 0 are taken from the pending transfer.
fn filled(t: &Transfer, hold: &Hold) -> Transfer {
    let or = |asked: u128, own: u128| if asked == 0 { own } else { asked };
    Transfer {
        debit_account_id: hold.debit_account_id,
        credit_account_id: hold.credit_account_id,
        ledger: hold.ledger,
        code: hold.code,
        group_id: hold.group_id,
        user_data_128: or(t.user_data_128, hold.user_data_128),
        user_data_64: if t.user_data_64 == 0 {
            hold.user_data_64
        } else {
            t.user_data_64
        },
        user_data_32: if t.user_data_32 == 0 {
            hold.user_data_32
        } else {
            t.user_data_32
        },
        reference: if t.reference.is_empty() {
            &hold.reference
        } else {
            &t.reference
        }
        .clone(),
        ..t.clone()
    }
}

/// What is given must match the pending transfer.
fn check_same(t: &Transfer, target: &Target) -> Result<(), TransferStatus> {
    use TransferStatus as S;

    let debit = t.debit_account_id.is_zero() || t.debit_account_id == target.debit_account_id;
    refuse_if(!debit, S::PendingTransferHasDifferentDebitAccountId)?;
    let credit = t.credit_account_id.is_zero() || t.credit_account_id == target.credit_account_id;
    refuse_if(!credit, S::PendingTransferHasDifferentCreditAccountId)?;
    let ledger = t.ledger.is_zero() || t.ledger == target.ledger;
    refuse_if(!ledger, S::PendingTransferHasDifferentLedger)?;
    let code = t.code == 0 || t.code == target.code;
    refuse_if(!code, S::PendingTransferHasDifferentCode)?;
    let group = t.group_id.is_zero() || t.group_id == target.group_id;
    refuse_if(!group, S::PendingTransferHasDifferentGroupId)
}

fn find<J: Journal>(
    state: &State,
    journal: &J,
    t: &Transfer,
    at: Timestamp,
) -> Result<Found, Stop> {
    if let Some(slot) = state.hold_slot(t.pending_id) {
        let hold = state.hold_at(slot);
        let due = hold.is_due(at);
        return Ok(Found::Reservation(Target {
            debit_account_id: hold.debit_account_id,
            credit_account_id: hold.credit_account_id,
            ledger: hold.ledger,
            code: hold.code,
            group_id: hold.group_id,
            amount: hold.amount,
            state: if due {
                Err(TransferStatus::PendingTransferExpired)
            } else {
                Ok(slot)
            },
        }));
    }
    let found = state.find_transfer(journal, t.pending_id)?;
    let fenced = found.is_some_and(|found| found.fenced);
    let fact = match found {
        Some(found) if found.sequence > Sequence::ZERO => {
            Some((journal.event(found.sequence)?.fact, found.act))
        }
        _ => None,
    };
    match fact {
        // An id that was used up counts as not existing.
        None | Some((Fact::TransferRejected(_), _)) => {
            if fenced {
                Err(TransferStatus::PendingTransferAlreadyVoided.into())
            } else if t.flags.contains(TransferFlags::FENCE) {
                Ok(Found::Fenceable)
            } else {
                Err(TransferStatus::PendingTransferNotFound.into())
            }
        }
        Some((Fact::TransferCreated(created), act))
            if created.transfer.flags.contains(TransferFlags::PENDING) =>
        {
            let pending = created.transfer;
            Ok(Found::Reservation(Target {
                debit_account_id: pending.debit_account_id,
                credit_account_id: pending.credit_account_id,
                ledger: pending.ledger,
                code: pending.code,
                group_id: pending.group_id,
                amount: pending.amount,
                state: Err(how_it_ended(journal, pending.id, act)?),
            }))
        }
        Some(_) => Err(TransferStatus::PendingTransferNotPending.into()),
    }
}

/// The status of an act on a reservation that is no longer open, by the event that ended it.
fn how_it_ended<J: Journal>(
    journal: &J,
    pending_id: TransferId,
    act: Sequence,
) -> Result<TransferStatus, Unreadable> {
    match journal.event(act)?.fact {
        Fact::TransferExpired(expired) if expired.pending_id == pending_id => {
            Ok(TransferStatus::PendingTransferExpired)
        }
        Fact::TransferCreated(created) if created.transfer.pending_id == pending_id => {
            let void = created
                .transfer
                .flags
                .contains(TransferFlags::VOID_PENDING_TRANSFER);
            Ok(if void {
                TransferStatus::PendingTransferAlreadyVoided
            } else {
                TransferStatus::PendingTransferAlreadyPosted
            })
        }
        _ => Err(Unreadable),
    }
}
