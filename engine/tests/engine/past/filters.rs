//! Random filters, with several fields set at once. Most values are taken from something that is
//! there, so that most filters find something.

use ledger_core::{AccountFlags, Amount, Sequence, Timestamp};
use ledger_engine::{AccountFilter, BalanceFilter, Between, TransferFilter, TransferState};

use super::naive::Naive;
use super::random::Random;

const SECOND: u64 = 1_000_000_000;

/// A field with the value of what is there, and sometimes others beside.
fn field<T: Clone>(random: &mut Random, of: T, others: &[T]) -> Vec<T> {
    let mut values = vec![of];
    for _ in 0..random.below(3) {
        values.push(random.pick(others).clone());
    }
    if random.one_in(8) {
        // Now and then what is there is left out.
        values.remove(0);
    }
    values
}

fn around(random: &mut Random, value: u64, spread: u64) -> Between<u64> {
    let below = random.below(spread);
    let above = random.below(spread);
    Between {
        min: (!random.one_in(3)).then(|| value.saturating_sub(below)),
        max: (!random.one_in(3)).then(|| value.saturating_add(above)),
    }
}

fn times(between: Between<u64>) -> Between<Timestamp> {
    Between {
        min: between.min.map(Timestamp::new),
        max: between.max.map(Timestamp::new),
    }
}

/// A filter over transfers.
pub(crate) fn of_transfers(random: &mut Random, naive: &Naive, now: Timestamp) -> TransferFilter {
    let listed = random.pick(&naive.transfers).clone();
    let other = random.pick(&naive.transfers).clone();
    let (transfer, other_transfer) = (&listed.transfer, &other.transfer);
    let mut filter = TransferFilter::default();
    let most = random.below(5);
    for _ in 0..=most {
        match random.below(17) {
            0 => {
                let sides = [transfer.debit_account_id, transfer.credit_account_id];
                let one = *random.pick(&sides);
                filter.accounts = field(random, one, &[other_transfer.debit_account_id]);
            }
            1 => {
                let others = [other_transfer.debit_account_id];
                filter.debit_accounts = field(random, transfer.debit_account_id, &others);
            }
            2 => {
                let others = [other_transfer.credit_account_id];
                filter.credit_accounts = field(random, transfer.credit_account_id, &others);
            }
            3 => filter.ledgers = field(random, transfer.ledger, &[other_transfer.ledger]),
            4 => filter.codes = field(random, transfer.code, &[1, 2, 3, 4]),
            5 => {
                filter.user_data_128 = field(random, transfer.user_data_128, &[1, 2, 3]);
            }
            6 => {
                filter.user_data_64 = field(random, transfer.user_data_64, &[1, 2, 3]);
            }
            7 => {
                filter.user_data_32 = field(random, transfer.user_data_32, &[1, 2]);
            }
            8 => {
                let others = [other_transfer.reference.clone()];
                filter.references = field(random, transfer.reference.clone(), &others);
            }
            9 => {
                filter.groups = field(random, transfer.group_id, &[other_transfer.group_id]);
            }
            10 => {
                let others = [other_transfer.id, other_transfer.pending_id];
                filter.pending_ids = field(random, transfer.pending_id, &others);
            }
            11 => {
                let others = [other_transfer.id, other_transfer.reverses_id];
                filter.reverses_ids = field(random, transfer.reverses_id, &others);
            }
            12 => {
                let others = [
                    TransferState::Pending,
                    TransferState::Posted,
                    TransferState::Voided,
                    TransferState::Expired,
                    TransferState::Reversed,
                    TransferState::Fenced,
                ];
                filter.states = field(random, listed.state, &others);
            }
            13 => {
                let age = (now.get() - listed.time.get()) / SECOND;
                filter.age_s = around(random, age, 10);
            }
            14 => filter.times = times(around(random, listed.time.get(), 20 * SECOND)),
            15 => {
                let amount = u64::try_from(transfer.amount.get()).unwrap_or(u64::MAX);
                let amounts = around(random, amount, 30);
                filter.amounts = Between {
                    min: amounts.min.map(|min| Amount::new(min.into())),
                    max: amounts.max.map(|max| Amount::new(max.into())),
                };
            }
            _ => filter.codes = Vec::new(),
        }
    }
    // What is absent cannot be asked for.
    for accounts in [
        &mut filter.accounts,
        &mut filter.debit_accounts,
        &mut filter.credit_accounts,
    ] {
        accounts.retain(|account| !account.is_zero());
    }
    filter.codes.retain(|&code| code != 0);
    filter.user_data_128.retain(|&value| value != 0);
    filter.user_data_64.retain(|&value| value != 0);
    filter.user_data_32.retain(|&value| value != 0);
    filter.references.retain(|value| !value.is_empty());
    filter.groups.retain(|value| !value.is_zero());
    filter.pending_ids.retain(|value| !value.is_zero());
    filter.reverses_ids.retain(|value| !value.is_zero());
    filter
}

/// A filter over accounts.
pub(crate) fn of_accounts(random: &mut Random, naive: &Naive) -> AccountFilter {
    let account = random.pick(&naive.accounts).clone();
    let other = random.pick(&naive.accounts).clone();
    let mut filter = AccountFilter::default();
    let most = random.below(4);
    for _ in 0..=most {
        match random.below(10) {
            0 => filter.ledgers = field(random, account.ledger, &[other.ledger]),
            1 => filter.codes = field(random, account.code, &[1, 2, 3]),
            2 => {
                filter.user_data_128 = field(random, account.user_data_128, &[1, 2]);
            }
            3 => {
                filter.user_data_64 = field(random, account.user_data_64, &[1, 2]);
            }
            4 => {
                filter.user_data_32 = field(random, account.user_data_32, &[1, 2]);
            }
            5 => {
                let length = random.below(account.name.chars().count() as u64 + 1);
                let prefix = account.name.chars().take(length as usize);
                filter.name_prefix = prefix.collect::<String>().into();
            }
            6 => filter.flags = AccountFlags::CLOSED,
            7 => filter.without_flags = AccountFlags::CLOSED,
            8 => {
                let flags = [
                    AccountFlags::HISTORY,
                    AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
                ];
                filter.without_flags = filter.without_flags.with(*random.pick(&flags));
            }
            _ => filter.created = times(around(random, account.created_at.get(), 20 * SECOND)),
        }
    }
    filter.user_data_128.retain(|&value| value != 0);
    filter.user_data_64.retain(|&value| value != 0);
    filter.user_data_32.retain(|&value| value != 0);
    filter
}

/// A part of the history of an account.
pub(crate) fn of_balances(random: &mut Random, naive: &Naive) -> BalanceFilter {
    let account = random.pick(&naive.accounts);
    let listed = random.pick(&naive.transfers);
    let mut filter = BalanceFilter {
        account: account.id,
        sequences: Between::default(),
        times: Between::default(),
    };
    if random.one_in(3) {
        let sequences = around(random, listed.sequence.get(), 300);
        filter.sequences = Between {
            min: sequences.min.map(Sequence::new),
            max: sequences.max.map(Sequence::new),
        };
    }
    if random.one_in(3) {
        filter.times = times(around(random, listed.time.get(), 30 * SECOND));
    }
    filter
}
