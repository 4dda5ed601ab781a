//! The model: everything is found out anew, from the first event on. It shares nothing with the
//! engine but the words; of an event it uses the amounts and never the totals.

use std::collections::BTreeMap;

use ledger_core::{
    AccountFlags, AccountId, Amount, Event, Fact, LedgerId, Sequence, Timestamp, Totals, Transfer,
    TransferFlags, TransferId,
};
use ledger_engine::{
    AccountFilter, BalanceEntry, BalanceFilter, ListedTransfer, TransferFilter, TransferState,
};

/// An account, as far as lists tell of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NaiveAccount {
    pub(crate) id: AccountId,
    pub(crate) ledger: LedgerId,
    pub(crate) code: u16,
    pub(crate) flags: AccountFlags,
    pub(crate) user_data_128: u128,
    pub(crate) user_data_64: u64,
    pub(crate) user_data_32: u32,
    pub(crate) overdraft_limit: Amount,
    pub(crate) balance_max: Amount,
    pub(crate) name: Box<str>,
    pub(crate) named: Sequence,
    pub(crate) totals: Totals,
    pub(crate) created: Sequence,
    pub(crate) created_at: Timestamp,
    pub(crate) changed: Sequence,
}

/// A ledger: code, scale, accounts, and the sums of debits and credits, pending and posted.
pub(crate) type NaiveLedger = (Box<str>, u32, u64, [u128; 4]);

/// The books after some events.
#[derive(Clone, Default)]
pub(crate) struct Naive {
    pub(crate) time: Timestamp,
    pub(crate) accounts: Vec<NaiveAccount>,
    pub(crate) transfers: Vec<ListedTransfer>,
    pub(crate) ledgers: BTreeMap<LedgerId, NaiveLedger>,
    /// Ids that refusals used up, with the events that say so.
    pub(crate) used_up: BTreeMap<TransferId, Sequence>,
    histories: BTreeMap<AccountId, Vec<BalanceEntry>>,
}

impl Naive {
    /// The books after the events through `as_of`.
    pub(crate) fn at(events: &[Event], as_of: Sequence) -> Self {
        let mut naive = Self::default();
        for event in events.iter().filter(|event| event.sequence <= as_of) {
            naive.time = event.time;
            naive.post(event);
        }
        naive
    }

    fn post(&mut self, event: &Event) {
        match &event.fact {
            Fact::LedgerRegistered(ledger) => {
                let of = self.ledgers.entry(ledger.id).or_default();
                of.0 = ledger.code.clone();
                of.1 = ledger.scale;
            }
            Fact::AccountCreated(account) => {
                self.ledgers.entry(account.ledger).or_default().2 += 1;
                self.accounts.push(NaiveAccount {
                    id: account.id,
                    ledger: account.ledger,
                    code: account.code,
                    flags: account.flags,
                    user_data_128: account.user_data_128,
                    user_data_64: account.user_data_64,
                    user_data_32: account.user_data_32,
                    overdraft_limit: account.overdraft_limit,
                    balance_max: account.balance_max,
                    name: account.name.clone(),
                    named: if account.name.is_empty() {
                        Sequence::ZERO
                    } else {
                        event.sequence
                    },
                    totals: Totals::ZERO,
                    created: event.sequence,
                    created_at: event.time,
                    changed: event.sequence,
                });
            }
            Fact::AccountUpdated(update) => {
                let account = self.account_mut(update.id);
                if let Some(limit) = update.overdraft_limit {
                    account.overdraft_limit = limit;
                }
                if let Some(balance_max) = update.balance_max {
                    account.balance_max = balance_max;
                }
                if let Some(name) = &update.name {
                    account.name = name.clone();
                    account.named = if name.is_empty() {
                        Sequence::ZERO
                    } else {
                        event.sequence
                    };
                }
            }
            Fact::TransferCreated(created) => self.post_transfer(event, &created.transfer),
            Fact::TransferExpired(expired) => {
                let hold = self.transfer_mut(expired.pending_id);
                let rest = less(hold.transfer.amount, hold.posted);
                hold.state = TransferState::Expired;
                hold.released = rest;
                hold.act = event.sequence;
                let hold = hold.transfer.clone();
                self.reopen(&hold);
                self.move_value(event, &hold, expired.pending_id, [0, rest.get(), 0]);
            }
            Fact::TransferFenced(fence) => {
                let mut fence = fence.clone();
                if fence.timestamp.is_zero() {
                    fence.timestamp = event.time;
                }
                self.list(event, fence, TransferState::Fenced);
            }
            Fact::TransferRejected(rejected) => {
                self.used_up.insert(rejected.id, event.sequence);
            }
            _ => {}
        }
    }

