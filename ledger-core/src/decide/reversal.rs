//! Reversals: value moves back from the credited account to the debited one. The sum of a
//! transfer's reversals never passes its amount.

use super::movement::{check_amount, check_imported, check_open};
use super::{Stop, Verdict, refuse_if};
use crate::effect::Moved;
use crate::state::Touched;
use crate::{
    Amount, Fact, HoldAfter, Journal, Sequence, State, Timestamp, Transfer, TransferCreated,
    TransferFlags, TransferStatus, Unreadable,
};

/// Judges a reversal whose fields are in order.
pub(super) fn judge<J: Journal>(
    state: &State,
    journal: &J,
    transfer: &Transfer,
    at: Timestamp,
) -> Result<Verdict, Stop> {
    use TransferStatus as S;

    let t = transfer;
    let Some((target, reversed)) = find(state, journal, t)? else {
        return Ok(Verdict::Fenced(Transfer {
            timestamp: at,
            ..t.clone()
        }));
    };
    let (debit_id, credit_id) = (target.credit_account_id, target.debit_account_id);
    let same_debit = t.debit_account_id.is_zero() || t.debit_account_id == debit_id;
    refuse_if(!same_debit, S::ReversalHasDifferentDebitAccountId)?;
    let same_credit = t.credit_account_id.is_zero() || t.credit_account_id == credit_id;
    refuse_if(!same_credit, S::ReversalHasDifferentCreditAccountId)?;
    let same_ledger = t.ledger.is_zero() || t.ledger == target.ledger;
    refuse_if(!same_ledger, S::ReversalHasDifferentLedger)?;

    let rest = target
        .amount
        .checked_sub(reversed)
        .expect("no more is reversed than moved");
    let takes_all = t.amount.is_max();
    let amount = if takes_all { rest } else { t.amount };
    refuse_if(
        takes_all && rest.is_zero() || amount > rest,
        S::ExceedsReversibleAmount,
    )?;

    check_imported(state, t)?;
    let existing = "the accounts of a transfer exist for ever";
    let debit_slot = state.account_slot(debit_id).expect(existing);
    let credit_slot = state.account_slot(credit_id).expect(existing);
    let (debit, credit) = (state.account_at(debit_slot), state.account_at(credit_slot));
    check_open(debit, credit)?;
    let imported = t.flags.contains(TransferFlags::IMPORTED);
    let timestamp = if imported { t.timestamp } else { at };
    check_amount(t, amount, timestamp, debit, credit)?;

    let moved = Moved::new(t.flags, amount, Amount::ZERO);
    let fits = "a reversal that overflows was refused";
    Ok(Verdict::Created(
        TransferCreated {
            debit_after: moved.debit(&debit.totals).expect(fits),
            credit_after: moved.credit(&credit.totals).expect(fits),
            transfer: Transfer {
                debit_account_id: debit_id,
                credit_account_id: credit_id,
                ledger: target.ledger,
                amount,
                timestamp,
                ..t.clone()
            },
            took_all: amount == rest,
            hold: HoldAfter::default(),
            reversed: reversed
                .checked_add(amount)
                .expect("no more is reversed than moved"),
        },
        Touched {
            debit: debit_slot,
            credit: credit_slot,
            hold: None,
        },
    ))
}

/// The transfer to reverse and what was reversed of it so far; `None` if there is none and the
/// reversal fences it.
fn find<J: Journal>(
    state: &State,
    journal: &J,
    t: &Transfer,
) -> Result<Option<(Transfer, Amount)>, Stop> {
    let found = state.find_transfer(journal, t.reverses_id)?;
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
                Err(TransferStatus::ReversedTransferNotPosted.into())
            } else if t.flags.contains(TransferFlags::FENCE) {
                Ok(None)
            } else {
                Err(TransferStatus::ReversedTransferNotFound.into())
            }
        }
        Some((Fact::TransferCreated(created), act)) if moved_value(&created.transfer) => {
            Ok(Some((created.transfer, reversed_by(journal, act)?)))
        }
        Some(_) => Err(TransferStatus::ReversedTransferNotPosted.into()),
    }
}

/// Whether a transfer posted something: single-phase, a post, or another reversal.
fn moved_value(transfer: &Transfer) -> bool {
    let neither = TransferFlags::PENDING.with(TransferFlags::VOID_PENDING_TRANSFER);
    !transfer.flags.intersects(neither)
}

/// All that was reversed up to and including the newest reversal.
fn reversed_by<J: Journal>(journal: &J, act: Sequence) -> Result<Amount, Unreadable> {
    if act == Sequence::ZERO {
        return Ok(Amount::ZERO);
    }
    match journal.event(act)?.fact {
        Fact::TransferCreated(created) => Ok(created.reversed),
        _ => Err(Unreadable),
    }
}
