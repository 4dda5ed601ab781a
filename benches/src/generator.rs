//! Accounts and transfers as a function of a seed.

use ledger_core::{AccountId, Amount, LedgerId, NewAccount, Transfer, TransferFlags, TransferId};

use crate::random::{Series, below};
use crate::{BenchOptions, IdOrder, Workload};

#[cfg(test)]
mod tests;

/// Ids that share a millisecond, in the order [`IdOrder::Time`].
const IDS_A_MILLISECOND: u64 = 1024;
/// About the year 2026, in milliseconds since the Unix epoch.
const MILLISECONDS_FIRST: u64 = 1_790_000_000_000;
/// The code of every account and transfer.
const CODE: u16 = 1;
/// Amounts are 1 to this.
const AMOUNT_MAX: u64 = 1 << 16;

/// What a transfer does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    /// Moves its amount for good.
    Move,
    /// Reserves its amount.
    Reserve,
    /// Posts the reservation before it.
    Post,
}

/// Makes the accounts and transfers of a run. Each is a function of its place, so any caller can
/// make any part, and nothing is kept.
#[derive(Clone, Copy, Debug)]
pub struct Generator {
    workload: Workload,
    id_order: IdOrder,
    ledger: LedgerId,
    accounts: u64,
    batch: u64,
    account_ids: [Series; 2],
    transfer_ids: [Series; 2],
    draws: Series,
    amounts: Series,
}

impl Generator {
    /// The generator of a run.
    #[must_use]
    pub fn new(options: &BenchOptions) -> Self {
        let series = |purpose| Series::new(options.seed, purpose);
        Self {
            workload: options.workload,
            id_order: options.id_order,
            // Small, as ids of ledgers are; most seeds that meet in one database differ in it.
            ledger: LedgerId::new(1 + (options.seed % 127) as u32),
            accounts: options.accounts,
            batch: options.batch as u64,
            account_ids: [series(1), series(2)],
            transfer_ids: [series(3), series(4)],
            draws: series(5),
            amounts: series(6),
        }
    }

    /// The one ledger of the run.
    #[must_use]
    pub fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// The account at `index`.
    #[must_use]
    pub fn account(&self, index: u64) -> NewAccount {
        NewAccount {
            id: self.account_id(index),
            ledger: self.ledger,
            code: CODE,
            ..NewAccount::default()
        }
    }

    /// The transfers at `first` and the `count` - 1 places after it, which are one call.
    #[must_use]
    pub fn transfers(&self, first: u64, count: u64) -> Vec<Transfer> {
        (first..first + count)
            .map(|index| self.transfer(index, index + 1 == first + count))
            .collect()
    }

    /// How many transfers have to be sent by one caller, in order: a post comes after its
    /// reservation.
    pub(crate) fn unit(&self) -> u64 {
        match self.workload {
            Workload::TwoPhase if !self.batch.is_multiple_of(2) => 2 * self.batch,
            _ => self.batch,
        }
    }

    /// What the transfer at `index` does.
    #[inline]
    pub(crate) fn act(&self, index: u64) -> Act {
        match self.workload {
            Workload::Uniform | Workload::Hot | Workload::Linked => Act::Move,
            Workload::TwoPhase if index.is_multiple_of(2) => Act::Reserve,
            Workload::TwoPhase => Act::Post,
        }
    }

    /// The transfer at `index`; `is_last` of its call.
    #[inline]
    pub(crate) fn transfer(&self, index: u64, is_last: bool) -> Transfer {
        let transfer = |flags| {
            let (debit, credit) = self.pair(index);
            Transfer {
                id: self.transfer_id(index),
                debit_account_id: self.account_id(debit),
                credit_account_id: self.account_id(credit),
                amount: self.amount(index),
                ledger: self.ledger,
                code: CODE,
                flags,
                ..Transfer::default()
            }
        };
        match self.workload {
            Workload::Uniform | Workload::Hot => transfer(TransferFlags::NONE),
            Workload::TwoPhase if index.is_multiple_of(2) => transfer(TransferFlags::PENDING),
            Workload::TwoPhase => Transfer {
                id: self.transfer_id(index),
                pending_id: self.transfer_id(index - 1),
                amount: Amount::MAX,
                flags: TransferFlags::POST_PENDING_TRANSFER,
                ..Transfer::default()
            },
            Workload::Linked => {
                let place = index % self.batch % Workload::CHAIN_TRANSFERS;
                let ends_chain = is_last || place + 1 == Workload::CHAIN_TRANSFERS;
                transfer(if ends_chain {
                    TransferFlags::NONE
                } else {
                    TransferFlags::LINKED
                })
            }
        }
    }

    /// The two accounts between which the transfer at `index` moves value.
    #[inline]
    fn pair(&self, index: u64) -> (u64, u64) {
        let drawn = self.draws.at(index);
        let (upper, lower) = ((drawn >> 32) as u32, drawn as u32);
        if self.workload == Workload::Hot {
            let hot = below(Workload::HOT_ACCOUNTS, upper);
            let other =
                Workload::HOT_ACCOUNTS + below(self.accounts - Workload::HOT_ACCOUNTS, lower);
            return if upper & 1 == 0 {
                (hot, other)
            } else {
                (other, hot)
            };
        }
        let debit = below(self.accounts, upper);
        // One of all others: those from the debited one on move up by one.
        let credit = below(self.accounts - 1, lower);
        (debit, credit + u64::from(credit >= debit))
    }

    #[inline]
    fn amount(&self, index: u64) -> Amount {
        Amount::new(u128::from(1 + self.amounts.at(index) % AMOUNT_MAX))
    }

    #[inline]
    fn account_id(&self, index: u64) -> AccountId {
        AccountId::new(self.id(self.account_ids, index))
    }

    #[inline]
    fn transfer_id(&self, index: u64) -> TransferId {
        TransferId::new(self.id(self.transfer_ids, index))
    }

    #[inline]
    fn id(&self, [upper, lower]: [Series; 2], index: u64) -> u128 {
        match self.id_order {
            IdOrder::Random => (u128::from(upper.at(index)) << 64) | u128::from(lower.at(index)),
            // As the client's generator lays them out: a millisecond, 80 bits drawn once in it,
            // and counted up within it.
            IdOrder::Time => {
                let millisecond = index / IDS_A_MILLISECOND;
                let drawn = u128::from(upper.at(millisecond)) << 10;
                let time = u128::from(MILLISECONDS_FIRST + millisecond) << 80;
                time | drawn | u128::from(index % IDS_A_MILLISECOND)
            }
        }
    }
}
