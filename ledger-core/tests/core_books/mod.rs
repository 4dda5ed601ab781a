//! The ledger core with a journal in memory, asked as any other set of books.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses its own part"
)]

use std::collections::BTreeSet;

use ledger_core::{
    AccountAnswer, AccountFlags, AccountUpdate, Event, Fact, LedgerStatus, NewAccount, NewLedger,
    Restoration, Sequence, State, Timestamp, Transfer, TransferAnswer, TransferAnswers,
    TransferFlags, TransferOptions, UpdateAnswer,
};

use crate::books::{Books, LedgerSums, OpenHold, Standing};
use crate::journal_in_memory::JournalInMemory;

/// The ledger core and its journal.
pub struct CoreBooks {
    pub state: State,
    pub journal: JournalInMemory,
}

impl CoreBooks {
    pub fn new(hash_seed: u64) -> Self {
        Self {
            state: State::new(hash_seed),
            journal: JournalInMemory::default(),
        }
    }

    pub fn create_transfers_with(
        &mut self,
        now: Timestamp,
        transfers: &[Transfer],
        options: TransferOptions,
    ) -> TransferAnswers {
        self.state
            .create_transfers(&mut self.journal, now, transfers, options)
            .expect("a journal in memory can be read")
    }

    /// The state that the recorded events give in another process.
    pub fn replayed(&self, hash_seed: u64) -> State {
        self.replayed_noting(hash_seed, self.state.recent_from())
    }

    fn replayed_noting(&self, hash_seed: u64, noted_from: Sequence) -> State {
        let mut state = State::new(hash_seed);
        state.note_ids_from(noted_from);
        if let Err((sequence, contradiction)) = state.replay_all(self.journal.events()) {
            panic!("{contradiction}, in event {sequence}");
        }
        state
    }

    /// Forgets the recent ids up to `through`, as far as whole tables go.
    pub fn forget(&mut self, through: Sequence) {
        let before = self.state.recent_from();
        self.journal.answer_through(through);
        let forgotten = self.state.forget_recent(through);
        let from = self.state.recent_from();
        assert_eq!(
            forgotten.is_some(),
            from > before,
            "what is forgotten is gone"
        );
        assert!(
            from <= through.next().max(before),
            "no more than that is forgotten"
        );
    }

    /// Another process goes on with the records of a snapshot at the newest event, and the ids of
    /// events from `noted_from` on.
    pub fn start_from_records(&mut self, noted_from: Sequence) {
        let mut state = self.restored(1);
        assert_eq!(state.recent_from(), state.sequence().next());
        self.journal
            .answer_through(Sequence::new(noted_from.get() - 1));
        state.note_ids_from(noted_from);
        for event in self.journal.events() {
            if event.sequence >= noted_from {
                state.note_ids_of(event);
            }
        }
        self.state = state;
    }

    /// Another process replays everything, and notes the ids of events from `noted_from` on.
    pub fn start_from_events(&mut self, noted_from: Sequence) {
        self.journal
            .answer_through(Sequence::new(noted_from.get() - 1));
        self.state = self.replayed_noting(2, noted_from);
    }

    /// Everything that is in memory.
    pub fn digests(&self) -> [[u8; 32]; 2] {
        [self.state.digest(), self.state.recent_digest()]
    }

    /// The same books, put together from the records of these in an order of their own.
    pub fn restored(&self, hash_seed: u64) -> State {
        let mut restoration = Restoration::new(hash_seed, self.state.account_count());
        for ledger in self.state.ledgers() {
            restoration.ledger(ledger.clone()).expect("a ledger fits");
        }
        let mut accounts: Vec<_> = self.state.accounts_from(0).enumerate().collect();
        accounts.sort_by_key(|(_, account)| account.id);
        for (position, account) in accounts {
            let account = account.clone();
            restoration
                .account(position, account)
                .expect("an account fits");
        }
        let mut holds: Vec<_> = self.state.holds().collect();
        holds.sort_by_key(|hold| hold.id);
        for hold in holds {
            restoration.hold(hold.clone()).expect("a reservation fits");
        }
        match restoration.finish(self.state.standing()) {
            Ok(state) => state,
            Err(contradiction) => panic!("{contradiction}"),
        }
    }

