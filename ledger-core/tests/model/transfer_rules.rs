//! The rules for transfers, in order of precedence.

use ledger_core::{Timestamp, Transfer, TransferFlags as F, TransferStatus as S};

use super::Place;
use super::chain::Chained;
use super::question::{Filled, Kind, Question};
use super::world::{Account, End, Meaning, World};

/// A status, and whether it would refuse an event, whatever the others say.
pub struct Rule {
    pub status: S,
    /// Tells apart the two places of status 34.
    pub place: &'static str,
    pub applies: fn(&Question<'_>) -> bool,
}

impl Question<'_> {
    /// Every status that could refuse this transfer, in order of precedence.
    pub fn refusals(&self) -> Vec<S> {
        self.refusing_rules().map(|rule| rule.status).collect()
    }

    /// Every rule that could refuse this transfer, in order of precedence.
    pub fn refusing_rules(&self) -> impl Iterator<Item = &'static Rule> {
        TRANSFER_RULES.iter().filter(|rule| (rule.applies)(self))
    }
}

impl World {
    /// Every rule that could refuse this transfer, in order of precedence.
    pub fn refusing_rules(
        &mut self,
        now: Timestamp,
        asked: &Transfer,
        place: Place,
    ) -> Vec<&'static Rule> {
        asked.prepare(self, now);
        let moment = self.moment(now);
        Question {
            world: self,
            moment,
            asked,
            place,
        }
        .refusing_rules()
        .collect()
    }
}

