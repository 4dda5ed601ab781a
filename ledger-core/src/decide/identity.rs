//! Idempotency: an id means one thing for ever. It is judged before anything that depends on the
//! state of the moment, so a retry gets the first answer however the world has changed.

use alloc::boxed::Box;

use super::answer::{BalancesAfter, TransferAnswer};
use super::{Known, Stop, refuse_if};
use crate::{
    Event, Fact, Journal, State, Timestamp, Transfer, TransferCreated, TransferFlags, TransferId,
    TransferStatus, Unreadable,
};

/// The rules up to and including whether the id was used before. `imported` tells whether the
/// request's first transfer is, as then all must be.
pub(super) fn check_identity<J: Journal>(
    state: &State,
    journal: &J,
    transfer: &Transfer,
    at: Timestamp,
    imported: bool,
) -> Result<(), Stop> {
    use TransferStatus as S;

    let is_imported = transfer.flags.contains(TransferFlags::IMPORTED);
    refuse_if(imported && !is_imported, S::ImportedEventExpected)?;
    refuse_if(!imported && is_imported, S::ImportedEventNotExpected)?;
    if is_imported {
        let in_range = !transfer.timestamp.is_zero() && transfer.timestamp <= Timestamp::MAX;
        refuse_if(!in_range, S::ImportedEventTimestampOutOfRange)?;
        refuse_if(
            transfer.timestamp >= at,
            S::ImportedEventTimestampMustNotAdvance,
        )?;
    } else {
        refuse_if(!transfer.timestamp.is_zero(), S::TimestampMustBeZero)?;
    }
    refuse_if(transfer.flags.has_reserved(), S::ReservedFlag)?;
    refuse_if(transfer.id.is_zero(), S::IdMustNotBeZero)?;
    refuse_if(transfer.id.is_max(), S::IdMustNotBeIntMax)?;
    refuse_if(
        transfer.reference.len() > Transfer::REFERENCE_BYTES_MAX,
        S::ReferenceTooLong,
    )?;

    let Some(found) = state.find_transfer(journal, transfer.id)? else {
        return Ok(());
    };
    if found.sequence.get() == 0 {
        debug_assert!(found.fenced, "an id without an event was fenced");
        return Err(S::PendingTransferAlreadyVoided.into());
    }
    Err(known(
        state,
        journal,
        transfer,
        &journal.event(found.sequence)?,
    ))
}

/// The answer to a transfer whose id stands for `event`.
fn known<J: Journal>(state: &State, journal: &J, transfer: &Transfer, event: &Event) -> Stop {
    match &event.fact {
        Fact::TransferRejected(rejected) => exists(
            TransferAnswer {
                status: TransferStatus::IdAlreadyFailed,
                timestamp: event.time,
                original_status: Some(rejected.status),
                ..TransferAnswer::refused(TransferStatus::IdAlreadyFailed)
            },
            None,
        ),
        Fact::TransferFenced(fence) => match compare_fence(transfer, fence) {
            Err(status) => status.into(),
            Ok(()) => exists(
                TransferAnswer {
                    timestamp: fence.timestamp,
                    ..TransferAnswer::refused(TransferStatus::Exists)
                },
                None,
            ),
        },
        Fact::TransferCreated(created) => match compare(state, journal, transfer, created) {
            Err(stop) => stop,
            Ok(()) => exists(
                TransferAnswer {
                    timestamp: created.transfer.timestamp,
                    amount: created.transfer.amount,
                    ..TransferAnswer::refused(TransferStatus::Exists)
                },
                Some(balances_after(created)),
            ),
        },
        _ => Stop::Unreadable(Unreadable),
    }
}

fn exists(answer: TransferAnswer, balances: Option<BalancesAfter>) -> Stop {
    Stop::Known(Box::new(Known { answer, balances }))
}

pub(super) fn balances_after(created: &TransferCreated) -> BalancesAfter {
    BalancesAfter {
        debit_account_id: created.transfer.debit_account_id,
        debit: created.debit_after,
        credit_account_id: created.transfer.credit_account_id,
        credit: created.credit_after,
    }
}

/// A fence was stored as it was asked for, with nothing filled in.
fn compare_fence(asked: &Transfer, stored: &Transfer) -> Result<(), TransferStatus> {
    compare_head(asked, stored)?;
    compare_rest(
        asked,
        stored,
        asked.amount == stored.amount,
        &Filled::default(),
    )
}

