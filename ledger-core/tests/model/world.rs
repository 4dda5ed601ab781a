//! What the model remembers: everything.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::{
    AccountId, AccountUpdate, Amount, Event, Fact, GroupId, LedgerId, NewAccount, NewLedger,
    Sequence, Sum, Timestamp, Totals, Transfer, TransferId, TransferStatus, UpdateId,
};

use crate::books::{LedgerSums, OpenHold, Standing};

/// The whole world of a ledger.
#[derive(Clone, Default)]
pub struct World {
    pub ledgers: BTreeMap<LedgerId, NewLedger>,
    pub accounts: BTreeMap<AccountId, Account>,
    pub ids: BTreeMap<TransferId, Meaning>,
    /// Ids that a fence keeps from ever being created.
    pub fenced: BTreeSet<TransferId>,
    pub updates: BTreeMap<UpdateId, (AccountUpdate, Timestamp)>,
    /// How many reservations were ever made in a group.
    pub group_holds: BTreeMap<GroupId, usize>,
    pub history: Vec<Event>,
}

/// An account: what was created, and what became of it.
#[derive(Clone)]
pub struct Account {
    pub as_created: NewAccount,
    pub timestamp: Timestamp,
    pub overdraft_limit: Amount,
    pub balance_max: Amount,
    pub totals: Totals,
    pub created: Sequence,
    pub named: Sequence,
    /// The open reservations that close this account.
    pub closed_by: BTreeSet<TransferId>,
}

impl Account {
    pub fn is_closed(&self) -> bool {
        self.as_created
            .flags
            .contains(ledger_core::AccountFlags::CLOSED)
            || !self.closed_by.is_empty()
    }
}

/// What a transfer id stands for.
#[derive(Clone)]
pub enum Meaning {
    Created(Made),
    UsedUp {
        status: TransferStatus,
        time: Timestamp,
    },
    /// A void or reversal that overtook its target, as it was asked.
    Fence {
        asked: Transfer,
        time: Timestamp,
    },
}

/// A transfer that took effect.
#[derive(Clone)]
pub struct Made {
    pub transfer: Transfer,
    /// Whether it left nothing of what it could take.
    pub took_all: bool,
    /// All that was reversed of it so far.
    pub reversed: u128,
    /// If it is a reservation.
    pub hold: Option<HoldState>,
}

/// How a reservation stands.
#[derive(Clone, Copy)]
pub struct HoldState {
    pub posted: u128,
    pub rest: u128,
    pub expires_at: Option<Timestamp>,
    pub end: Option<End>,
    pub sequence: Sequence,
}

/// How a reservation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    Posted,
    Voided,
    Expired,
}

