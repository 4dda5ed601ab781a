//! What the event's id stands for already.

use ledger_core::{
    AccountId, Amount, GroupId, LedgerId, TransferFlags as F, TransferId, TransferStatus as S,
};

use super::situation::{EVENT, Situation, fence, pending, single};
use super::transfer_defects::{Defect, defect};
use crate::model::Kind;

fn names_a_hold(s: &Situation) -> bool {
    matches!(s.kind, Kind::Post | Kind::Void)
}

fn fills_in(s: &Situation) -> bool {
    names_a_hold(s) || s.kind == Kind::Reversal
}

pub const DEFECTS: &[Defect] = &[
    defect(
        S::ExistsWithDifferentFlags,
        &[
            |s| {
                let prior = s.the_prior();
                prior.flags = F::from_bits(prior.flags.bits() ^ F::LINKED.bits());
            },
            |s| {
                let kind = s.kind;
                let prior = s.the_prior();
                prior.flags = prior.flags.with(match kind {
                    Kind::Single | Kind::Pending => F::BALANCING_DEBIT,
                    Kind::Post => F::KEEP_OPEN,
                    Kind::Void | Kind::Reversal => F::FENCE,
                });
                prior.ledger = LedgerId::new(1);
            },
            // A partial post, where a void comes now.
            |s| {
                if s.kind == Kind::Void {
                    let prior = s.the_prior();
                    prior.flags = F::POST_PENDING_TRANSFER.with(F::KEEP_OPEN);
                    prior.amount = Amount::new(40);
                }
            },
        ],
    ),
    defect(
        S::ExistsWithDifferentPendingId,
        &[
            |s| {
                s.the_prior();
                if names_a_hold(s) {
                    s.target.push(pending(51, 1, 2, 100));
                    s.the_prior().pending_id = TransferId::new(51);
                } else {
                    s.event.pending_id = TransferId::new(51);
                }
            },
            |s| {
                s.the_prior();
                s.event.pending_id = TransferId::new(52);
            },
        ],
    ),
    defect(
        S::ExistsWithDifferentTimeout,
        &[
            |s| {
                s.the_prior();
                s.event.timeout = 9;
            },
            |s| {
                if s.kind == Kind::Pending {
                    s.the_prior().timeout = 9;
                }
            },
        ],
    ),
    defect(
        S::ExistsWithDifferentDebitAccountId,
        &[
            |s| {
                let fills_in = fills_in(s);
                let prior = s.the_prior();
                if fills_in {
                    s.event.debit_account_id = AccountId::new(3);
                } else {
                    prior.debit_account_id = AccountId::new(3);
                }
            },
            |s| {
                s.the_prior();
                s.event.debit_account_id = AccountId::new(3);
            },
            other_reversed_accounts,
        ],
    ),
    defect(
        S::ExistsWithDifferentCreditAccountId,
        &[
            |s| {
                let fills_in = fills_in(s);
                let prior = s.the_prior();
                if fills_in {
                    s.event.credit_account_id = AccountId::new(3);
                } else {
                    prior.credit_account_id = AccountId::new(3);
                }
            },
            |s| {
                s.the_prior();
                s.event.credit_account_id = AccountId::new(3);
            },
            other_reversed_accounts,
        ],
    ),
    defect(
        S::ExistsWithDifferentAmount,
        &[
            |s| {
                let void = s.kind == Kind::Void;
                let prior = s.the_prior();
                if void {
                    s.event.amount = Amount::new(99);
                } else {
                    prior.amount = Amount::new(39);
                }
            },
            |s| {
                s.the_prior();
                s.event.amount = Amount::new(41);
            },
            |s| {
                s.the_prior();
                s.event.amount = Amount::new(39);
            },
            // A post that leaves the rest open.
            |s| {
                if s.kind == Kind::Post {
                    s.add_flags(F::KEEP_OPEN);
                    s.prior = Some(s.event.clone());
                    s.the_prior().amount = Amount::new(39);
                }
            },
        ],
    ),
    defect(
        S::ExistsWithDifferentUserData128,
        &[|s| {
            s.the_prior();
            s.event.user_data_128 = 9;
        }],
    ),
    defect(
        S::ExistsWithDifferentUserData64,
        &[|s| {
            s.the_prior();
            s.event.user_data_64 = 9;
        }],
    ),
    defect(
        S::ExistsWithDifferentUserData32,
        &[|s| {
            s.the_prior();
            s.event.user_data_32 = 9;
        }],
    ),
    defect(
        S::ExistsWithDifferentLedger,
        &[|s| {
            s.the_prior();
            s.event.ledger = LedgerId::new(2);
        }],
    ),
    defect(
        S::ExistsWithDifferentCode,
        &[
            |s| {
                let names_a_hold = names_a_hold(s);
                let prior = s.the_prior();
                if names_a_hold {
                    s.event.code = 9;
                } else {
                    prior.code = 9;
                }
            },
            |s| {
                s.the_prior();
                s.event.code = 9;
            },
        ],
    ),
    defect(
        S::ExistsWithDifferentReversesId,
        &[
            // The earlier one reverses what went the other way; this one reverses nothing.
            prior_reversal,
            // The earlier one reversed nothing.
            |s| {
                if s.kind != Kind::Reversal {
                    s.the_prior();
                    s.event.reverses_id = TransferId::new(56);
                }
            },
            |s| {
                if s.kind == Kind::Reversal {
                    s.target.push(single(53, 1, 2, 100));
                    s.the_prior().reverses_id = TransferId::new(53);
                }
            },
            |s| {
                if s.kind == Kind::Reversal {
                    s.the_prior();
                    s.event.reverses_id = TransferId::new(54);
                }
            },
        ],
    ),
    defect(
        S::ExistsWithDifferentGroupId,
        &[
            |s| {
                let names_a_hold = names_a_hold(s);
                let prior = s.the_prior();
                if names_a_hold {
                    s.event.group_id = GroupId::new(8);
                } else {
                    prior.group_id = GroupId::new(8);
                }
            },
            |s| {
                s.the_prior();
                s.event.group_id = GroupId::new(8);
            },
        ],
    ),
    defect(
        S::ExistsWithDifferentReference,
        &[|s| {
            s.the_prior();
            s.event.reference = "b".into();
        }],
    ),
    defect(
        S::Exists,
        &[
            |s| {
                // The timestamp of an imported one is not compared.
                s.prior = Some(s.event.clone());
            },
            |s| {
                if s.kind == Kind::Post {
                    s.add_flags(F::KEEP_OPEN);
                }
                s.prior = Some(s.event.clone());
            },
            // A fence that was recorded.
            |s| {
                if s.kind == Kind::Void || s.kind == Kind::Reversal {
                    s.add_flags(F::FENCE);
                    s.event.ledger = LedgerId::new(1);
                }
                s.prior = Some(s.event.clone());
            },
        ],
    ),
    // A debit account that is never there uses the id up.
    defect(
        S::IdAlreadyFailed,
        &[|s| s.earlier(single(EVENT, 99, 2, 1))],
    ),
    Defect {
        status: S::PendingTransferAlreadyVoided,
        place: "of a fenced id",
        ways: &[|s| s.earlier(fence(900, EVENT))],
    },
];

/// A single-phase transfer whose id was one of a reversal.
pub fn prior_reversal(s: &mut Situation) {
    if s.kind == Kind::Single {
        s.target.push(single(53, 2, 1, 100));
        s.the_prior().reverses_id = TransferId::new(53);
    }
}

/// The earlier one reverses a transfer between other accounts.
fn other_reversed_accounts(s: &mut Situation) {
    if s.kind == Kind::Reversal {
        s.target.push(single(55, 3, 4, 100));
        s.the_prior().reverses_id = TransferId::new(55);
    }
}