    fn post_transfer(&mut self, event: &Event, transfer: &Transfer) {
        let amount = transfer.amount;
        let flags = transfer.flags;
        if flags.contains(TransferFlags::PENDING) {
            self.list(event, transfer.clone(), TransferState::Pending);
            for (flag, account) in closings(transfer) {
                if flags.contains(flag) {
                    let account = self.account_mut(account);
                    account.flags = account.flags.with(AccountFlags::CLOSED);
                }
            }
            self.move_value(event, transfer, transfer.id, [amount.get(), 0, 0]);
        } else if flags.contains(TransferFlags::POST_PENDING_TRANSFER) {
            let hold = self.transfer_mut(transfer.pending_id);
            hold.posted = Amount::new(hold.posted.get() + amount.get());
            let rest = less(hold.transfer.amount, hold.posted);
            let mut released = amount.get();
            if rest.is_zero() || !flags.contains(TransferFlags::KEEP_OPEN) {
                hold.state = TransferState::Posted;
                hold.released = rest;
                hold.act = event.sequence;
                released += rest.get();
            }
            self.list(event, transfer.clone(), TransferState::Posted);
            self.move_value(event, transfer, transfer.id, [0, released, amount.get()]);
        } else if flags.contains(TransferFlags::VOID_PENDING_TRANSFER) {
            let hold = self.transfer_mut(transfer.pending_id);
            let rest = less(hold.transfer.amount, hold.posted);
            hold.state = TransferState::Voided;
            hold.released = rest;
            hold.act = event.sequence;
            let hold = hold.transfer.clone();
            self.reopen(&hold);
            self.list(event, transfer.clone(), TransferState::Voided);
            self.move_value(event, transfer, transfer.id, [0, rest.get(), 0]);
        } else {
            if !transfer.reverses_id.is_zero() {
                let reversed = self.transfer_mut(transfer.reverses_id);
                reversed.state = TransferState::Reversed;
                reversed.reversed = Amount::new(reversed.reversed.get() + amount.get());
                reversed.act = event.sequence;
            }
            self.list(event, transfer.clone(), TransferState::Posted);
            self.move_value(event, transfer, transfer.id, [0, 0, amount.get()]);
        }
    }

    fn list(&mut self, event: &Event, transfer: Transfer, state: TransferState) {
        self.transfers.push(untouched(event, transfer, state));
    }

    /// Reserves, releases and posts so much.
    fn move_value(
        &mut self,
        event: &Event,
        transfer: &Transfer,
        transfer_id: TransferId,
        [reserved, released, posted]: [u128; 3],
    ) {
        let moved = |pending: &mut Amount, done: &mut Amount| {
            *pending = Amount::new(pending.get() + reserved - released);
            *done = Amount::new(done.get() + posted);
        };
        let debit = self.account_mut(transfer.debit_account_id);
        moved(
            &mut debit.totals.debits_pending,
            &mut debit.totals.debits_posted,
        );
        let credit = self.account_mut(transfer.credit_account_id);
        moved(
            &mut credit.totals.credits_pending,
            &mut credit.totals.credits_posted,
        );
        for id in [transfer.debit_account_id, transfer.credit_account_id] {
            let account = self.account_mut(id);
            account.changed = event.sequence;
            let totals = account.totals;
            self.histories.entry(id).or_default().push(BalanceEntry {
                sequence: event.sequence,
                time: event.time,
                transfer_id,
                totals,
            });
        }
        let sums = &mut self.ledgers.get_mut(&transfer.ledger).expect("a ledger").3;
        for [pending, done] in [[0, 1], [2, 3]] {
            sums[pending] = sums[pending] + reserved - released;
            sums[done] += posted;
        }
    }

    /// What a hold closed is open again.
    fn reopen(&mut self, hold: &Transfer) {
        for (flag, account) in closings(hold) {
            if hold.flags.contains(flag) {
                let account = self.account_mut(account);
                account.flags = account.flags.without(AccountFlags::CLOSED);
            }
        }
    }

