//! Playing a scenario on the ledger core and on the model side by side.

use std::collections::BTreeMap;

use ledger_core::{
    AccountId, AccountUpdate, Amount, Event, Fact, GroupId, LedgerId, NewAccount, NewLedger,
    Sequence, Timestamp, Transfer, TransferAnswers, TransferFlags, TransferId, TransferOptions,
    TransferStatus, UpdateId,
};

use super::commands::{AccountSpec, ClockStep, MemoryStep, Request, Scenario};
use super::statuses::Seen;
use crate::books::Books;
use crate::core_books::CoreBooks;
use crate::model::World;

/// Both sets of books, and what they were asked so far.
pub struct Play<'a> {
    core: CoreBooks,
    pub model: World,
    pub now: Timestamp,
    pub accounts: Vec<NewAccount>,
    updates: Vec<AccountUpdate>,
    pub requests: Vec<Vec<Transfer>>,
    seen: &'a mut Seen,
}

impl<'a> Play<'a> {
    /// Plays a whole scenario.
    ///
    /// # Panics
    /// Where the two disagree, or something is broken that must always hold.
    pub fn whole(scenario: &Scenario, hash_seed: u64, seen: &'a mut Seen) {
        let mut play = Self {
            core: CoreBooks::new(hash_seed),
            model: World::default(),
            now: Timestamp::new(scenario.start),
            accounts: Vec::new(),
            updates: Vec::new(),
            requests: Vec::new(),
            seen,
        };
        play.accounts(&scenario.opening, false);
        if scenario.fills_a_group {
            play.fill_a_group();
        }
        for command in &scenario.commands {
            play.now = match command.clock {
                ClockStep::Forward(step) => Timestamp::new(play.now.get() + step),
                ClockStep::Back(step) => Timestamp::new(play.now.get().saturating_sub(step).max(1)),
            };
            play.request(&command.request);
        }
        play.check_the_end(hash_seed);
    }

    fn request(&mut self, request: &Request) {
        let digests = self.core.digests();
        let length = self.core.history().len();
        match request {
            Request::Ledgers(specs) => {
                let ledgers: Vec<NewLedger> = specs
                    .iter()
                    .map(|spec| NewLedger {
                        id: LedgerId::new(spec.id),
                        code: if spec.code == "long" {
                            "x".repeat(33)
                        } else {
                            spec.code.into()
                        }
                        .into(),
                        scale: spec.scale,
                    })
                    .collect();
                let answers = self.core.register_ledgers(self.now, &ledgers);
                assert_eq!(answers, self.model.register_ledgers(self.now, &ledgers));
                self.seen.ledgers.extend(answers);
            }
            Request::Accounts { specs, imported } => self.accounts(specs, *imported),
            Request::Updates(specs) => {
                let updates: Vec<AccountUpdate> = specs
                    .iter()
                    .map(|spec| match &spec.again {
                        Some(index) if !self.updates.is_empty() => index.get(&self.updates).clone(),
                        _ => AccountUpdate {
                            update_id: UpdateId::new(spec.update_id),
                            id: AccountId::new(spec.account),
                            overdraft_limit: spec.overdraft_limit.map(Amount::new),
                            balance_max: spec.balance_max.map(Amount::new),
                            name: spec.name.map(|name| {
                                if name == "long" {
                                    "x".repeat(256).into()
                                } else {
                                    name.into()
                                }
                            }),
                        },
                    })
                    .collect();
                let answers = self.core.update_accounts(self.now, &updates);
                assert_eq!(answers, self.model.update_accounts(self.now, &updates));
                self.seen
                    .updates
                    .extend(answers.iter().map(|answer| answer.status));
                self.updates.extend(updates);
            }
            Request::Transfers {
                specs,
                imported,
                dry_run,
                balances,
            } => {
                let mut transfers = Vec::new();
                for spec in specs {
                    let transfer = self.transfer(spec, *imported, &transfers);
                    transfers.push(transfer);
                }
                if let Some(last) = transfers.last_mut()
                    && specs.len() % 5 != 0
                {
                    last.flags = last.flags.without(TransferFlags::LINKED);
                }
                let options = TransferOptions {
                    dry_run: *dry_run,
                    return_balances: *balances,
                };
                self.transfers(transfers, options);
            }
            Request::Again { which, dry_run } => {
                if !self.requests.is_empty() {
                    let transfers = which.get(&self.requests).clone();
                    let options = TransferOptions {
                        dry_run: *dry_run,
                        ..TransferOptions::default()
                    };
                    self.transfers(transfers, options);
                }
            }
            Request::Expire(at_most) => {
                let released = self.core.expire_due(self.now, *at_most);
                assert_eq!(released, self.model.expire_due(self.now, *at_most));
            }
            Request::Memory(step) => return self.memory(*step),
        }
        self.check_step(length);
        if self.core.history().len() == length {
            assert_eq!(
                self.core.digests(),
                digests,
                "what records nothing changes nothing"
            );
        }
    }

