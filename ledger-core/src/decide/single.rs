//! Single-phase and pending transfers: value moves, or is reserved, between two named accounts.

use super::movement::{balanced_amount, check_amount, check_imported, check_open};
use super::{Stop, Verdict, refuse_if};
use crate::effect::Moved;
use crate::state::{AccountSlots, Touched};
use crate::{
    Amount, HoldAfter, Journal, State, Timestamp, Transfer, TransferCreated, TransferFlags,
    TransferStatus,
};

/// The most reservations that a group may ever have.
const GROUP_HOLDS_MAX: u64 = 8192;

/// Judges a single-phase or pending transfer whose fields are in order, between the accounts that
/// were looked up for it.
pub(super) fn judge<J: Journal>(
    state: &State,
    journal: &J,
    transfer: &Transfer,
    accounts: AccountSlots,
    at: Timestamp,
) -> Result<Verdict, Stop> {
    use TransferStatus as S;

    let t = transfer;
    let debit_slot = accounts.debit.ok_or(S::DebitAccountNotFound)?;
    let credit_slot = accounts.credit.ok_or(S::CreditAccountNotFound)?;
    let (debit, credit) = (state.account_at(debit_slot), state.account_at(credit_slot));
    refuse_if(
        debit.ledger != credit.ledger,
        S::AccountsMustHaveTheSameLedger,
    )?;
    refuse_if(
        t.ledger != debit.ledger,
        S::TransferMustHaveTheSameLedgerAsAccounts,
    )?;

    let imported = t.flags.contains(TransferFlags::IMPORTED);
    if imported {
        check_imported(state, t)?;
        let (debited, credited) = (debit.timestamp, credit.timestamp);
        refuse_if(
            t.timestamp <= debited,
            S::ImportedEventTimestampMustPostdateDebitAccount,
        )?;
        refuse_if(
            t.timestamp <= credited,
            S::ImportedEventTimestampMustPostdateCreditAccount,
        )?;
        refuse_if(t.timeout != 0, S::ImportedEventTimeoutMustBeZero)?;
    }
    check_open(debit, credit)?;
    let pending = t.flags.contains(TransferFlags::PENDING);
    if pending && !t.group_id.is_zero() {
        refuse_if(
            state.group_holds(journal, t.group_id)? >= GROUP_HOLDS_MAX,
            S::GroupIsFull,
        )?;
    }
    let amount = balanced_amount(t, debit, credit);
    let timestamp = if imported { t.timestamp } else { at };
    check_amount(t, amount, timestamp, debit, credit)?;

    let moved = Moved::new(t.flags, amount, Amount::ZERO);
    let fits = "a transfer that overflows was refused";
    Ok(Verdict::Created(
        TransferCreated {
            debit_after: moved.debit(&debit.totals).expect(fits),
            credit_after: moved.credit(&credit.totals).expect(fits),
            transfer: Transfer {
                amount,
                timestamp,
                ..t.clone()
            },
            took_all: false,
            hold: HoldAfter::default(),
            reversed: Amount::ZERO,
        },
        Touched {
            debit: debit_slot,
            credit: credit_slot,
            hold: None,
        },
    ))
}
