//! Rules that look at a transfer alone: which kind it is, and whether its fields fit that kind.

use super::refuse_if;
use crate::{Transfer, TransferFlags, TransferStatus};

/// The four kinds of transfer. Each has its own rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Moves value at once.
    SinglePhase,
    /// Reserves it (try).
    Pending,
    /// Posts or voids a reservation (confirm, cancel).
    Resolution,
    /// Gives value back (compensation, refund).
    Reversal,
}

/// The kind of a transfer whose flags and fields fit one kind.
pub(super) fn kind_of(transfer: &Transfer) -> Result<Kind, TransferStatus> {
    use TransferFlags as F;

    let flags = transfer.flags;
    let (post, void) = (
        flags.contains(F::POST_PENDING_TRANSFER),
        flags.contains(F::VOID_PENDING_TRANSFER),
    );
    let resolves = post || void;
    let reverses = !transfer.reverses_id.is_zero();
    let balancing_or_closing = F::BALANCING_DEBIT
        .with(F::BALANCING_CREDIT)
        .with(F::CLOSING_DEBIT)
        .with(F::CLOSING_CREDIT);
    let only_single_or_pending = F::PENDING.with(balancing_or_closing);
    let fence = flags.contains(F::FENCE);

    let exclusive = post && void
        || resolves && flags.intersects(only_single_or_pending)
        || reverses && (resolves || flags.intersects(only_single_or_pending))
        || fence && !(void || reverses)
        || fence && flags.contains(F::IMPORTED)
        || flags.contains(F::KEEP_OPEN) && !post;
    refuse_if(exclusive, TransferStatus::FlagsAreMutuallyExclusive)?;
    Ok(if resolves {
        Kind::Resolution
    } else if reverses {
        Kind::Reversal
    } else if flags.contains(F::PENDING) {
        Kind::Pending
    } else {
        Kind::SinglePhase
    })
}

/// Judges the fields of a transfer of this kind that need no look at the state.
pub(super) fn check_fields(transfer: &Transfer, kind: Kind) -> Result<(), TransferStatus> {
    use TransferFlags as F;
    use TransferStatus as S;

    let t = transfer;
    let names_accounts = matches!(kind, Kind::SinglePhase | Kind::Pending);
    if names_accounts {
        refuse_if(t.debit_account_id.is_zero(), S::DebitAccountIdMustNotBeZero)?;
        refuse_if(
            t.debit_account_id.is_max(),
            S::DebitAccountIdMustNotBeIntMax,
        )?;
        refuse_if(
            t.credit_account_id.is_zero(),
            S::CreditAccountIdMustNotBeZero,
        )?;
        refuse_if(
            t.credit_account_id.is_max(),
            S::CreditAccountIdMustNotBeIntMax,
        )?;
        refuse_if(
            t.debit_account_id == t.credit_account_id,
            S::AccountsMustBeDifferent,
        )?;
    }
    if kind == Kind::Resolution {
        refuse_if(t.pending_id.is_zero(), S::PendingIdMustNotBeZero)?;
        refuse_if(t.pending_id.is_max(), S::PendingIdMustNotBeIntMax)?;
        refuse_if(t.pending_id == t.id, S::PendingIdMustBeDifferent)?;
    } else {
        refuse_if(!t.pending_id.is_zero(), S::PendingIdMustBeZero)?;
    }
    if kind != Kind::Pending {
        refuse_if(t.timeout != 0, S::TimeoutReservedForPendingTransfer)?;
    }
    if kind == Kind::SinglePhase {
        let closing = F::CLOSING_DEBIT.with(F::CLOSING_CREDIT);
        refuse_if(t.flags.intersects(closing), S::ClosingTransferMustBePending)?;
    }
    if kind == Kind::Reversal {
        refuse_if(t.reverses_id.is_max(), S::ReversesIdMustNotBeIntMax)?;
        refuse_if(t.reverses_id == t.id, S::ReversesIdMustBeDifferent)?;
    }
    if names_accounts || t.flags.contains(F::FENCE) {
        refuse_if(t.ledger.is_zero(), S::LedgerMustNotBeZero)?;
    }
    if kind != Kind::Resolution {
        refuse_if(t.code == 0, S::CodeMustNotBeZero)?;
    }
    Ok(())
}