    /// Checks what must hold whatever was asked.
    pub fn assert_invariants(&self) {
        for ledger in self.state.ledgers() {
            assert_eq!(
                ledger.debits_pending, ledger.credits_pending,
                "pending debits = credits"
            );
            assert_eq!(
                ledger.debits_posted, ledger.credits_posted,
                "posted debits = credits"
            );
        }
        let sums = self.ledgers();
        for (sum, by_account) in sums.iter().zip(self.sums_by_account(&sums)) {
            assert_eq!(
                *sum, by_account,
                "a ledger's sums are those of its accounts"
            );
        }
        let last = self.journal.events().last();
        if let Some(last) = last {
            assert_eq!(
                self.state.sequence(),
                last.sequence,
                "the state is at the newest event"
            );
            assert_eq!(
                self.state.time(),
                last.time,
                "journal time is the newest event's"
            );
        }
    }

    fn sums_by_account(&self, ledgers: &[LedgerSums]) -> Vec<LedgerSums> {
        let mut sums = Vec::new();
        for ledger in ledgers {
            let zero = ledger_core::Sum::ZERO;
            let mut sum = LedgerSums {
                debits_pending: zero,
                debits_posted: zero,
                credits_pending: zero,
                credits_posted: zero,
                accounts: 0,
                ..*ledger
            };
            for account in self
                .state
                .accounts_from(0)
                .filter(|a| a.ledger == ledger.id)
            {
                sum.debits_pending.add(account.totals.debits_pending);
                sum.debits_posted.add(account.totals.debits_posted);
                sum.credits_pending.add(account.totals.credits_pending);
                sum.credits_posted.add(account.totals.credits_posted);
                sum.accounts += 1;
            }
            sums.push(sum);
        }
        sums
    }
}

impl Books for CoreBooks {
    fn register_ledgers(&mut self, now: Timestamp, ledgers: &[NewLedger]) -> Vec<LedgerStatus> {
        self.state
            .register_ledgers(&mut self.journal, now, ledgers)
            .expect("a journal in memory can be read")
    }

    fn create_accounts(&mut self, now: Timestamp, accounts: &[NewAccount]) -> Vec<AccountAnswer> {
        self.state
            .create_accounts(&mut self.journal, now, accounts)
            .expect("a journal in memory can be read")
    }

    fn update_accounts(&mut self, now: Timestamp, updates: &[AccountUpdate]) -> Vec<UpdateAnswer> {
        self.state
            .update_accounts(&mut self.journal, now, updates)
            .expect("a journal in memory can be read")
    }

    fn create_transfers(
        &mut self,
        now: Timestamp,
        transfers: &[Transfer],
        dry_run: bool,
    ) -> Vec<TransferAnswer> {
        let options = TransferOptions {
            dry_run,
            ..TransferOptions::default()
        };
        self.create_transfers_with(now, transfers, options).answers
    }

    fn expire_due(&mut self, now: Timestamp, at_most: usize) -> usize {
        self.state.expire_due(&mut self.journal, now, at_most)
    }

    fn history(&self) -> &[Event] {
        self.journal.events()
    }

    fn accounts(&self) -> Vec<Standing> {
        let mut standings: Vec<Standing> = self
            .state
            .accounts_from(0)
            .map(|account| Standing {
                id: account.id,
                ledger: account.ledger,
                totals: account.totals,
                closed: account.flags.contains(AccountFlags::CLOSED),
                overdraft_limit: account.overdraft_limit,
                balance_max: account.balance_max,
                timestamp: account.timestamp,
                created: account.created,
                named: account.named,
            })
            .collect();
        standings.sort_by_key(|standing| standing.id);
        standings
    }

    fn ledgers(&self) -> Vec<LedgerSums> {
        self.state
            .ledgers()
            .map(|ledger| LedgerSums {
                id: ledger.id,
                debits_pending: ledger.debits_pending,
                debits_posted: ledger.debits_posted,
                credits_pending: ledger.credits_pending,
                credits_posted: ledger.credits_posted,
                accounts: ledger.accounts,
                transfers: ledger.transfers,
            })
            .collect()
    }

    fn open_holds(&self) -> Vec<OpenHold> {
        let made = self
            .journal
            .events()
            .iter()
            .filter_map(|event| match &event.fact {
                Fact::TransferCreated(created)
                    if created.transfer.flags.contains(TransferFlags::PENDING) =>
                {
                    Some(created.transfer.id)
                }
                _ => None,
            });
        let holds = made
            .collect::<BTreeSet<_>>()
            .into_iter()
            .filter_map(|id| self.state.hold(id));
        let holds: Vec<OpenHold> = holds
            .map(|hold| OpenHold {
                id: hold.id.get(),
                amount: hold.amount,
                posted: hold.posted,
                rest: hold.rest,
                expires_at: hold.expires_at,
            })
            .collect();
        assert_eq!(
            holds.len(),
            self.state.open_holds(),
            "every open reservation was recorded"
        );
        holds
    }
}
