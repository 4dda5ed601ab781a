//! The accounts, and the transfer that a post, void or reversal names.

use ledger_core::{
    AccountId, Amount, GroupId, LedgerId, Transfer, TransferFlags as F, TransferId,
    TransferStatus as S,
};

use super::identity_defects::prior_reversal;
use super::situation::{Situation, TARGET, fence, pending, post, single, void};
use super::transfer_defects::{Defect, defect};
use crate::model::Kind;

const KEEP_OPEN: F = F::POST_PENDING_TRANSFER.with(F::KEEP_OPEN);

fn reversal(id: u128, amount: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        reverses_id: TransferId::new(TARGET),
        amount: Amount::new(amount),
        code: 1,
        ..Transfer::default()
    }
}

/// The event's id is one of a post that left the rest open, as the event would.
fn post_a_part_before(s: &mut Situation) {
    s.add_flags(F::KEEP_OPEN);
    let prior = s.the_prior();
    prior.flags = prior.flags.with(F::KEEP_OPEN);
}

/// The event's id is one of a fence, and so is the event.
pub fn fence_what_never_was(s: &mut Situation) {
    if matches!(s.kind, Kind::Void | Kind::Reversal) {
        let never = TransferId::new(77);
        let is_void = s.kind == Kind::Void;
        let name_it = |transfer: &mut Transfer| {
            transfer.flags = transfer.flags.with(F::FENCE);
            transfer.ledger = LedgerId::new(1);
            if is_void {
                transfer.pending_id = never;
            } else {
                transfer.reverses_id = never;
            }
        };
        name_it(s.the_prior());
        name_it(&mut s.event);
    }
}