const fn rule(status: S, applies: fn(&Question<'_>) -> bool) -> Rule {
    Rule {
        status,
        place: "",
        applies,
    }
}

fn limits_debits(account: &Account) -> bool {
    account
        .as_created
        .flags
        .contains(ledger_core::AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS)
}

fn limits_credits(account: &Account) -> bool {
    account
        .as_created
        .flags
        .contains(ledger_core::AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)
}

/// Every refusal, in order of precedence.
pub const TRANSFER_RULES: &[Rule] = &[
    // The request and the shape of the event.
    rule(S::LinkedEventChainOpen, |q| q.place.leaves_chain_open),
    rule(S::LinkedEventFailed, |q| q.place.chain_broken),
    rule(S::ImportedEventExpected, |q| {
        q.place.first_imported && !q.has(F::IMPORTED)
    }),
    rule(S::ImportedEventNotExpected, |q| {
        !q.place.first_imported && q.has(F::IMPORTED)
    }),
    rule(S::TimestampMustBeZero, |q| {
        !q.has(F::IMPORTED) && !q.asked.timestamp.is_zero()
    }),
    rule(S::ImportedEventTimestampOutOfRange, |q| {
        let stamp = q.asked.timestamp;
        q.has(F::IMPORTED) && (stamp.is_zero() || stamp > Timestamp::MAX)
    }),
    rule(S::ImportedEventTimestampMustNotAdvance, |q| {
        q.has(F::IMPORTED) && q.asked.timestamp >= q.moment
    }),
    rule(S::ReservedFlag, |q| {
        let known = [0, 1, 2, 3, 4, 5, 6, 7, 8, 14, 15].map(|bit: u32| 1 << bit);
        q.asked.flags.bits() & !known.iter().sum::<u32>() != 0
    }),
    rule(S::IdMustNotBeZero, |q| q.asked.id.is_zero()),
    rule(S::IdMustNotBeIntMax, |q| q.asked.id.is_max()),
    rule(S::ReferenceTooLong, |q| q.asked.reference.len() > 64),
    // Idempotency.
    rule(S::ExistsWithDifferentFlags, |q| {
        q.differs(|t| t.flags.bits(), Filled::Never)
    }),
    rule(S::ExistsWithDifferentPendingId, |q| {
        q.differs(|t| t.pending_id, Filled::Never)
    }),
    rule(S::ExistsWithDifferentTimeout, |q| {
        q.differs(|t| t.timeout, Filled::Never)
    }),
    rule(S::ExistsWithDifferentDebitAccountId, |q| {
        q.differs(|t| t.debit_account_id, Filled::ByPostVoidAndReversal)
    }),
    rule(S::ExistsWithDifferentCreditAccountId, |q| {
        q.differs(|t| t.credit_account_id, Filled::ByPostVoidAndReversal)
    }),
    rule(S::ExistsWithDifferentAmount, |q| q.amount_differs()),
    rule(S::ExistsWithDifferentUserData128, |q| {
        q.differs(|t| t.user_data_128, Filled::ByPostAndVoid)
    }),
    rule(S::ExistsWithDifferentUserData64, |q| {
        q.differs(|t| t.user_data_64, Filled::ByPostAndVoid)
    }),
    rule(S::ExistsWithDifferentUserData32, |q| {
        q.differs(|t| t.user_data_32, Filled::ByPostAndVoid)
    }),
    rule(S::ExistsWithDifferentLedger, |q| {
        q.differs(|t| t.ledger, Filled::ByPostVoidAndReversal)
    }),
    rule(S::ExistsWithDifferentCode, |q| {
        q.differs(|t| t.code, Filled::ByPostAndVoid)
    }),
    rule(S::ExistsWithDifferentReversesId, |q| {
        q.differs(|t| t.reverses_id, Filled::Never)
    }),
    rule(S::ExistsWithDifferentGroupId, |q| {
        q.differs(|t| t.group_id, Filled::ByPostAndVoid)
    }),
    rule(S::ExistsWithDifferentReference, |q| {
        q.differs(|t| t.reference.clone(), Filled::ByPostAndVoid)
    }),
    rule(S::Exists, |q| {
        let exists = matches!(
            q.world.ids.get(&q.asked.id),
            Some(Meaning::Created(_) | Meaning::Fence { .. })
        );
        exists
            && !q.amount_differs()
            && !q.differs(|t| (t.flags.bits(), t.timeout), Filled::Never)
            && !q.differs(|t| (t.pending_id, t.reverses_id), Filled::Never)
            && !q.differs(|t| t.debit_account_id, Filled::ByPostVoidAndReversal)
            && !q.differs(|t| t.credit_account_id, Filled::ByPostVoidAndReversal)
            && !q.differs(|t| t.ledger, Filled::ByPostVoidAndReversal)
            && !q.differs(|t| t.user_data_128, Filled::ByPostAndVoid)
            && !q.differs(|t| t.user_data_64, Filled::ByPostAndVoid)
            && !q.differs(|t| t.user_data_32, Filled::ByPostAndVoid)
            && !q.differs(|t| t.code, Filled::ByPostAndVoid)
            && !q.differs(|t| t.group_id, Filled::ByPostAndVoid)
            && !q.differs(|t| t.reference.clone(), Filled::ByPostAndVoid)
    }),
    rule(S::IdAlreadyFailed, |q| {
        matches!(q.world.ids.get(&q.asked.id), Some(Meaning::UsedUp { .. }))
    }),
    Rule {
        status: S::PendingTransferAlreadyVoided,
        place: "of a fenced id",
        applies: |q| q.world.fenced.contains(&q.asked.id),
    },
    // The fields of the event.
    rule(S::FlagsAreMutuallyExclusive, |q| {
        let resolves = q.has(F::POST_PENDING_TRANSFER) || q.has(F::VOID_PENDING_TRANSFER);
        let shapes = F::PENDING
            .with(F::BALANCING_DEBIT)
            .with(F::BALANCING_CREDIT)
            .with(F::CLOSING_DEBIT)
            .with(F::CLOSING_CREDIT);
        let reverses = !q.asked.reverses_id.is_zero();
        let fences = q.has(F::FENCE);
        (q.has(F::POST_PENDING_TRANSFER) && q.has(F::VOID_PENDING_TRANSFER))
            || ((resolves || reverses) && q.asked.flags.intersects(shapes))
            || (reverses && resolves)
            || (fences && !q.has(F::VOID_PENDING_TRANSFER) && !reverses)
            || (fences && q.has(F::IMPORTED))
            || (q.has(F::KEEP_OPEN) && !q.has(F::POST_PENDING_TRANSFER))
    }),
    rule(S::DebitAccountIdMustNotBeZero, |q| {
        q.is_single_or_pending() && q.asked.debit_account_id.is_zero()
    }),
    rule(S::DebitAccountIdMustNotBeIntMax, |q| {
        q.is_single_or_pending() && q.asked.debit_account_id.is_max()
    }),
    rule(S::CreditAccountIdMustNotBeZero, |q| {
        q.is_single_or_pending() && q.asked.credit_account_id.is_zero()
    }),
    rule(S::CreditAccountIdMustNotBeIntMax, |q| {
        q.is_single_or_pending() && q.asked.credit_account_id.is_max()
    }),
    rule(S::AccountsMustBeDifferent, |q| {
        q.is_single_or_pending() && q.asked.debit_account_id == q.asked.credit_account_id
    }),
    rule(S::PendingIdMustBeZero, |q| {
        !q.is_post_or_void() && !q.asked.pending_id.is_zero()
    }),
    rule(S::PendingIdMustNotBeZero, |q| {
        q.is_post_or_void() && q.asked.pending_id.is_zero()
    }),
    rule(S::PendingIdMustNotBeIntMax, |q| {
        q.is_post_or_void() && q.asked.pending_id.is_max()
    }),
    rule(S::PendingIdMustBeDifferent, |q| {
        q.is_post_or_void() && q.asked.pending_id == q.asked.id
    }),
    rule(S::TimeoutReservedForPendingTransfer, |q| {
        q.kind() != Kind::Pending && q.asked.timeout != 0
    }),
    rule(S::ClosingTransferMustBePending, |q| {
        q.kind() == Kind::Single && (q.has(F::CLOSING_DEBIT) || q.has(F::CLOSING_CREDIT))
    }),
    rule(S::ReversesIdMustNotBeIntMax, |q| {
        q.is_reversal() && q.asked.reverses_id.is_max()
    }),
    rule(S::ReversesIdMustBeDifferent, |q| {
        q.is_reversal() && q.asked.reverses_id == q.asked.id
    }),
    rule(S::LedgerMustNotBeZero, |q| {
        (q.is_single_or_pending() || q.has(F::FENCE)) && q.asked.ledger.is_zero()
    }),
    rule(S::CodeMustNotBeZero, |q| {
        !q.is_post_or_void() && q.asked.code == 0
    }),
    // The accounts of a single-phase or pending transfer.
    rule(S::DebitAccountNotFound, |q| {
        q.is_single_or_pending() && q.debit().is_none()
    }),
    rule(S::CreditAccountNotFound, |q| {
        q.is_single_or_pending() && q.credit().is_none()
    }),
    rule(S::AccountsMustHaveTheSameLedger, |q| {
        match (q.debit(), q.credit()) {
            (Some(debit), Some(credit)) => {
                q.is_single_or_pending() && debit.as_created.ledger != credit.as_created.ledger
            }
            _ => false,
        }
    }),
    rule(S::TransferMustHaveTheSameLedgerAsAccounts, |q| {
        let differs = |account: Option<&Account>| {
            account.is_some_and(|account| account.as_created.ledger != q.asked.ledger)
        };
        q.is_single_or_pending() && (differs(q.debit()) || differs(q.credit()))
    }),
    // The reservation of a post or void.
    rule(S::PendingTransferNotFound, |q| {
        q.is_post_or_void() && q.target_is_missing() && !q.target_is_fenced() && !q.is_fence()
    }),
    rule(S::PendingTransferNotPending, |q| {
        q.is_post_or_void() && !q.target_is_missing() && q.hold().is_none()
    }),
    rule(S::PendingTransferHasDifferentDebitAccountId, |q| {
        q.hold_has_different(|t| t.debit_account_id)
    }),
    rule(S::PendingTransferHasDifferentCreditAccountId, |q| {
        q.hold_has_different(|t| t.credit_account_id)
    }),
    rule(S::PendingTransferHasDifferentLedger, |q| {
        q.hold_has_different(|t| t.ledger)
    }),
    rule(S::PendingTransferHasDifferentCode, |q| {
        q.hold_has_different(|t| t.code)
    }),
    rule(S::PendingTransferHasDifferentGroupId, |q| {
        q.hold_has_different(|t| t.group_id)
    }),
    rule(S::ExceedsPendingTransferAmount, |q| {
        let takes_all = q.kind() == Kind::Post && q.asked.amount.is_max();
        q.hold()
            .is_some_and(|(hold, _)| !takes_all && q.asked.amount > hold.amount)
    }),
    rule(S::PendingTransferHasDifferentAmount, |q| {
        q.kind() == Kind::Void
            && !q.asked.amount.is_zero()
            && q.hold()
                .is_some_and(|(hold, _)| q.asked.amount < hold.amount)
    }),
    rule(S::PendingTransferAlreadyPosted, |q| q.ended(End::Posted)),
    rule(S::PendingTransferAlreadyVoided, |q| {
        let fenced = q.is_post_or_void() && q.target_is_missing() && q.target_is_fenced();
        q.ended(End::Voided) || fenced
    }),
    rule(S::PendingTransferExpired, |q| {
        let due = q.hold().is_some_and(|(_, hold)| {
            hold.end.is_none() && hold.expires_at.is_some_and(|at| at <= q.moment)
        });
        q.ended(End::Expired) || due
    }),
    rule(S::ExceedsPendingRest, |q| {
        q.kind() == Kind::Post
            && !q.asked.amount.is_max()
            && q.hold()
                .is_some_and(|(_, hold)| q.asked.amount.get() > hold.rest)
    }),
    // The transfer that a reversal gives back.
    rule(S::ReversedTransferNotFound, |q| {
        q.is_reversal() && q.target_is_missing() && !q.target_is_fenced() && !q.is_fence()
    }),
    rule(S::ReversedTransferNotPosted, |q| {
        let there = !q.target_is_missing() && q.reversible().is_none();
        let fenced = q.target_is_missing() && q.target_is_fenced();
        q.is_reversal() && (there || fenced)
    }),
    rule(S::ReversalHasDifferentDebitAccountId, |q| {
        let given = q.asked.debit_account_id;
        let reversed = q
            .reversible()
            .map(|target| target.transfer.credit_account_id);
        !given.is_zero() && reversed.is_some_and(|account| account != given)
    }),
    rule(S::ReversalHasDifferentCreditAccountId, |q| {
        let given = q.asked.credit_account_id;
        let reversed = q
            .reversible()
            .map(|target| target.transfer.debit_account_id);
        !given.is_zero() && reversed.is_some_and(|account| account != given)
    }),
    rule(S::ReversalHasDifferentLedger, |q| {
        let given = q.asked.ledger;
        let reversed = q.reversible().map(|target| target.transfer.ledger);
        !given.is_zero() && reversed.is_some_and(|ledger| ledger != given)
    }),
    rule(S::ExceedsReversibleAmount, |q| {
        q.reversible_rest().is_some_and(|rest| {
            if q.asked.amount.is_max() {
                rest == 0
            } else {
                q.asked.amount.get() > rest
            }
        })
    }),
    // Imported transfers.
    rule(S::ImportedEventTimestampMustNotRegress, |q| {
        q.has(F::IMPORTED) && q.asked.timestamp <= q.world.newest_transfer()
    }),
    rule(S::ImportedEventTimestampMustPostdateDebitAccount, |q| {
        q.has(F::IMPORTED)
            && q.is_single_or_pending()
            && q.debit()
                .is_some_and(|account| q.asked.timestamp <= account.timestamp)
    }),
    rule(S::ImportedEventTimestampMustPostdateCreditAccount, |q| {
        q.has(F::IMPORTED)
            && q.is_single_or_pending()
            && q.credit()
                .is_some_and(|account| q.asked.timestamp <= account.timestamp)
    }),
    rule(S::ImportedEventTimeoutMustBeZero, |q| {
        q.has(F::IMPORTED) && q.asked.timeout != 0
    }),
    // The state of the accounts.
    rule(S::DebitAccountAlreadyClosed, |q| {
        q.kind() != Kind::Void && q.debit().is_some_and(Account::is_closed)
    }),
    rule(S::CreditAccountAlreadyClosed, |q| {
        q.kind() != Kind::Void && q.credit().is_some_and(Account::is_closed)
    }),
    rule(S::GroupIsFull, |q| {
        q.kind() == Kind::Pending
            && !q.asked.group_id.is_zero()
            && q.world
                .group_holds
                .get(&q.asked.group_id)
                .is_some_and(|&holds| holds >= 8192)
    }),
    rule(S::OverflowsDebitsPending, |q| {
        q.kind() == Kind::Pending && q.overflows(q.debit(), |a| a.totals.debits_pending)
    }),
    rule(S::OverflowsCreditsPending, |q| {
        q.kind() == Kind::Pending && q.overflows(q.credit(), |a| a.totals.credits_pending)
    }),
    rule(S::OverflowsDebitsPosted, |q| {
        q.overflows(q.debit(), |a| a.totals.debits_posted)
    }),
    rule(S::OverflowsCreditsPosted, |q| {
        q.overflows(q.credit(), |a| a.totals.credits_posted)
    }),
    rule(S::OverflowsDebits, |q| {
        q.overflows(q.debit(), |a| {
            let sum = a.totals.debits_pending.checked_add(a.totals.debits_posted);
            sum.expect("pending and posted together fit")
        })
    }),
    rule(S::OverflowsCredits, |q| {
        q.overflows(q.credit(), |a| {
            let sum = a
                .totals
                .credits_pending
                .checked_add(a.totals.credits_posted);
            sum.expect("pending and posted together fit")
        })
    }),
    rule(S::OverflowsTimeout, |q| {
        q.kind() == Kind::Pending
            && u128::from(q.stamp().get()) + u128::from(q.asked.timeout) * 1_000_000_000
                > u128::from(Timestamp::MAX.get())
    }),
    rule(S::ExceedsCredits, |q| {
        q.moves_past_limit(
            q.debit(),
            limits_debits,
            |a| [a.totals.debits_pending, a.totals.debits_posted],
            |a| [a.totals.credits_posted, a.overdraft_limit],
        )
    }),
    rule(S::ExceedsDebits, |q| {
        q.moves_past_limit(
            q.credit(),
            limits_credits,
            |a| [a.totals.credits_pending, a.totals.credits_posted],
            |a| [a.totals.debits_posted, a.overdraft_limit],
        )
    }),
    rule(S::ExceedsBalanceMax, |q| {
        let debit_passes = q.moves_past_limit(
            q.debit(),
            |a| limits_credits(a) && !a.balance_max.is_zero(),
            |a| [a.totals.debits_pending, a.totals.debits_posted],
            |a| [a.balance_max, a.totals.credits_posted],
        );
        let credit_passes = q.moves_past_limit(
            q.credit(),
            |a| !limits_credits(a) && !a.balance_max.is_zero(),
            |a| [a.totals.credits_pending, a.totals.credits_posted],
            |a| [a.balance_max, a.totals.debits_posted],
        );
        debit_passes || credit_passes
    }),
];
