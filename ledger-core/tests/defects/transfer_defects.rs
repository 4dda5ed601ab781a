//! For each status a way, or several, to make an event deserve it.

use ledger_core::{TransferFlags as F, TransferStatus as S};

use super::situation::{Lead, Situation, Stamp};
use super::{field_defects, identity_defects, state_defects, target_defects};
use crate::model::Kind;
use crate::model::Kind::{Pending, Post, Reversal, Single, Void};

/// All kinds of transfer.
pub const KINDS: [Kind; 5] = [Single, Pending, Reversal, Post, Void];

/// A status, and the ways to deserve it. Each way touches as little as it can.
pub struct Defect {
    pub status: S,
    /// Tells apart the two places of status 34.
    pub place: &'static str,
    pub ways: &'static [fn(&mut Situation)],
}

pub const fn defect(status: S, ways: &'static [fn(&mut Situation)]) -> Defect {
    Defect {
        status,
        place: "",
        ways,
    }
}

/// The generators of every status, in order of precedence.
pub fn transfer_defects() -> impl Iterator<Item = &'static Defect> {
    REQUEST_DEFECTS
        .iter()
        .chain(identity_defects::DEFECTS)
        .chain(field_defects::DEFECTS)
        .chain(target_defects::DEFECTS)
        .chain(state_defects::DEFECTS)
}

/// The request and the shape of the event.
const REQUEST_DEFECTS: &[Defect] = &[
    defect(S::LinkedEventChainOpen, &[|s| s.add_flags(F::LINKED)]),
    defect(S::LinkedEventFailed, &[|s| lead(s).linked = true]),
    defect(
        S::ImportedEventExpected,
        &[|s| lead(s).imported = Some(true)],
    ),
    defect(
        S::ImportedEventNotExpected,
        &[|s| {
            lead(s).imported = Some(false);
            s.add_flags(F::IMPORTED);
            if matches!(s.stamp, Stamp::Exactly(0)) {
                s.stamp = Stamp::Fine;
            }
        }],
    ),
    defect(S::TimestampMustBeZero, &[|s| s.stamp = Stamp::Exactly(7)]),
    defect(
        S::ImportedEventTimestampOutOfRange,
        &[
            |s| s.import(Stamp::Exactly(0)),
            |s| s.import(Stamp::Exactly(1 << 63)),
        ],
    ),
    defect(
        S::ImportedEventTimestampMustNotAdvance,
        &[|s| s.import(Stamp::Exactly((1 << 63) - 1))],
    ),
    defect(S::ReservedFlag, &[|s| s.add_flags(F::from_bits(1 << 9))]),
    defect(
        S::IdMustNotBeZero,
        &[|s| s.event.id = ledger_core::TransferId::ZERO],
    ),
    defect(
        S::IdMustNotBeIntMax,
        &[|s| s.event.id = ledger_core::TransferId::MAX],
    ),
    defect(
        S::ReferenceTooLong,
        &[|s| s.event.reference = "x".repeat(65).into()],
    ),
];

fn lead(situation: &mut Situation) -> &mut Lead {
    situation.lead.get_or_insert_default()
}

/// The statuses that the order of precedence marks with kinds, and those kinds. Any other applies
/// to all.
const MARKED: &[(&[S], &[Kind])] = &[
    (
        &[
            S::DebitAccountIdMustNotBeZero,
            S::DebitAccountIdMustNotBeIntMax,
            S::CreditAccountIdMustNotBeZero,
            S::CreditAccountIdMustNotBeIntMax,
            S::AccountsMustBeDifferent,
            S::DebitAccountNotFound,
            S::CreditAccountNotFound,
            S::AccountsMustHaveTheSameLedger,
            S::TransferMustHaveTheSameLedgerAsAccounts,
            S::ImportedEventTimestampMustPostdateDebitAccount,
            S::ImportedEventTimestampMustPostdateCreditAccount,
        ],
        &[Single, Pending],
    ),
    (
        &[
            S::PendingIdMustBeZero,
            S::CodeMustNotBeZero,
            S::ExceedsCredits,
            S::ExceedsDebits,
            S::ExceedsBalanceMax,
        ],
        &[Single, Pending, Reversal],
    ),
    (
        &[S::LedgerMustNotBeZero],
        &[Single, Pending, Reversal, Void],
    ),
    (
        &[S::TimeoutReservedForPendingTransfer],
        &[Single, Reversal, Post, Void],
    ),
    (&[S::ClosingTransferMustBePending], &[Single]),
    (
        &[
            S::PendingIdMustNotBeZero,
            S::PendingIdMustNotBeIntMax,
            S::PendingIdMustBeDifferent,
            S::PendingTransferNotFound,
            S::PendingTransferNotPending,
            S::PendingTransferHasDifferentDebitAccountId,
            S::PendingTransferHasDifferentCreditAccountId,
            S::PendingTransferHasDifferentLedger,
            S::PendingTransferHasDifferentCode,
            S::PendingTransferHasDifferentGroupId,
            S::ExceedsPendingTransferAmount,
            S::PendingTransferHasDifferentAmount,
            S::PendingTransferAlreadyPosted,
            S::PendingTransferExpired,
            S::ExceedsPendingRest,
        ],
        &[Post, Void],
    ),
    (
        &[
            S::ReversesIdMustNotBeIntMax,
            S::ReversesIdMustBeDifferent,
            S::ReversedTransferNotFound,
            S::ReversedTransferNotPosted,
            S::ReversalHasDifferentDebitAccountId,
            S::ReversalHasDifferentCreditAccountId,
            S::ReversalHasDifferentLedger,
            S::ExceedsReversibleAmount,
        ],
        &[Reversal],
    ),
    (&[S::GroupIsFull], &[Pending]),
];

/// What the marks leave open and nevertheless never answers an event of that kind, with the
/// reason.
const NEVER: &[(&[S], &[Kind], &str)] = &[
    (
        &[S::ImportedEventTimeoutMustBeZero, S::OverflowsTimeout],
        &[Single, Reversal, Post, Void],
        "only a pending transfer may have a timeout; of another, 17 says so before",
    ),
    (
        &[S::OverflowsDebitsPending, S::OverflowsCreditsPending],
        &[Single, Reversal, Post, Void],
        "only a pending transfer adds to the pending totals",
    ),
    (
        &[
            S::OverflowsDebitsPosted,
            S::OverflowsCreditsPosted,
            S::OverflowsDebits,
            S::OverflowsCredits,
        ],
        &[Post, Void],
        "what is posted was reserved, and pending and posted together fit already",
    ),
    (
        &[S::DebitAccountAlreadyClosed, S::CreditAccountAlreadyClosed],
        &[Void],
        "a void is accepted on a closed account",
    ),
    (
        &[S::PendingTransferHasDifferentAmount],
        &[Post],
        "a post may be partial",
    ),
    (
        &[S::ExceedsPendingRest],
        &[Void],
        "a void takes what is left, or says the reservation's original amount",
    ),
];

/// Whether no event of this kind is ever answered so.
pub fn never_applies(defect: &Defect, kind: Kind) -> bool {
    let status = defect.status;
    if status == S::PendingTransferAlreadyVoided && defect.place.is_empty() {
        // Its second place is among the reservations.
        return !matches!(kind, Post | Void);
    }
    let marked = MARKED
        .iter()
        .find(|(statuses, _)| statuses.contains(&status));
    marked.is_some_and(|(_, kinds)| !kinds.contains(&kind))
        || NEVER
            .iter()
            .any(|(statuses, kinds, _)| statuses.contains(&status) && kinds.contains(&kind))
}