    /// Changes what is in memory. Whatever follows is answered as before.
    fn memory(&mut self, step: MemoryStep) {
        let newest = self.core.state.sequence();
        let place = |part: u8| Sequence::new(newest.get() * u64::from(part) / 256);
        let digest = self.core.state.digest();
        match step {
            MemoryStep::Begin => self.core.state.begin_recent(),
            MemoryStep::Forget(part) => self.core.forget(place(part)),
            MemoryStep::Restored(part) => {
                let from = part.map_or(newest, place).next();
                self.core.start_from_records(from);
            }
            MemoryStep::Replayed(part) => self.core.start_from_events(place(part).next()),
        }
        assert_eq!(self.core.state.digest(), digest, "no record changes");
    }

    fn accounts(&mut self, specs: &[AccountSpec], imported: bool) {
        let accounts: Vec<NewAccount> = specs
            .iter()
            .map(|spec| self.account(spec, imported))
            .collect();
        let answers = self.core.create_accounts(self.now, &accounts);
        assert_eq!(
            answers,
            self.model.create_accounts(self.now, &accounts),
            "of {accounts:?}"
        );
        self.seen
            .accounts
            .extend(answers.iter().map(|answer| answer.status));
        self.accounts.extend(accounts);
    }

    fn transfers(&mut self, transfers: Vec<Transfer>, options: TransferOptions) {
        let length = self.core.history().len();
        let by_core = self
            .core
            .create_transfers_with(self.now, &transfers, options);
        let by_model = self
            .model
            .create_transfers(self.now, &transfers, options.dry_run);
        for (index, (core, model)) in by_core.answers.iter().zip(&by_model).enumerate() {
            assert_eq!(core, model, "{}", self.situation(index, &transfers));
        }
        assert_eq!(
            by_core.answers.len(),
            transfers.len(),
            "one answer a transfer"
        );
        if options.dry_run {
            assert_eq!(
                self.core.history().len(),
                length,
                "a dry run records nothing"
            );
        }
        let expired = by_core
            .answers
            .iter()
            .any(|answer| answer.status == TransferStatus::PendingTransferExpired);
        assert!(
            !expired || by_core.depends_on_time,
            "expired is an answer that depends on time"
        );
        self.check_balances(&transfers, &by_core, options, length);
        self.seen
            .transfers
            .extend(by_model.iter().map(|answer| answer.status));
        self.requests.push(transfers);
    }

    /// What the two disagree about.
    fn situation(&self, index: usize, transfers: &[Transfer]) -> String {
        let mut text = format!("of transfer {index} at {} of\n", self.now);
        for transfer in transfers {
            text += &format!("  {transfer:?}\n");
        }
        text += "after\n";
        for event in self.core.history().iter().rev().take(6).rev() {
            text += &format!("  {event:?}\n");
        }
        text + "by the model after\n"
            + &self
                .model
                .history
                .iter()
                .rev()
                .take(6)
                .rev()
                .fold(String::new(), |text, event| format!("{text}  {event:?}\n"))
    }

    /// The balances told with the answers are those that the events carry.
    fn check_balances(
        &self,
        transfers: &[Transfer],
        answers: &TransferAnswers,
        options: TransferOptions,
        length: usize,
    ) {
        if !options.return_balances {
            assert!(
                answers.balances.is_empty(),
                "balances only where they are asked for"
            );
            return;
        }
        assert_eq!(
            answers.balances.len(),
            transfers.len(),
            "one place a transfer"
        );
        for ((transfer, answer), balances) in transfers
            .iter()
            .zip(&answers.answers)
            .zip(&answers.balances)
        {
            match answer.status {
                TransferStatus::Created if options.dry_run => assert!(balances.is_some()),
                TransferStatus::Created => {
                    let created = created_with(&self.core.history()[length..], transfer.id)
                        .expect("what was created was recorded");
                    let balances = balances.expect("a created transfer has balances");
                    assert_eq!(balances.debit, created.debit_after);
                    assert_eq!(balances.credit, created.credit_after);
                    let accounts = (balances.debit_account_id, balances.credit_account_id);
                    let recorded = &created.transfer;
                    let expected = (recorded.debit_account_id, recorded.credit_account_id);
                    assert_eq!(accounts, expected);
                }
                TransferStatus::Exists if options.dry_run => {}
                TransferStatus::Exists => {
                    // As they were after it, not as they are now. A fence has none; what the chain
                    // of this transfer created before it broke is not recorded.
                    if let Some(created) = created_with(self.core.history(), transfer.id) {
                        let balances = balances.expect("a created transfer has balances");
                        assert_eq!(balances.debit, created.debit_after);
                        assert_eq!(balances.credit, created.credit_after);
                    }
                }
                status => assert!(balances.is_none(), "{status} has no balances"),
            }
        }
    }

