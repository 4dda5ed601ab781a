//! The auditor's own books: what must be so after the events read so far.
//!
//! They are kept from the events alone. Where an event breaks a rule, the books go on from what it
//! says, so that one mistake is found once.

use std::collections::{BTreeMap, HashMap, HashSet};

use ledger_core::{
    Account, AccountFlags, AccountId, AccountUpdate, Amount, Event, Fact, Hold, LedgerId,
    NewAccount, NewLedger, Sequence, Sum, Timestamp, Transfer, TransferRejected,
};

use super::LedgerProof;
use super::rule::Rule;

mod holds;
mod standing;
mod transfers;

/// More reservations a group cannot have.
const HOLDS_PER_GROUP_MAX: u32 = 8192;

/// An account, with the flags of its creation.
#[derive(Clone, Debug)]
struct AccountBooks {
    account: Account,
    /// Open reservations that keep it closed.
    closing_holds: u32,
}

impl AccountBooks {
    fn is_closed(&self) -> bool {
        self.closing_holds > 0 || self.account.flags.contains(AccountFlags::CLOSED)
    }
}

/// What an id of a transfer stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Id {
    /// It posted something: a transfer in one phase, a post or a reversal.
    Posted(Posted),
    /// A reservation, open or not.
    Reserved,
    /// A void.
    Voided,
    /// A refusal used it up, or it fenced another.
    UsedUp,
}

/// A transfer that can be reversed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Posted {
    debit: u32,
    credit: u32,
    amount: Amount,
}

/// A reservation that is open.
#[derive(Clone, Debug)]
struct OpenHold {
    hold: Hold,
    debit: u32,
    credit: u32,
}

/// The rules that an event breaks.
type Broken = Vec<Rule>;

/// The books.
#[derive(Default, Debug)]
pub(super) struct Books {
    time: Timestamp,
    registered: HashMap<LedgerId, NewLedger>,
    accounts: Vec<AccountBooks>,
    account_by_id: HashMap<u128, u32>,
    updates: HashSet<u128>,
    ids: HashMap<u128, Id>,
    fenced: HashSet<u128>,
    open_holds: HashMap<u128, OpenHold>,
    reversed: HashMap<u128, Amount>,
    holds_of_group: HashMap<u128, u32>,
    newest_account: Timestamp,
    newest_transfer: Timestamp,
    transfers: u64,
    transfers_of: HashMap<LedgerId, u64>,
    sequence: Sequence,
    /// The event that named an account, and the hash of the name.
    names: HashMap<AccountId, (Sequence, NameHash)>,
}

/// Names are many and long, and only compared.
pub(super) type NameHash = [u8; 16];

pub(super) fn name_hash(name: &str) -> NameHash {
    let hash = blake3::hash(name.as_bytes());
    let (first, _) = hash.as_bytes().split_first_chunk().expect("32 bytes");
    *first
}

impl Books {
    /// Enters an event and returns the rules that it breaks.
    pub(super) fn enter(&mut self, event: &Event) -> Broken {
        let mut broken = Broken::new();
        if event.time <= self.time {
            broken.push(Rule::TimeNotIncreasing);
        }
        self.time = self.time.max(event.time);
        self.sequence = event.sequence;
        match &event.fact {
            Fact::LedgerRegistered(ledger) => self.enter_ledger(ledger, &mut broken),
            Fact::AccountCreated(account) => self.enter_account(account, event.time, &mut broken),
            Fact::AccountUpdated(update) => self.enter_update(update, &mut broken),
            Fact::TransferCreated(created) => {
                self.enter_transfer(created, event.time, &mut broken);
            }
            Fact::TransferExpired(expired) => self.enter_expiry(expired, event.time, &mut broken),
            Fact::TransferRejected(rejected) => self.enter_rejected(rejected, &mut broken),
            Fact::TransferFenced(transfer) => {
                self.enter_fence(transfer, event.time, &mut broken);
            }
            Fact::EpochBegan(began) => {
                let follows = began.fork.get().checked_add(1) == Some(event.sequence.get());
                if !follows || began.epoch == began.parent {
                    broken.push(Rule::EpochFork);
                }
            }
            _ => unreachable!("every fact of the core has rules here"),
        }
        broken
    }

