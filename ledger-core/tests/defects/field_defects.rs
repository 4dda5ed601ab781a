//! The fields of the event.

use ledger_core::{AccountId, LedgerId, TransferFlags as F, TransferId, TransferStatus as S};

use super::identity_defects::prior_reversal;
use super::situation::{EVENT, pending, single};
use super::target_defects::fence_what_never_was;
use super::transfer_defects::{Defect, defect};
use crate::model::Kind;

pub const DEFECTS: &[Defect] = &[
    defect(
        S::FlagsAreMutuallyExclusive,
        &[
            |s| match s.kind {
                Kind::Post => s.add_flags(F::PENDING),
                _ => s.add_flags(F::KEEP_OPEN),
            },
            |s| match s.kind {
                Kind::Single | Kind::Pending | Kind::Post => s.add_flags(F::FENCE),
                Kind::Reversal | Kind::Void => s.add_flags(F::BALANCING_DEBIT),
            },
            // Flags that were in order before it was to reverse something.
            |s| match s.kind {
                Kind::Single => {
                    s.target.push(single(56, 9, 1, 100));
                    s.event.reverses_id = TransferId::new(56);
                    s.add_flags(F::BALANCING_DEBIT);
                    let prior = s.the_prior();
                    prior.flags = prior.flags.with(F::BALANCING_DEBIT);
                }
                Kind::Pending | Kind::Post | Kind::Void => {
                    s.event.reverses_id = TransferId::new(56);
                }
                Kind::Reversal => {
                    s.add_flags(F::PENDING);
                    s.event.debit_account_id = AccountId::new(2);
                    s.event.credit_account_id = AccountId::new(1);
                    s.event.ledger = LedgerId::new(1);
                    s.prior = Some(pending(EVENT, 2, 1, 40));
                }
            },
        ],
    ),
    defect(
        S::DebitAccountIdMustNotBeZero,
        &[
            |s| s.event.debit_account_id = AccountId::ZERO,
            |s| {
                prior_reversal(s);
                s.event.debit_account_id = AccountId::ZERO;
            },
        ],
    ),
    defect(
        S::DebitAccountIdMustNotBeIntMax,
        &[|s| s.event.debit_account_id = AccountId::MAX],
    ),
    defect(
        S::CreditAccountIdMustNotBeZero,
        &[
            |s| s.event.credit_account_id = AccountId::ZERO,
            |s| {
                prior_reversal(s);
                s.event.credit_account_id = AccountId::ZERO;
            },
        ],
    ),
    defect(
        S::CreditAccountIdMustNotBeIntMax,
        &[|s| s.event.credit_account_id = AccountId::MAX],
    ),
    defect(
        S::AccountsMustBeDifferent,
        &[
            |s| s.event.credit_account_id = s.event.debit_account_id,
            |s| s.event.debit_account_id = s.event.credit_account_id,
            |s| {
                prior_reversal(s);
                s.event.debit_account_id = AccountId::ZERO;
                s.event.credit_account_id = AccountId::ZERO;
            },
        ],
    ),
    defect(
        S::PendingIdMustBeZero,
        &[|s| s.event.pending_id = TransferId::new(51)],
    ),
    defect(
        S::PendingIdMustNotBeZero,
        &[|s| s.event.pending_id = TransferId::ZERO],
    ),
    defect(
        S::PendingIdMustNotBeIntMax,
        &[|s| s.event.pending_id = TransferId::MAX],
    ),
    defect(
        S::PendingIdMustBeDifferent,
        &[|s| s.event.pending_id = s.event.id],
    ),
    defect(
        S::TimeoutReservedForPendingTransfer,
        &[|s| s.event.timeout = 9],
    ),
    defect(
        S::ClosingTransferMustBePending,
        &[|s| s.add_flags(F::CLOSING_DEBIT)],
    ),
    defect(
        S::ReversesIdMustNotBeIntMax,
        &[|s| s.event.reverses_id = TransferId::MAX],
    ),
    defect(
        S::ReversesIdMustBeDifferent,
        &[|s| s.event.reverses_id = s.event.id],
    ),
    defect(
        S::LedgerMustNotBeZero,
        &[
            |s| {
                if matches!(s.kind, Kind::Void | Kind::Reversal) {
                    s.add_flags(F::FENCE);
                }
                s.event.ledger = LedgerId::ZERO;
            },
            // The earlier one found its target, so its ledger was filled in.
            |s| {
                prior_reversal(s);
                s.event.ledger = LedgerId::ZERO;
                if matches!(s.kind, Kind::Void | Kind::Reversal) {
                    s.add_flags(F::FENCE);
                    let prior = s.the_prior();
                    prior.flags = prior.flags.with(F::FENCE);
                    prior.ledger = LedgerId::new(1);
                }
            },
            // The earlier one did not.
            |s| {
                fence_what_never_was(s);
                s.event.ledger = LedgerId::ZERO;
            },
        ],
    ),
    defect(S::CodeMustNotBeZero, &[|s| s.event.code = 0]),
];