impl World {
    /// The journal time of what is decided next.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        match self.history.last() {
            Some(last) => now.max(last.time.next()),
            None => now.max(Timestamp::new(1)),
        }
    }

    pub fn record(&mut self, time: Timestamp, fact: Fact) -> Sequence {
        let sequence = self
            .history
            .last()
            .map_or(Sequence::new(1), |last| last.sequence.next());
        self.history.push(Event {
            sequence,
            time,
            chained: false,
            fact,
        });
        sequence
    }

    pub fn made(&self, id: TransferId) -> Option<&Made> {
        match self.ids.get(&id) {
            Some(Meaning::Created(made)) => Some(made),
            _ => None,
        }
    }

    pub fn made_mut(&mut self, id: TransferId) -> &mut Made {
        match self.ids.get_mut(&id) {
            Some(Meaning::Created(made)) => made,
            _ => panic!("transfer {id} was created"),
        }
    }

    /// The newest timestamp of any transfer.
    pub fn newest_transfer(&self) -> Timestamp {
        let stamps = self.ids.values().filter_map(|meaning| match meaning {
            Meaning::Created(made) => Some(made.transfer.timestamp),
            Meaning::UsedUp { .. } | Meaning::Fence { .. } => None,
        });
        stamps.max().unwrap_or(Timestamp::ZERO)
    }

    /// The newest timestamp of any account.
    pub fn newest_account(&self) -> Timestamp {
        let stamps = self.accounts.values().map(|account| account.timestamp);
        stamps.max().unwrap_or(Timestamp::ZERO)
    }

    pub fn standings(&self) -> Vec<Standing> {
        let standing = |(id, account): (&AccountId, &Account)| Standing {
            id: *id,
            ledger: account.as_created.ledger,
            totals: account.totals,
            closed: account.is_closed(),
            overdraft_limit: account.overdraft_limit,
            balance_max: account.balance_max,
            timestamp: account.timestamp,
            created: account.created,
            named: account.named,
        };
        self.accounts.iter().map(standing).collect()
    }

    pub fn ledger_sums(&self) -> Vec<LedgerSums> {
        let mut ids: BTreeSet<LedgerId> = self.ledgers.keys().copied().collect();
        ids.extend(
            self.accounts
                .values()
                .map(|account| account.as_created.ledger),
        );
        ids.into_iter().map(|id| self.sums_of(id)).collect()
    }

    fn sums_of(&self, id: LedgerId) -> LedgerSums {
        let mut sums = LedgerSums {
            id,
            debits_pending: Sum::ZERO,
            debits_posted: Sum::ZERO,
            credits_pending: Sum::ZERO,
            credits_posted: Sum::ZERO,
            accounts: 0,
            transfers: 0,
        };
        for account in self
            .accounts
            .values()
            .filter(|account| account.as_created.ledger == id)
        {
            sums.debits_pending.add(account.totals.debits_pending);
            sums.debits_posted.add(account.totals.debits_posted);
            sums.credits_pending.add(account.totals.credits_pending);
            sums.credits_posted.add(account.totals.credits_posted);
            sums.accounts += 1;
        }
        for meaning in self.ids.values() {
            if let Meaning::Created(made) = meaning
                && made.transfer.ledger == id
            {
                sums.transfers += 1;
            }
        }
        sums
    }

    pub fn holds(&self) -> Vec<OpenHold> {
        let open = |(id, meaning): (&TransferId, &Meaning)| {
            let Meaning::Created(Made {
                transfer,
                hold: Some(hold),
                ..
            }) = meaning
            else {
                return None;
            };
            hold.end.is_none().then_some(OpenHold {
                id: id.get(),
                amount: transfer.amount,
                posted: Amount::new(hold.posted),
                rest: Amount::new(hold.rest),
                expires_at: hold.expires_at,
            })
        };
        self.ids.iter().filter_map(open).collect()
    }

    /// Each account's totals, added up once more from the amounts in the history.
    pub fn totals_from_history(&self) -> BTreeMap<AccountId, Totals> {
        let mut totals: BTreeMap<AccountId, [i128; 4]> = BTreeMap::new();
        let mut wrapping = |account: AccountId, total: usize, amount: u128, up: bool| {
            // Modulo 2^128: exact in the end, since every total fits.
            let total = &mut totals.entry(account).or_default()[total];
            let amount = i128::from_le_bytes(amount.to_le_bytes());
            *total = if up {
                total.wrapping_add(amount)
            } else {
                total.wrapping_sub(amount)
            };
        };
        for event in &self.history {
            match &event.fact {
                Fact::TransferCreated(created) => {
                    let transfer = &created.transfer;
                    let (debit, credit) = (transfer.debit_account_id, transfer.credit_account_id);
                    let amount = transfer.amount.get();
                    if transfer.flags.contains(ledger_core::TransferFlags::PENDING) {
                        wrapping(debit, 0, amount, true);
                        wrapping(credit, 2, amount, true);
                    } else if transfer
                        .flags
                        .contains(ledger_core::TransferFlags::VOID_PENDING_TRANSFER)
                    {
                        wrapping(debit, 0, amount, false);
                        wrapping(credit, 2, amount, false);
                    } else {
                        if !transfer.pending_id.is_zero() {
                            let released = created.hold.released.get();
                            wrapping(debit, 0, amount, false);
                            wrapping(credit, 2, amount, false);
                            wrapping(debit, 0, released, false);
                            wrapping(credit, 2, released, false);
                        }
                        wrapping(debit, 1, amount, true);
                        wrapping(credit, 3, amount, true);
                    }
                }
                Fact::TransferExpired(expired) => {
                    wrapping(expired.debit_account_id, 0, expired.released.get(), false);
                    wrapping(expired.credit_account_id, 2, expired.released.get(), false);
                }
                _ => {}
            }
        }
        let amount = |total: i128| Amount::new(u128::from_le_bytes(total.to_le_bytes()));
        self.accounts
            .keys()
            .map(|id| {
                let [
                    debits_pending,
                    debits_posted,
                    credits_pending,
                    credits_posted,
                ] = totals.get(id).copied().unwrap_or_default().map(amount);
                (
                    *id,
                    Totals {
                        debits_pending,
                        debits_posted,
                        credits_pending,
                        credits_posted,
                    },
                )
            })
            .collect()
    }
}