    fn account_mut(&mut self, id: AccountId) -> &mut NaiveAccount {
        let found = self.accounts.iter_mut().find(|account| account.id == id);
        found.expect("an event names accounts that there are")
    }

    fn transfer_mut(&mut self, id: TransferId) -> &mut ListedTransfer {
        let mut transfers = self.transfers.iter_mut();
        let found = transfers.find(|listed| listed.transfer.id == id);
        found.expect("an event names transfers that there are")
    }

    /// The transfers that match, oldest first.
    pub(crate) fn transfers(&self, filter: &TransferFilter, now: Timestamp) -> Vec<ListedTransfer> {
        let matches = |listed: &&ListedTransfer| matches_transfer(filter, listed, now);
        self.transfers.iter().filter(matches).cloned().collect()
    }

    /// The accounts that match, oldest first.
    pub(crate) fn accounts(&self, filter: &AccountFilter) -> Vec<NaiveAccount> {
        let matches = |account: &&NaiveAccount| matches_account(filter, account);
        self.accounts.iter().filter(matches).cloned().collect()
    }

    /// The history of an account, oldest first.
    pub(crate) fn history(&self, filter: &BalanceFilter) -> Vec<BalanceEntry> {
        let history = self.histories.get(&filter.account).into_iter().flatten();
        history
            .filter(|entry| {
                filter.sequences.contains(&entry.sequence) && filter.times.contains(&entry.time)
            })
            .copied()
            .collect()
    }
}

/// A transfer of which nothing has become since the event that tells of it.
pub(crate) fn untouched(event: &Event, transfer: Transfer, state: TransferState) -> ListedTransfer {
    ListedTransfer {
        sequence: event.sequence,
        time: event.time,
        transfer,
        state,
        posted: Amount::ZERO,
        released: Amount::ZERO,
        reversed: Amount::ZERO,
        act: Sequence::ZERO,
    }
}

fn closings(hold: &Transfer) -> [(TransferFlags, AccountId); 2] {
    [
        (TransferFlags::CLOSING_DEBIT, hold.debit_account_id),
        (TransferFlags::CLOSING_CREDIT, hold.credit_account_id),
    ]
}

fn less(one: Amount, other: Amount) -> Amount {
    Amount::new(one.get() - other.get())
}

fn among<T: PartialEq>(values: &[T], value: &T) -> bool {
    values.is_empty() || values.contains(value)
}

fn matches_transfer(filter: &TransferFilter, listed: &ListedTransfer, now: Timestamp) -> bool {
    let transfer = &listed.transfer;
    let (debit, credit) = (transfer.debit_account_id, transfer.credit_account_id);
    let names_accounts = !filter.accounts.is_empty()
        || !filter.debit_accounts.is_empty()
        || !filter.credit_accounts.is_empty();
    let age_s = (now.get() - listed.time.get()) / 1_000_000_000;
    !(names_accounts && listed.state == TransferState::Fenced)
        && (among(&filter.accounts, &debit) || among(&filter.accounts, &credit))
        && among(&filter.debit_accounts, &debit)
        && among(&filter.credit_accounts, &credit)
        && among(&filter.ledgers, &transfer.ledger)
        && among(&filter.codes, &transfer.code)
        && among(&filter.user_data_128, &transfer.user_data_128)
        && among(&filter.user_data_64, &transfer.user_data_64)
        && among(&filter.user_data_32, &transfer.user_data_32)
        && among(&filter.references, &transfer.reference)
        && among(&filter.groups, &transfer.group_id)
        && among(&filter.pending_ids, &transfer.pending_id)
        && among(&filter.reverses_ids, &transfer.reverses_id)
        && among(&filter.states, &listed.state)
        && filter.age_s.contains(&age_s)
        && filter.times.contains(&listed.time)
        && filter.amounts.contains(&transfer.amount)
}

fn matches_account(filter: &AccountFilter, account: &NaiveAccount) -> bool {
    among(&filter.ledgers, &account.ledger)
        && among(&filter.codes, &account.code)
        && among(&filter.user_data_128, &account.user_data_128)
        && among(&filter.user_data_64, &account.user_data_64)
        && among(&filter.user_data_32, &account.user_data_32)
        && account.name.starts_with(&*filter.name_prefix)
        && account.flags.bits() & filter.flags.bits() == filter.flags.bits()
        && account.flags.bits() & filter.without_flags.bits() == 0
        && filter.created.contains(&account.created_at)
}
