//! Imported timestamps, and the state of the accounts.

use ledger_core::{
    AccountFlags, AccountId, Amount, GroupId, Transfer, TransferFlags as F, TransferStatus as S,
};

use super::situation::{EVENT, Situation, Stamp, group, pending, single, void};
use super::transfer_defects::{Defect, defect};
use crate::model::Kind;

const MAX: u128 = u128::MAX;

/// Makes sure that there is a transfer that is newer than every account.
fn some_transfer(s: &mut Situation) {
    s.earlier(single(910, 8, 9, 0));
}

fn fill_the_group(s: &mut Situation) {
    s.event.group_id = GroupId::new(5);
    let holds = (0..8192_u128).map(|id| group(pending(10_000 + id, 8, 9, 0), 5));
    s.before.push(holds.collect());
}

fn import_the_prior(s: &mut Situation) {
    let prior = s.the_prior();
    prior.flags = prior.flags.with(F::IMPORTED);
}

fn import_with_a_timeout(s: &mut Situation) {
    s.add_flags(F::IMPORTED);
    if matches!(s.stamp, Stamp::Exactly(0)) {
        s.stamp = Stamp::Fine;
    }
    if s.event.timeout == 0 {
        s.event.timeout = 9;
    }
}

fn close(s: &mut Situation, account: u128, id: u128) {
    let closing = pending(id, account, 7, 0);
    s.earlier(Transfer {
        flags: F::PENDING.with(F::CLOSING_DEBIT),
        ..closing
    });
}

fn close_at_creation(s: &mut Situation, account: u128) {
    let account = s.account(account);
    account.flags = account.flags.with(AccountFlags::CLOSED);
}

/// Lets this much be debited from the account that the event debits, into `into`.
fn spend(s: &mut Situation, id: u128, into: u128, amount: u128, is_pending: bool) {
    let debited = s.debited();
    let make = if is_pending { pending } else { single };
    s.earlier(make(id, debited, into, amount));
}

/// Lets this much be credited to the account that the event credits, out of `from`.
fn receive(s: &mut Situation, id: u128, from: u128, amount: u128, is_pending: bool) {
    let credited = s.credited();
    let make = if is_pending { pending } else { single };
    s.earlier(make(id, from, credited, amount));
}

/// Releases what the earlier one reserved, where it did, so that the totals may be filled.
fn make_room(s: &mut Situation) {
    s.the_prior();
    if s.kind == Kind::Pending {
        s.earlier(void(950, EVENT));
        // As much as the earlier one would have taken.
        let (debited, credited) = (s.debited(), s.credited());
        s.earlier(single(954, debited, credited, 40));
    }
}

/// Makes the event move nearly all that fits 128 bits.
fn move_nearly_everything(s: &mut Situation) {
    if s.kind == Kind::Reversal {
        s.the_target().amount = Amount::new(MAX - 1);
        s.event.amount = Amount::new(MAX - 1);
    } else {
        s.event.amount = Amount::MAX;
    }
}