/// A field left 0 in a post, void or reversal compares as what it was filled with.
fn compare<J: Journal>(
    state: &State,
    journal: &J,
    asked: &Transfer,
    created: &TransferCreated,
) -> Result<(), Stop> {
    let stored = &created.transfer;
    compare_head(asked, stored)?;
    let resolves = stored.flags.intersects(
        TransferFlags::POST_PENDING_TRANSFER.with(TransferFlags::VOID_PENDING_TRANSFER),
    );
    if !resolves {
        let reverses = !stored.reverses_id.is_zero();
        let same_amount = same_amount(asked, created, reverses);
        let filled = Filled {
            accounts: reverses,
            ..Filled::default()
        };
        return Ok(compare_rest(asked, stored, same_amount, &filled)?);
    }
    let pending = pending_transfer(state, journal, stored.pending_id)?;
    let same_amount = if stored.flags.contains(TransferFlags::VOID_PENDING_TRANSFER) {
        let amount = asked.amount;
        amount.is_zero() || amount == stored.amount || amount == pending.amount
    } else {
        same_amount(asked, created, true)
    };
    let filled = Filled {
        accounts: true,
        pending: Some(&pending),
    };
    Ok(compare_rest(asked, stored, same_amount, &filled)?)
}

/// The reservation that a stored post or void names, as it was created.
fn pending_transfer<J: Journal>(
    state: &State,
    journal: &J,
    id: TransferId,
) -> Result<Transfer, Unreadable> {
    let found = state.find_transfer(journal, id)?.ok_or(Unreadable)?;
    match journal.event(found.sequence)?.fact {
        Fact::TransferCreated(created) => Ok(created.transfer),
        _ => Err(Unreadable),
    }
}

fn same_amount(asked: &Transfer, created: &TransferCreated, may_take_all: bool) -> bool {
    let stored = &created.transfer;
    let balancing = TransferFlags::BALANCING_DEBIT.with(TransferFlags::BALANCING_CREDIT);
    if may_take_all && asked.amount.is_max() {
        created.took_all
    } else if stored.flags.intersects(balancing) {
        asked.amount >= stored.amount
    } else {
        asked.amount == stored.amount
    }
}

/// Which fields, left 0, were filled with something.
#[derive(Default)]
struct Filled<'a> {
    /// Accounts and ledger, from the target.
    accounts: bool,
    /// All else, from the reservation.
    pending: Option<&'a Transfer>,
}

fn compare_head(asked: &Transfer, stored: &Transfer) -> Result<(), TransferStatus> {
    use TransferStatus as S;

    refuse_if(asked.flags != stored.flags, S::ExistsWithDifferentFlags)?;
    refuse_if(
        asked.pending_id != stored.pending_id,
        S::ExistsWithDifferentPendingId,
    )?;
    refuse_if(
        asked.timeout != stored.timeout,
        S::ExistsWithDifferentTimeout,
    )
}

fn compare_rest(
    asked: &Transfer,
    stored: &Transfer,
    same_amount: bool,
    filled: &Filled<'_>,
) -> Result<(), TransferStatus> {
    use TransferStatus as S;

    let pending = filled.pending;
    let same = |asked_is_empty: bool, equal: bool, may_be_filled: bool| {
        equal || asked_is_empty && may_be_filled
    };
    let differences = [
        (
            same(
                asked.debit_account_id.is_zero(),
                asked.debit_account_id == stored.debit_account_id,
                filled.accounts,
            ),
            S::ExistsWithDifferentDebitAccountId,
        ),
        (
            same(
                asked.credit_account_id.is_zero(),
                asked.credit_account_id == stored.credit_account_id,
                filled.accounts,
            ),
            S::ExistsWithDifferentCreditAccountId,
        ),
        (same_amount, S::ExistsWithDifferentAmount),
        (
            same(
                asked.user_data_128 == 0,
                asked.user_data_128 == stored.user_data_128,
                pending.is_some_and(|p| p.user_data_128 == stored.user_data_128),
            ),
            S::ExistsWithDifferentUserData128,
        ),
        (
            same(
                asked.user_data_64 == 0,
                asked.user_data_64 == stored.user_data_64,
                pending.is_some_and(|p| p.user_data_64 == stored.user_data_64),
            ),
            S::ExistsWithDifferentUserData64,
        ),
        (
            same(
                asked.user_data_32 == 0,
                asked.user_data_32 == stored.user_data_32,
                pending.is_some_and(|p| p.user_data_32 == stored.user_data_32),
            ),
            S::ExistsWithDifferentUserData32,
        ),
        (
            same(
                asked.ledger.is_zero(),
                asked.ledger == stored.ledger,
                filled.accounts,
            ),
            S::ExistsWithDifferentLedger,
        ),
        (
            same(
                asked.code == 0,
                asked.code == stored.code,
                pending.is_some(),
            ),
            S::ExistsWithDifferentCode,
        ),
        (
            asked.reverses_id == stored.reverses_id,
            S::ExistsWithDifferentReversesId,
        ),
        (
            same(
                asked.group_id.is_zero(),
                asked.group_id == stored.group_id,
                pending.is_some(),
            ),
            S::ExistsWithDifferentGroupId,
        ),
        (
            same(
                asked.reference.is_empty(),
                asked.reference == stored.reference,
                pending.is_some_and(|p| p.reference == stored.reference),
            ),
            S::ExistsWithDifferentReference,
        ),
    ];
    match differences.into_iter().find(|&(same, _)| !same) {
        Some((_, status)) => Err(status),
        None => Ok(()),
    }
}