pub const DEFECTS: &[Defect] = &[
    defect(
        S::DebitAccountNotFound,
        &[
            |s| s.event.debit_account_id = AccountId::new(99),
            |s| {
                prior_reversal(s);
                s.event.debit_account_id = AccountId::ZERO;
            },
        ],
    ),
    defect(
        S::CreditAccountNotFound,
        &[
            |s| s.event.credit_account_id = AccountId::new(98),
            |s| {
                prior_reversal(s);
                s.event.credit_account_id = AccountId::ZERO;
            },
        ],
    ),
    defect(
        S::AccountsMustHaveTheSameLedger,
        &[
            |s| s.event.credit_account_id = AccountId::new(20),
            |s| s.event.debit_account_id = AccountId::new(20),
            // The account itself is of another ledger.
            |s| s.account(2).ledger = LedgerId::new(2),
            |s| s.account(1).ledger = LedgerId::new(2),
        ],
    ),
    defect(
        S::TransferMustHaveTheSameLedgerAsAccounts,
        &[
            |s| s.event.ledger = LedgerId::new(2),
            |s| {
                prior_reversal(s);
                s.event.ledger = LedgerId::ZERO;
            },
            |s| {
                s.event.debit_account_id = AccountId::new(20);
                s.event.credit_account_id = AccountId::new(21);
            },
        ],
    ),
    defect(
        S::PendingTransferNotFound,
        &[
            |s| s.event.pending_id = TransferId::new(77),
            |s| {
                s.event.pending_id = TransferId::new(78);
                s.earlier(single(78, 99, 2, 1));
            },
        ],
    ),
    defect(
        S::PendingTransferNotPending,
        &[|s| {
            s.event.pending_id = TransferId::new(60);
            s.target.push(single(60, 1, 2, 1));
        }],
    ),
    defect(
        S::PendingTransferHasDifferentDebitAccountId,
        &[|s| s.event.debit_account_id = AccountId::new(3)],
    ),
    defect(
        S::PendingTransferHasDifferentCreditAccountId,
        &[|s| s.event.credit_account_id = AccountId::new(3)],
    ),
    defect(
        S::PendingTransferHasDifferentLedger,
        &[|s| s.event.ledger = LedgerId::new(2)],
    ),
    defect(S::PendingTransferHasDifferentCode, &[|s| s.event.code = 9]),
    defect(
        S::PendingTransferHasDifferentGroupId,
        &[|s| s.event.group_id = GroupId::new(8)],
    ),
    defect(
        S::ExceedsPendingTransferAmount,
        &[|s| s.event.amount = Amount::new(101)],
    ),
    defect(
        S::PendingTransferHasDifferentAmount,
        &[
            |s| s.event.amount = Amount::new(99),
            // The earlier one released just as much.
            |s| {
                s.target.push(Transfer {
                    flags: KEEP_OPEN,
                    ..post(202, TARGET, 70)
                });
                s.the_prior();
                s.event.amount = Amount::new(30);
            },
        ],
    ),
    defect(
        S::PendingTransferAlreadyPosted,
        &[
            |s| s.target.push(post(200, TARGET, 100)),
            // The earlier one posted it.
            |s| {
                let void = s.kind == Kind::Void;
                let prior = s.the_prior();
                if void {
                    prior.flags = F::POST_PENDING_TRANSFER;
                }
            },
        ],
    ),
    defect(
        S::PendingTransferAlreadyVoided,
        &[
            |s| s.target.push(void(201, TARGET)),
            |s| {
                s.event.pending_id = TransferId::new(79);
                s.earlier(fence(901, 79));
            },
            // After the earlier one posted a part of it, or by the earlier one.
            |s| {
                if s.kind == Kind::Post {
                    post_a_part_before(s);
                }
                s.the_prior();
                s.earlier(void(951, TARGET));
            },
        ],
    ),
    defect(
        S::PendingTransferExpired,
        &[
            |s| {
                s.the_target().timeout = 5;
                s.wait_s = 100;
            },
            // After the earlier one posted a part of it.
            |s| {
                if s.kind == Kind::Post {
                    post_a_part_before(s);
                }
                s.the_target().timeout = 5;
                s.wait_s = 100;
            },
        ],
    ),
    defect(
        S::ExceedsPendingRest,
        &[
            |s| {
                s.target.push(Transfer {
                    flags: KEEP_OPEN,
                    ..post(202, TARGET, 70)
                })
            },
            |s| {
                post_a_part_before(s);
                s.earlier(Transfer {
                    flags: KEEP_OPEN,
                    ..post(952, TARGET, 30)
                });
            },
        ],
    ),
    defect(
        S::ReversedTransferNotFound,
        &[
            |s| s.event.reverses_id = TransferId::new(77),
            |s| {
                s.event.reverses_id = TransferId::new(78);
                s.earlier(single(78, 99, 2, 1));
            },
        ],
    ),
    defect(
        S::ReversedTransferNotPosted,
        &[
            |s| {
                s.event.reverses_id = TransferId::new(61);
                s.target.push(pending(61, 1, 2, 1));
            },
            |s| {
                s.event.reverses_id = TransferId::new(79);
                s.earlier(fence(901, 79));
            },
            fence_what_never_was,
        ],
    ),
    defect(
        S::ReversalHasDifferentDebitAccountId,
        &[
            |s| s.event.debit_account_id = AccountId::new(3),
            // As the earlier one had it, which reversed another.
            |s| {
                s.target.push(single(57, 1, 3, 100));
                s.the_prior().reverses_id = TransferId::new(57);
                s.event.debit_account_id = AccountId::new(3);
            },
        ],
    ),
    defect(
        S::ReversalHasDifferentCreditAccountId,
        &[
            |s| s.event.credit_account_id = AccountId::new(3),
            |s| {
                s.target.push(single(58, 3, 2, 100));
                s.the_prior().reverses_id = TransferId::new(58);
                s.event.credit_account_id = AccountId::new(3);
            },
        ],
    ),
    defect(
        S::ReversalHasDifferentLedger,
        &[
            |s| s.event.ledger = LedgerId::new(2),
            |s| {
                s.target.push(Transfer {
                    ledger: LedgerId::new(2),
                    ..single(59, 20, 21, 100)
                });
                s.the_prior().reverses_id = TransferId::new(59);
                s.event.ledger = LedgerId::new(2);
            },
        ],
    ),
    defect(
        S::ExceedsReversibleAmount,
        &[
            |s| s.event.amount = Amount::new(101),
            // Nothing is left of it.
            |s| s.target.push(reversal(203, u128::MAX)),
            // The earlier one took as much, but then less was left.
            |s| {
                s.the_prior();
                s.earlier(reversal(953, 30));
            },
        ],
    ),
];