pub const DEFECTS: &[Defect] = &[
    defect(
        S::ImportedEventTimestampMustNotRegress,
        &[
            |s| {
                some_transfer(s);
                s.import(Stamp::OLD);
            },
            |s| {
                import_the_prior(s);
                s.import(Stamp::OLD);
            },
        ],
    ),
    defect(
        S::ImportedEventTimestampMustPostdateDebitAccount,
        &[
            |s| s.import(Stamp::OLD),
            |s| {
                import_the_prior(s);
                s.import(Stamp::OLD);
            },
            |s| {
                s.late_account = Some(AccountId::new(1));
                s.import(Stamp::BeforeLateAccount);
            },
            // An account that is younger than those of the earlier one.
            |s| {
                import_the_prior(s);
                s.late_account = Some(AccountId::new(3));
                s.event.debit_account_id = AccountId::new(3);
                s.import(Stamp::BeforeLateAccount);
            },
        ],
    ),
    defect(
        S::ImportedEventTimestampMustPostdateCreditAccount,
        &[
            |s| s.import(Stamp::OLD),
            |s| {
                import_the_prior(s);
                s.import(Stamp::OLD);
            },
            |s| {
                s.late_account = Some(AccountId::new(2));
                s.import(Stamp::BeforeLateAccount);
            },
            // An account that is younger than those of the earlier one.
            |s| {
                import_the_prior(s);
                s.late_account = Some(AccountId::new(3));
                s.event.credit_account_id = AccountId::new(3);
                s.import(Stamp::BeforeLateAccount);
            },
        ],
    ),
    defect(
        S::ImportedEventTimeoutMustBeZero,
        &[import_with_a_timeout, |s| {
            import_the_prior(s);
            import_with_a_timeout(s);
        }],
    ),
    defect(
        S::DebitAccountAlreadyClosed,
        &[
            |s| {
                let debited = s.debited();
                close(s, debited, 920);
            },
            |s| {
                let debited = s.debited();
                close_at_creation(s, debited);
            },
        ],
    ),
    defect(
        S::CreditAccountAlreadyClosed,
        &[
            |s| {
                let credited = s.credited();
                close(s, credited, 921);
            },
            |s| {
                let credited = s.credited();
                close_at_creation(s, credited);
            },
        ],
    ),
    defect(
        S::GroupIsFull,
        &[fill_the_group, |s| {
            s.the_prior().group_id = GroupId::new(5);
            fill_the_group(s);
        }],
    ),
    defect(
        S::OverflowsDebitsPending,
        &[
            |s| spend(s, 930, 3, MAX - 10, true),
            |s| {
                s.the_prior();
                spend(s, 930, 3, MAX - 60, true);
            },
            |s| {
                spend(s, 930, 3, 1, true);
                move_nearly_everything(s);
            },
        ],
    ),
    defect(
        S::OverflowsCreditsPending,
        &[
            |s| receive(s, 931, 4, MAX - 10, true),
            |s| {
                s.the_prior();
                receive(s, 931, 4, MAX - 60, true);
            },
            |s| {
                receive(s, 931, 4, 1, true);
                move_nearly_everything(s);
            },
        ],
    ),
    defect(
        S::OverflowsDebitsPosted,
        &[
            |s| spend(s, 932, 5, MAX - 10, false),
            |s| {
                make_room(s);
                spend(s, 932, 5, MAX - 60, false);
            },
            |s| {
                spend(s, 932, 5, 5, false);
                move_nearly_everything(s);
            },
        ],
    ),
    defect(
        S::OverflowsCreditsPosted,
        &[
            |s| receive(s, 933, 6, MAX - 10, false),
            |s| {
                make_room(s);
                receive(s, 933, 6, MAX - 60, false);
            },
            |s| {
                receive(s, 933, 6, 5, false);
                move_nearly_everything(s);
            },
        ],
    ),
    defect(
        S::OverflowsDebits,
        &[
            |s| {
                spend(s, 934, 3, MAX / 2, true);
                spend(s, 935, 5, MAX / 2 - 10, false);
            },
            |s| {
                make_room(s);
                spend(s, 934, 3, MAX / 2, true);
                spend(s, 935, 5, MAX / 2 - 60, false);
            },
            |s| {
                spend(s, 934, 3, 5, true);
                move_nearly_everything(s);
            },
        ],
    ),
    defect(
        S::OverflowsCredits,
        &[
            |s| {
                receive(s, 936, 4, MAX / 2, true);
                receive(s, 937, 6, MAX / 2 - 10, false);
            },
            |s| {
                make_room(s);
                receive(s, 936, 4, MAX / 2, true);
                receive(s, 937, 6, MAX / 2 - 60, false);
            },
            |s| {
                receive(s, 936, 4, 5, true);
                move_nearly_everything(s);
            },
        ],
    ),
    defect(
        S::OverflowsTimeout,
        &[
            |s| s.event.timeout = u32::MAX,
            // A timeout that ended in time when the earlier one was created.
            |s| {
                let timeout = Situation::longest_timeout_s() - 10;
                s.the_prior().timeout = timeout;
                s.event.timeout = timeout;
                s.wait_s = 100;
            },
        ],
    ),
    defect(
        S::ExceedsCredits,
        &[
            |s| {
                let debited = s.debited();
                s.limit(debited, AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS);
            },
            // All that came is gone again.
            |s| {
                let debited = s.debited();
                s.limit(debited, AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS);
                spend(s, 940, 5, 300, false);
            },
        ],
    ),
    defect(
        S::ExceedsDebits,
        &[
            |s| {
                let credited = s.credited();
                s.limit(credited, AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);
            },
            // All that came is gone again.
            |s| {
                let credited = s.credited();
                s.limit(credited, AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);
                receive(s, 941, 6, 300, false);
            },
        ],
    ),
    defect(
        S::ExceedsBalanceMax,
        &[
            |s| {
                let credited = s.credited();
                s.update(credited).balance_max = Some(Amount::new(10));
            },
            |s| {
                let credited = s.credited();
                s.update(credited).balance_max = Some(Amount::new(10));
                receive(s, 942, 6, 300, false);
            },
            // An account whose balance is on the other side.
            |s| {
                let debited = s.debited();
                let account = s.account(debited);
                account.flags = account
                    .flags
                    .with(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);
                account.overdraft_limit = Amount::MAX;
                s.update(debited).balance_max = Some(Amount::new(10));
                spend(s, 943, 5, 300, false);
            },
        ],
    ),
];
