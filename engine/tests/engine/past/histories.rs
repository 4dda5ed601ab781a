//! Random histories: everything that can happen to accounts and transfers, and restarts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, Event, GroupId, LedgerId, NewAccount,
    NewLedger, Sequence, Transfer, TransferFlags, TransferId, TransferStatus, UpdateId,
};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Body, Command, Config, SimulatedClock};

use super::random::Random;
use crate::old_history::files;
use crate::teller::{Teller, clock, config, create};

/// A database that is written to at random.
pub(crate) struct History {
    pub(crate) random: Random,
    pub(crate) teller: Teller,
    pub(crate) clock: Arc<SimulatedClock>,
    vfs: MemoryVfs,
    config: Config,
    next_id: u128,
    /// Holds that may be open, and transfers that may be reversed.
    holds: Vec<Transfer>,
    posted: Vec<TransferId>,
    accounts: Vec<(AccountId, LedgerId)>,
    /// All events that were read so far.
    events: Vec<Event>,
    /// The runs that there were when somebody last looked.
    runs: Vec<PathBuf>,
}

const NAMES: [&str; 6] = ["", "Cash", "Cash box", "Bank", "Café", "C"];
const REFERENCES: [&str; 4] = ["", "order-1", "order-2", "order-22"];

impl History {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let clock = clock();
        let vfs = MemoryVfs::new(seed);
        let config = Config {
            segment_bytes: 64 << 10,
            page_units_max: *random.pick(&[30, 300, 100_000]),
            ..config()
        };
        let teller = Teller::open_as(config.clone(), &vfs, &clock);
        let next_id = 1 + u128::from(random.below(1_000));
        let mut history = Self {
            random,
            teller,
            clock,
            vfs,
            config,
            next_id,
            holds: Vec::new(),
            posted: Vec::new(),
            accounts: Vec::new(),
            events: Vec::new(),
            runs: Vec::new(),
        };
        history.register_ledger(1);
        history.create_accounts();
        history
    }

    /// Writes so many requests.
    pub(crate) fn write(&mut self, requests: u64) {
        for _ in 0..requests {
            match self.random.below(30) {
                0 => self.create_accounts(),
                1 | 2 => self.update_accounts(),
                3 => {
                    let ledger = self.random.within(2, 4);
                    self.register_ledger(ledger);
                }
                4..=6 => {
                    let step = self.random.below(3_000);
                    self.clock.advance(Duration::from_millis(step));
                }
                _ => self.create_transfers(),
            }
        }
    }

    /// Takes a snapshot, which ends a segment of the journal, so that there is a run more.
    pub(crate) fn roll(&mut self) {
        let taken = self.teller.engine.create_snapshot(None);
        taken.expect("there is something to take a snapshot of");
    }

    /// Whether runs were merged since somebody last asked: one of those that there were is gone.
    pub(crate) fn has_merged(&mut self) -> bool {
        let runs = files(&self.vfs, "run");
        let before = std::mem::replace(&mut self.runs, runs);
        before.iter().any(|run| !self.runs.contains(run))
    }

    /// Ends the engine, in good order or not, and opens it again.
    pub(crate) fn restart(&mut self) {
        if self.random.one_in(2) {
            self.teller.engine.shutdown();
        }
        self.reopen();
    }

    /// Opens the engine once more; the one before it is dropped.
    fn reopen(&mut self) {
        // The lock on the directory goes with the engine.
        self.teller.engine.shutdown();
        self.teller = Teller::open_as(self.config.clone(), &self.vfs, &self.clock);
    }

    /// Waits until everything that is due has happened.
    pub(crate) fn settle(&self) {
        loop {
            let before = self.teller.engine.status().durable;
            let ask = Command::GetBalances(Vec::new());
            let reply = self.teller.ask(ask).expect("an answer");
            if reply.receipt.sequence == before {
                return;
            }
        }
    }

    /// All events through `through`.
    pub(crate) fn events(&mut self, through: Sequence) -> &[Event] {
        let missing: Vec<_> = (self.events.len() as u64 + 1..=through.get())
            .map(Sequence::new)
            .collect();
        let read = self.teller.engine.read_events(&missing);
        self.events
            .extend(read.expect("durable events can be read"));
        &self.events
    }

    /// The files.
    pub(crate) fn vfs(&self) -> MemoryVfs {
        self.vfs.clone()
    }

    fn id(&mut self) -> u128 {
        self.next_id += 1 + u128::from(self.random.below(3));
        self.next_id
    }

    fn register_ledger(&mut self, ledger: u64) {
        let id = u32::try_from(ledger).expect("a small number");
        let new = NewLedger {
            id: LedgerId::new(id),
            code: format!("L{id}").into(),
            scale: id % 3,
        };
        let reply = self.teller.ask(Command::RegisterLedgers(vec![new]));
        reply.expect("an answer");
    }

    fn create_accounts(&mut self) {
        let accounts: Vec<_> = (0..self.random.within(2, 6))
            .map(|_| {
                let id = AccountId::new(self.id());
                let ledger = LedgerId::new(self.random.within(1, 2) as u32);
                let flags = match self.random.below(8) {
                    0 => AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
                    1 => AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS,
                    2 => AccountFlags::HISTORY,
                    3 if self.accounts.len() > 6 => AccountFlags::CLOSED,
                    _ => AccountFlags::NONE,
                };
                if !flags.contains(AccountFlags::CLOSED) {
                    self.accounts.push((id, ledger));
                }
                NewAccount {
                    id,
                    ledger,
                    code: self.random.within(1, 3) as u16,
                    flags,
                    user_data_128: self.random.below(3).into(),
                    user_data_64: self.random.below(3),
                    user_data_32: self.random.below(3) as u32,
                    overdraft_limit: Amount::new(self.random.below(3_000).into()),
                    balance_max: Amount::ZERO,
                    name: (*self.random.pick(&NAMES)).into(),
                    ..NewAccount::default()
                }
            })
            .collect();
        self.teller.create_accounts(accounts);
    }

    fn update_accounts(&mut self) {
        let updates = (0..self.random.within(1, 3))
            .map(|_| {
                let (id, _) = *self.random.pick(&self.accounts);
                let some = |random: &mut Random| {
                    let value = Amount::new(random.below(5_000).into());
                    random.one_in(2).then_some(value)
                };
                AccountUpdate {
                    update_id: UpdateId::new(self.id()),
                    id,
                    overdraft_limit: some(&mut self.random),
                    balance_max: some(&mut self.random)
                        .map(|value| Amount::new(value.get() + 100_000)),
                    name: self
                        .random
                        .one_in(2)
                        .then(|| (*self.random.pick(&NAMES)).into()),
                }
            })
            .collect();
        let reply = self.teller.ask(Command::UpdateAccounts(updates));
        reply.expect("an answer");
    }

    fn create_transfers(&mut self) {
        let mut transfers: Vec<_> = (0..self.random.within(1, 8))
            .map(|_| self.transfer())
            .collect();
        if self.random.one_in(6) {
            let (_, but_last) = transfers.split_last_mut().expect("at least one");
            for transfer in but_last {
                transfer.flags = transfer.flags.with(TransferFlags::LINKED);
            }
        }
        let answers = match self.teller.ask(create(transfers.clone())) {
            Ok(reply) => match reply.body {
                Body::Transfers(answers) => answers.answers,
                other => panic!("not an answer to transfers: {other:?}"),
            },
            Err(failure) => panic!("{failure}"),
        };
        for (transfer, answer) in transfers.into_iter().zip(answers) {
            if answer.status != TransferStatus::Created {
                continue;
            }
            if transfer.flags.contains(TransferFlags::PENDING) {
                self.holds.push(transfer);
            } else if !transfer
                .flags
                .contains(TransferFlags::VOID_PENDING_TRANSFER)
            {
                self.posted.push(transfer.id);
            }
        }
    }

    fn transfer(&mut self) -> Transfer {
        let kind = self.random.below(20);
        match kind {
            0..=2 if !self.holds.is_empty() => self.post(),
            3..=4 if !self.holds.is_empty() => self.void(),
            5..=6 if !self.posted.is_empty() => {
                let reverses_id = *self.random.pick(&self.posted);
                self.reversal(reverses_id)
            }
            7 => self.fence(),
            8..=12 => {
                let mut hold = self.movement();
                hold.flags = TransferFlags::PENDING;
                hold.timeout = self.random.below(6) as u32;
                if self.random.one_in(12) {
                    let closing = [TransferFlags::CLOSING_DEBIT, TransferFlags::CLOSING_CREDIT];
                    hold.flags = hold.flags.with(*self.random.pick(&closing));
                    hold.timeout = self.random.within(1, 3) as u32;
                }
                hold
            }
            // The account does not exist, which uses up the id.
            13 => Transfer {
                debit_account_id: AccountId::new(9_999_999),
                ..self.movement()
            },
            _ => self.movement(),
        }
    }

    fn blank(&mut self) -> Transfer {
        Transfer {
            id: TransferId::new(self.id()),
            user_data_128: self.random.below(4).into(),
            user_data_64: self.random.below(4),
            user_data_32: self.random.below(3) as u32,
            group_id: GroupId::new(self.random.below(12).saturating_sub(4).into()),
            reference: (*self.random.pick(&REFERENCES)).into(),
            ..Transfer::default()
        }
    }

    fn movement(&mut self) -> Transfer {
        let (debit, ledger) = *self.random.pick(&self.accounts);
        let alike: Vec<_> = self
            .accounts
            .iter()
            .filter(|&&(id, of)| of == ledger && id != debit)
            .map(|&(id, _)| id)
            .collect();
        let credit = if alike.is_empty() {
            debit
        } else {
            // Few accounts are hot.
            let hot = alike.len().min(3);
            let among = if self.random.one_in(2) {
                &alike[..hot]
            } else {
                &alike
            };
            *self.random.pick(among)
        };
        Transfer {
            debit_account_id: debit,
            credit_account_id: credit,
            amount: Amount::new(self.random.below(200).into()),
            ledger,
            code: self.random.within(1, 4) as u16,
            ..self.blank()
        }
    }

    fn post(&mut self) -> Transfer {
        let hold = self.random.pick(&self.holds).clone();
        let part = self
            .random
            .below(u64::try_from(hold.amount.get()).expect("small") + 1);
        let (amount, keep_open) = match self.random.below(4) {
            0 => (Amount::MAX, TransferFlags::NONE),
            1 => (Amount::new(part.into()), TransferFlags::NONE),
            _ => (Amount::new((part / 2).into()), TransferFlags::KEEP_OPEN),
        };
        Transfer {
            pending_id: hold.id,
            amount,
            flags: TransferFlags::POST_PENDING_TRANSFER.with(keep_open),
            group_id: GroupId::ZERO,
            ..self.blank()
        }
    }

    fn void(&mut self) -> Transfer {
        let hold = self.random.pick(&self.holds).clone();
        Transfer {
            pending_id: hold.id,
            flags: TransferFlags::VOID_PENDING_TRANSFER,
            group_id: GroupId::ZERO,
            ..self.blank()
        }
    }

    fn reversal(&mut self, reverses_id: TransferId) -> Transfer {
        let all = self.random.one_in(3);
        Transfer {
            reverses_id,
            amount: if all {
                Amount::MAX
            } else {
                Amount::new(self.random.below(40).into())
            },
            code: self.random.within(1, 4) as u16,
            ..self.blank()
        }
    }

    /// Overtakes something that never comes; sometimes it tries to come all the same.
    fn fence(&mut self) -> Transfer {
        let target = TransferId::new(self.id());
        let ledger = LedgerId::new(1);
        if self.random.one_in(2) {
            Transfer {
                flags: TransferFlags::FENCE,
                ledger,
                ..self.reversal(target)
            }
        } else {
            Transfer {
                pending_id: target,
                flags: TransferFlags::FENCE.with(TransferFlags::VOID_PENDING_TRANSFER),
                ledger,
                ..self.blank()
            }
        }
    }
}
