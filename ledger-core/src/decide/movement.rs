//! Rules for anything that moves or reserves value: imported moments, closed accounts, overflows
//! and limits.

use super::refuse_if;
use crate::state::Account;
use crate::{Amount, State, Timestamp, Transfer, TransferFlags, TransferStatus};

/// An imported transfer is newer than the newest transfer.
pub(super) fn check_imported(state: &State, transfer: &Transfer) -> Result<(), TransferStatus> {
    let regresses = transfer.flags.contains(TransferFlags::IMPORTED)
        && transfer.timestamp <= state.newest_transfer();
    refuse_if(
        regresses,
        TransferStatus::ImportedEventTimestampMustNotRegress,
    )
}

/// On a closed account only a void is accepted.
pub(super) fn check_open(debit: &Account, credit: &Account) -> Result<(), TransferStatus> {
    refuse_if(debit.is_closed(), TransferStatus::DebitAccountAlreadyClosed)?;
    refuse_if(
        credit.is_closed(),
        TransferStatus::CreditAccountAlreadyClosed,
    )
}

/// What a balancing transfer moves of what it asks for. Overdraft limits never count.
pub(super) fn balanced_amount(transfer: &Transfer, debit: &Account, credit: &Account) -> Amount {
    let mut amount = transfer.amount;
    if transfer.flags.contains(TransferFlags::BALANCING_DEBIT) {
        let totals = &debit.totals;
        let used = totals.debits_posted.saturating_add(totals.debits_pending);
        amount = amount.min(totals.credits_posted.saturating_sub(used));
    }
    if transfer.flags.contains(TransferFlags::BALANCING_CREDIT) {
        let totals = &credit.totals;
        let used = totals.credits_posted.saturating_add(totals.credits_pending);
        amount = amount.min(totals.debits_posted.saturating_sub(used));
    }
    amount
}

/// Overflows come before limits, so that the sums on the left of each limit fit 128 bits; the sums
/// on the right may saturate, and compare as if they had not.
pub(super) fn check_amount(
    transfer: &Transfer,
    amount: Amount,
    moment: Timestamp,
    debit: &Account,
    credit: &Account,
) -> Result<(), TransferStatus> {
    use TransferStatus as S;

    let (dr, cr) = (&debit.totals, &credit.totals);
    let overflows = |total: Amount| total.checked_add(amount).is_none();
    if transfer.flags.contains(TransferFlags::PENDING) {
        refuse_if(overflows(dr.debits_pending), S::OverflowsDebitsPending)?;
        refuse_if(overflows(cr.credits_pending), S::OverflowsCreditsPending)?;
    }
    refuse_if(overflows(dr.debits_posted), S::OverflowsDebitsPosted)?;
    refuse_if(overflows(cr.credits_posted), S::OverflowsCreditsPosted)?;
    let debits = side_after(dr.debits_pending, dr.debits_posted, amount);
    let debits = debits.ok_or(S::OverflowsDebits)?;
    let credits = side_after(cr.credits_pending, cr.credits_posted, amount);
    let credits = credits.ok_or(S::OverflowsCredits)?;
    if transfer.timeout != 0 {
        let expiry = moment.checked_add_seconds(transfer.timeout);
        refuse_if(expiry.is_none(), S::OverflowsTimeout)?;
    }

    if debit.limits_debits() {
        let funds = dr.credits_posted.saturating_add(debit.overdraft_limit);
        refuse_if(debits > funds, S::ExceedsCredits)?;
    }
    if credit.limits_credits() {
        let funds = cr.debits_posted.saturating_add(credit.overdraft_limit);
        refuse_if(credits > funds, S::ExceedsDebits)?;
    }
    // A balance grows with credits, or with debits where it is credits that are limited.
    let debit_ceiling = debit.limits_credits() && !debit.balance_max.is_zero();
    let credit_ceiling = !credit.limits_credits() && !credit.balance_max.is_zero();
    let debit_over = debits > debit.balance_max.saturating_add(dr.credits_posted);
    let credit_over = credits > credit.balance_max.saturating_add(cr.debits_posted);
    let over = debit_ceiling && debit_over || credit_ceiling && credit_over;
    refuse_if(over, S::ExceedsBalanceMax)
}

/// Pending and posted together, with the amount that is to be added to either.
fn side_after(pending: Amount, posted: Amount, amount: Amount) -> Option<Amount> {
    pending.checked_add(posted)?.checked_add(amount)
}