    fn enter_ledger(&mut self, ledger: &NewLedger, broken: &mut Broken) {
        let length = ledger.code.len();
        let mut check = |holds: bool, rule| {
            if !holds {
                broken.push(rule);
            }
        };
        check(!ledger.id.is_zero(), Rule::LedgerIdZero);
        check(
            (1..=NewLedger::CODE_BYTES_MAX).contains(&length)
                && !ledger.code.chars().any(char::is_control),
            Rule::LedgerCodeInvalid,
        );
        check(
            ledger.scale <= NewLedger::SCALE_MAX,
            Rule::LedgerScaleTooLarge,
        );
        check(
            !self
                .registered
                .values()
                .any(|other| other.code == ledger.code),
            Rule::LedgerCodeTaken,
        );
        let before = self.registered.insert(ledger.id, ledger.clone());
        check(before.is_none(), Rule::LedgerRegisteredTwice);
    }

    fn enter_account(&mut self, account: &NewAccount, time: Timestamp, broken: &mut Broken) {
        let flags = account.flags;
        let both = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS
            .with(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);
        let is_imported = flags.contains(AccountFlags::IMPORTED);
        let moment = is_moment(account.timestamp, time, is_imported, self.newest_account);
        let is_new = !self.account_by_id.contains_key(&account.id.get());
        let rules = [
            (
                !account.id.is_zero() && !account.id.is_max(),
                Rule::AccountIdReserved,
            ),
            (is_new, Rule::AccountExists),
            (!account.ledger.is_zero(), Rule::AccountLedgerZero),
            (account.code != 0, Rule::AccountCodeZero),
            (
                !flags.has_reserved() && !flags.contains(both),
                Rule::AccountFlags,
            ),
            (moment, Rule::AccountTimestamp),
        ];
        note_broken(rules, broken);
        self.newest_account = self.newest_account.max(account.timestamp);
        let index = u32::try_from(self.accounts.len()).expect("fewer than 2^32 accounts");
        self.account_by_id.insert(account.id.get(), index);
        self.accounts.push(AccountBooks {
            account: Account::new(account, self.sequence),
            closing_holds: 0,
        });
        self.enter_name(account.id, &account.name);
    }

    fn enter_name(&mut self, account: AccountId, name: &str) {
        if name.is_empty() {
            self.names.remove(&account);
        } else {
            let named = (self.sequence, name_hash(name));
            self.names.insert(account, named);
        }
    }

    fn enter_update(&mut self, update: &AccountUpdate, broken: &mut Broken) {
        let id = update.update_id.get();
        if id == 0 || !self.updates.insert(id) {
            broken.push(Rule::UpdateId);
        }
        if (update.overdraft_limit, update.balance_max, &update.name) == (None, None, &None) {
            broken.push(Rule::UpdateEmpty);
        }
        let Some(&index) = self.account_by_id.get(&update.id.get()) else {
            broken.push(Rule::UpdatedAccountMissing);
            return;
        };
        let account = &mut self.accounts[index as usize].account;
        account.overdraft_limit = update.overdraft_limit.unwrap_or(account.overdraft_limit);
        account.balance_max = update.balance_max.unwrap_or(account.balance_max);
        if let Some(name) = &update.name {
            account.named = match name.is_empty() {
                true => Sequence::ZERO,
                false => self.sequence,
            };
            self.enter_name(update.id, name);
        }
    }

    fn enter_rejected(&mut self, rejected: &TransferRejected, broken: &mut Broken) {
        if !rejected.status.uses_up_id() {
            broken.push(Rule::RejectedStatus);
        }
        self.take_id(rejected.id.get(), Id::UsedUp, broken);
    }

