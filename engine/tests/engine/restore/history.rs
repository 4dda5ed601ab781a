//! A random history of a database, and what it must be up to any event of it.

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ledger_core::{
    AccountId, AccountUpdate, Amount, Event, LedgerId, NewLedger, Sequence, State, Transfer,
    TransferFlags, TransferId, UpdateId,
};
use ledger_engine::journal::{self, JournalOptions, Preparation, Replay, RequestContext};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Command, Config, SimulatedClock};

use crate::teller::{START, Teller, config, create, hold, named_account, post, transfer_between};

pub(crate) const DIR: &str = "/data";
const ACCOUNTS: u128 = 12;

/// Small segments, so that there are many.
pub(crate) fn small(dir: &str) -> Config {
    Config {
        segment_bytes: 64 << 10,
        data_dir: dir.into(),
        accept_clock: true,
        ..config()
    }
}

/// Numbers that follow from a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn account(&mut self, accounts: u128) -> u128 {
        1 + u128::from(self.below(u64::try_from(accounts).expect("few accounts")))
    }
}

/// What was recorded, and where its requests end.
pub(crate) struct History {
    pub(crate) vfs: MemoryVfs,
    pub(crate) events: Vec<Event>,
    /// The last event of each request, in order.
    pub(crate) ends: Vec<u64>,
}

impl History {
    /// Writes a history of so many requests into a new database, in three lives of the server; the
    /// last one is killed.
    pub(crate) fn write(seed: u64, requests: u64) -> Self {
        let vfs = MemoryVfs::new(seed);
        let clock = Arc::new(SimulatedClock::new(START));
        let mut writing = Writing {
            random: Random::new(seed),
            accounts: ACCOUNTS,
            next_id: 1_000,
            holds: Vec::new(),
        };
        for life in 0..3 {
            let teller = Teller::open_as(small(DIR), &vfs, &clock);
            if life == 0 {
                teller.open_accounts(ACCOUNTS);
            }
            for _ in 0..requests / 3 {
                clock.advance(Duration::from_millis(writing.random.below(900)));
                let command = writing.command();
                teller.ask(command).expect("an answer");
            }
            if life < 2 {
                teller.engine.shutdown();
            }
        }
        Self::read(vfs.after_kill(), DIR)
    }

    /// What a database holds.
    pub(crate) fn read(vfs: MemoryVfs, dir: &str) -> Self {
        let copy = vfs.after_kill();
        let options = JournalOptions {
            segment_bytes: 64 << 10,
            preparation: Preparation::Inline,
        };
        let opened = journal::open(Arc::new(copy), Path::new(dir), options, &mut Ignoring);
        let opened = opened.expect("the journal opens");
        let (mut events, mut ends) = (Vec::new(), Vec::new());
        opened
            .reader
            .visit(Sequence::new(1), opened.recovered.sequence, |recorded| {
                if recorded.ends_request {
                    ends.push(recorded.event.sequence.get());
                }
                events.push(recorded.event);
                ControlFlow::Continue(())
            })
            .expect("the journal can be read");
        Self { vfs, events, ends }
    }

    /// The end of the last request that ends with this event or before it.
    pub(crate) fn rounded(&self, sequence: u64) -> u64 {
        let after = self.ends.partition_point(|&end| end <= sequence);
        after.checked_sub(1).map_or(0, |at| self.ends[at])
    }

    pub(crate) fn first(&self, count: u64) -> &[Event] {
        &self.events[..usize::try_from(count).expect("a small count")]
    }

    pub(crate) fn newest(&self) -> u64 {
        self.events.len() as u64
    }

    /// The state after the first `count` events.
    pub(crate) fn state(&self, count: u64) -> State {
        let mut state = State::new(7);
        for event in self.first(count) {
            state.replay(event).expect("what was recorded follows");
        }
        state
    }
}

struct Ignoring;

impl Replay for Ignoring {
    fn event(
        &mut self,
        _: &Event,
        _: &RequestContext<'_>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}

/// Makes requests of all kinds.
struct Writing {
    random: Random,
    accounts: u128,
    next_id: u128,
    holds: Vec<u128>,
}

impl Writing {
    fn command(&mut self) -> Command {
        match self.random.below(20) {
            0 => {
                self.accounts += 1;
                let name = format!("Account {}", self.accounts);
                Command::CreateAccounts(vec![named_account(self.accounts, &name)])
            }
            1 => {
                let id = self.random.account(self.accounts);
                Command::UpdateAccounts(vec![AccountUpdate {
                    update_id: UpdateId::new(self.id()),
                    id: AccountId::new(id),
                    overdraft_limit: Some(Amount::new(5)),
                    ..AccountUpdate::default()
                }])
            }
            2 => {
                let id = u32::try_from(self.id()).expect("few ids");
                Command::RegisterLedgers(vec![NewLedger {
                    id: LedgerId::new(id),
                    code: format!("L{id}").into(),
                    scale: 2,
                }])
            }
            _ => {
                let count = 1 + self.random.below(40);
                let mut transfers: Vec<_> = (0..count).map(|_| self.transfer()).collect();
                if self.random.below(3) == 0 {
                    self.chain(&mut transfers);
                }
                create(transfers)
            }
        }
    }

    fn id(&mut self) -> u128 {
        self.next_id += 1;
        self.next_id
    }

    fn transfer(&mut self) -> Transfer {
        let id = self.id();
        let debit = self.random.account(self.accounts);
        let credit = 1 + debit % self.accounts;
        let amount = 1 + u128::from(self.random.below(1_000));
        match self.random.below(10) {
            0 | 1 => {
                self.holds.push(id);
                let timeout = u32::try_from(self.random.below(6)).expect("a short time");
                Transfer {
                    debit_account_id: AccountId::new(debit),
                    credit_account_id: AccountId::new(credit),
                    ..hold(id, amount, timeout)
                }
            }
            2 | 3 if !self.holds.is_empty() => {
                let at = self.random.below(self.holds.len() as u64);
                let target = self
                    .holds
                    .swap_remove(usize::try_from(at).expect("few holds"));
                match self.random.below(2) {
                    0 => post(id, target),
                    _ => Transfer {
                        amount: Amount::ZERO,
                        flags: TransferFlags::VOID_PENDING_TRANSFER,
                        ..post(id, target)
                    },
                }
            }
            // Names no account: its id is used up.
            4 => transfer_between(id, 999_999, credit, amount),
            // Names no reservation, and fences it.
            5 => Transfer {
                amount: Amount::ZERO,
                ledger: LedgerId::new(1),
                flags: TransferFlags::VOID_PENDING_TRANSFER.with(TransferFlags::FENCE),
                ..post(id, id + 1_000_000)
            },
            _ => transfer_between(id, debit, credit, amount),
        }
    }

    /// Ties the first transfers to a chain that holds.
    fn chain(&mut self, transfers: &mut Vec<Transfer>) {
        let (first, second) = (self.id(), self.id());
        let linked = Transfer {
            flags: TransferFlags::LINKED,
            ..transfer_between(first, 1, 2, 3)
        };
        transfers.splice(0..0, [linked, transfer_between(second, 2, 3, 4)]);
    }
}

/// The ids of transfers that events name as their own.
pub(crate) fn transfer_ids(events: &[Event]) -> Vec<TransferId> {
    use ledger_core::Fact;

    events
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::TransferCreated(created) => Some(created.transfer.id),
            Fact::TransferRejected(rejected) => Some(rejected.id),
            Fact::TransferFenced(fence) => Some(fence.id),
            _ => None,
        })
        .collect()
}