    fn fill_a_group(&mut self) {
        let transfer = |id: u128| Transfer {
            id: TransferId::new(1_000 + id),
            debit_account_id: AccountId::new(1),
            credit_account_id: AccountId::new(2),
            group_id: GroupId::new(1),
            ledger: LedgerId::new(1),
            code: 1,
            flags: TransferFlags::PENDING,
            ..Transfer::default()
        };
        let transfers = (0..8192).map(transfer).collect();
        self.transfers(transfers, TransferOptions::default());
        // Retries are of small requests.
        self.requests.clear();
    }

    fn check_step(&self, length: usize) {
        self.core.assert_invariants();
        let recorded = &self.core.history()[length..];
        let by_model = &self.model.history[length.min(self.model.history.len())..];
        assert_eq!(recorded, by_model, "what was recorded");
        assert_eq!(
            self.core.accounts(),
            Books::accounts(&self.model),
            "how accounts stand"
        );
        assert_eq!(
            self.core.ledgers(),
            Books::ledgers(&self.model),
            "how ledgers stand"
        );
        if self.model.history.len() < 2_000 {
            let holds = self.model.open_holds();
            assert_eq!(self.core.open_holds(), holds, "what is reserved");
            let next = holds.iter().filter_map(|hold| hold.expires_at).min();
            assert_eq!(self.core.state.next_expiry(), next, "what expires next");
        }
    }

    fn check_the_end(&self, hash_seed: u64) {
        let replayed = self.core.replayed(!hash_seed);
        let digest = self.core.state.digest();
        assert_eq!(
            replayed.digest(),
            digest,
            "the recorded events give the same state"
        );
        assert_eq!(
            replayed.recent_digest(),
            self.core.state.recent_digest(),
            "the recorded events give the same ids"
        );
        assert_eq!(
            self.core.restored(hash_seed).digest(),
            digest,
            "the records of a state give the same state"
        );
        let standing = Books::accounts(&self.model)
            .into_iter()
            .map(|account| (account.id, account.totals))
            .collect::<BTreeMap<_, _>>();
        assert_eq!(
            self.model.totals_from_history(),
            standing,
            "totals are the sum of amounts"
        );
        assert_eq!(self.core.state.account_count(), standing.len());
        let created = self
            .core
            .history()
            .iter()
            .filter(|event| matches!(event.fact, Fact::TransferCreated(_)))
            .count();
        assert_eq!(
            usize::try_from(self.core.state.transfer_count()),
            Ok(created)
        );
        self.check_every_id();
    }

    /// Every id leads to the event that it stands for, and to the newest one that resolved or
    /// reversed it.
    fn check_every_id(&self) {
        let mut expected: BTreeMap<TransferId, (Sequence, bool, Sequence)> = BTreeMap::new();
        for event in self.core.history() {
            match &event.fact {
                Fact::TransferCreated(created) => {
                    let transfer = &created.transfer;
                    expected.entry(transfer.id).or_default().0 = event.sequence;
                    if !transfer.pending_id.is_zero() && created.hold.rest.is_zero() {
                        expected.entry(transfer.pending_id).or_default().2 = event.sequence;
                    }
                    if !transfer.reverses_id.is_zero() {
                        expected.entry(transfer.reverses_id).or_default().2 = event.sequence;
                    }
                }
                Fact::TransferExpired(expired) => {
                    expected.entry(expired.pending_id).or_default().2 = event.sequence;
                }
                Fact::TransferRejected(rejected) => {
                    expected.entry(rejected.id).or_default().0 = event.sequence;
                }
                Fact::TransferFenced(fence) => {
                    expected.entry(fence.id).or_default().0 = event.sequence;
                    let target = if fence.pending_id.is_zero() {
                        fence.reverses_id
                    } else {
                        fence.pending_id
                    };
                    expected.entry(target).or_default().1 = true;
                }
                _ => {}
            }
        }
        for (id, (sequence, fenced, act)) in expected {
            let found = self.core.state.find_transfer(&self.core.journal, id);
            let found = found
                .expect("a journal in memory can be read")
                .expect("it was used");
            assert_eq!(
                (found.sequence, found.fenced, found.act),
                (sequence, fenced, act)
            );
        }
    }
}

fn created_with(events: &[Event], id: TransferId) -> Option<&ledger_core::TransferCreated> {
    events.iter().find_map(|event| match &event.fact {
        Fact::TransferCreated(created) if created.transfer.id == id => Some(created),
        _ => None,
    })
}