    fn enter_fence(&mut self, transfer: &Transfer, time: Timestamp, broken: &mut Broken) {
        use ledger_core::TransferFlags as F;

        let is_void = transfer.flags.contains(F::VOID_PENDING_TRANSFER);
        let target = if is_void {
            transfer.pending_id.get()
        } else {
            transfer.reverses_id.get()
        };
        let is_fence = transfer.flags.contains(F::FENCE) && !transfer.flags.contains(F::IMPORTED);
        if !is_fence || target == 0 || target == u128::MAX || transfer.ledger.is_zero() {
            broken.push(Rule::FenceShape);
        }
        if transfer.timestamp != time {
            broken.push(Rule::TransferTimestamp);
        }
        let exists = self.ids.get(&target).is_some_and(|&id| id != Id::UsedUp);
        if !self.fenced.insert(target) || exists {
            broken.push(Rule::FenceTarget);
        }
        self.take_id(transfer.id.get(), Id::UsedUp, broken);
    }

    /// Gives an id of the transfers' space its meaning for ever.
    fn take_id(&mut self, id: u128, meaning: Id, broken: &mut Broken) {
        if id == 0 || id == u128::MAX {
            broken.push(Rule::TransferIdReserved);
        }
        if self.fenced.contains(&id) {
            broken.push(Rule::TransferIdFenced);
        }
        if self.ids.insert(id, meaning).is_some() {
            broken.push(Rule::TransferIdUsed);
        }
    }

    pub(super) fn account_count(&self) -> u64 {
        self.accounts.len() as u64
    }

    pub(super) fn transfer_count(&self) -> u64 {
        self.transfers
    }

    pub(super) fn open_hold_count(&self) -> u64 {
        self.open_holds.len() as u64
    }

    /// What the accounts of each ledger add up to, in order; registered ledgers without an account
    /// are among them.
    pub(super) fn proofs(&self) -> Vec<LedgerProof> {
        let mut proofs: BTreeMap<LedgerId, LedgerProof> = BTreeMap::new();
        let empty = |id| LedgerProof {
            ledger: id,
            code: Box::default(),
            scale: 0,
            accounts: 0,
            debits_pending: Sum::ZERO,
            debits_posted: Sum::ZERO,
            credits_pending: Sum::ZERO,
            credits_posted: Sum::ZERO,
        };
        for (&id, ledger) in &self.registered {
            let named = LedgerProof {
                code: ledger.code.clone(),
                // A scale that breaks the rules is found as such, and shifts no point.
                scale: match ledger.scale <= NewLedger::SCALE_MAX {
                    true => ledger.scale,
                    false => 0,
                },
                ..empty(id)
            };
            proofs.insert(id, named);
        }
        for AccountBooks { account, .. } in &self.accounts {
            let ledger = account.ledger;
            let proof = proofs.entry(ledger).or_insert_with(|| empty(ledger));
            proof.accounts += 1;
            proof.debits_pending.add(account.totals.debits_pending);
            proof.debits_posted.add(account.totals.debits_posted);
            proof.credits_pending.add(account.totals.credits_pending);
            proof.credits_posted.add(account.totals.credits_posted);
        }
        proofs.into_values().collect()
    }
}

fn note_broken<const N: usize>(rules: [(bool, Rule); N], broken: &mut Broken) {
    for (holds, rule) in rules {
        if !holds {
            broken.push(rule);
        }
    }
}

/// Whether an object's own moment is the event's, or, if it is imported, one in the past that is
/// newer than the newest of its kind.
fn is_moment(moment: Timestamp, time: Timestamp, is_imported: bool, newest: Timestamp) -> bool {
    if is_imported {
        !moment.is_zero() && moment < time && moment > newest
    } else {
        moment == time
    }
}

#[cfg(test)]
pub(in crate::verify) mod tests;
