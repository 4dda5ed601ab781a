//! Playing a scenario on the ledger core and on the model side by side.

use std::collections::BTreeMap;

use ledger_core::{
    AccountFlags, AccountId, AccountUpdate, Amount, Event, Fact, GroupId, LedgerId, NewAccount,
    NewLedger, Sequence, Timestamp, Transfer, TransferAnswers, TransferFlags, TransferId,
    TransferOptions, TransferStatus, UpdateId,
};
use proptest::sample::Index;

use super::commands::{
    AccountChange, AccountSpec, ClockStep, Request, Scenario, Shape, Share, Stamp, Target,
    TransferChange, TransferSpec,
};
use super::statuses::Seen;
use crate::books::Books;
use crate::core_books::CoreBooks;
use crate::model::World;

/// Both sets of books, and what they were asked so far.
pub struct Play<'a> {
    core: CoreBooks,
    model: World,
    now: Timestamp,
    accounts: Vec<NewAccount>,
    updates: Vec<AccountUpdate>,
    requests: Vec<Vec<Transfer>>,
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
        let digest = self.core.state.digest();
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
        }
        self.check_step(length);
        if self.core.history().len() == length {
            assert_eq!(
                self.core.state.digest(),
                digest,
                "what records nothing changes nothing"
            );
        }
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

    // ---- From what was made up to what is asked.

    fn stamp(&self, stamp: Stamp, newest: Timestamp) -> Timestamp {
        Timestamp::new(match stamp {
            Stamp::Before(nanoseconds) => self.now.get().saturating_sub(nanoseconds),
            Stamp::After(nanoseconds) => self.now.get() + nanoseconds,
            Stamp::AfterNewest(nanoseconds) => newest.get() + nanoseconds,
            Stamp::BeforeNewestAccount(nanoseconds) => self
                .model
                .newest_account()
                .get()
                .saturating_sub(nanoseconds),
            Stamp::Exactly(stamp) => stamp,
        })
    }

    fn account(&self, spec: &AccountSpec, imported: bool) -> NewAccount {
        let mut account = match &spec.again {
            Some(index) if !self.accounts.is_empty() => index.get(&self.accounts).clone(),
            _ => {
                let mut flags = AccountFlags::from_bits(spec.flags);
                if spec.linked {
                    flags = flags.with(AccountFlags::LINKED);
                }
                let mut timestamp = Timestamp::ZERO;
                if imported {
                    flags = flags.with(AccountFlags::IMPORTED);
                    timestamp = self.stamp(spec.stamp, self.model.newest_account());
                }
                NewAccount {
                    id: AccountId::new(spec.id),
                    ledger: LedgerId::new(spec.ledger),
                    code: 1,
                    flags,
                    overdraft_limit: Amount::new(spec.overdraft_limit),
                    balance_max: Amount::new(spec.balance_max),
                    name: spec.name.into(),
                    timestamp,
                    ..NewAccount::default()
                }
            }
        };
        let one = Amount::new(1);
        match spec.change {
            None => {}
            Some(AccountChange::Id(id)) => account.id = AccountId::new(id),
            Some(AccountChange::Ledger(ledger)) => account.ledger = LedgerId::new(ledger),
            Some(AccountChange::Code(code)) => account.code = code,
            Some(AccountChange::Flags(bits)) => account.flags = AccountFlags::from_bits(bits),
            Some(AccountChange::UserData128(data)) => account.user_data_128 = data,
            Some(AccountChange::UserData64(data)) => account.user_data_64 = data,
            Some(AccountChange::UserData32(data)) => account.user_data_32 = data,
            Some(AccountChange::OverdraftLimit(amount)) => {
                account.overdraft_limit = Amount::new(amount);
            }
            Some(AccountChange::BalanceMax(amount)) => account.balance_max = Amount::new(amount),
            Some(AccountChange::LongName) => account.name = "x".repeat(256).into(),
            Some(AccountChange::Timestamp(stamp)) => account.timestamp = Timestamp::new(stamp),
            Some(AccountChange::Imported) => {
                account.flags = account.flags.with(AccountFlags::IMPORTED);
            }
            Some(AccountChange::DebitsPending) => account.totals.debits_pending = one,
            Some(AccountChange::DebitsPosted) => account.totals.debits_posted = one,
            Some(AccountChange::CreditsPending) => account.totals.credits_pending = one,
            Some(AccountChange::CreditsPosted) => account.totals.credits_posted = one,
        }
        account
    }

    /// `before` are the transfers that go before it in the same request.
    fn transfer(&self, spec: &TransferSpec, imported: bool, before: &[Transfer]) -> Transfer {
        let asked: Vec<&Transfer> = self.requests.iter().flatten().chain(before).collect();
        let mut transfer = match &spec.again {
            Some(index) if !asked.is_empty() => (*index.get(&asked)).clone(),
            _ => self.new_transfer(spec, imported, &asked),
        };
        for change in &spec.changes {
            apply(&mut transfer, *change);
        }
        transfer
    }

    fn find_target(
        &self,
        target: &Target,
        asked: &[&Transfer],
        suits: impl Fn(&&&Transfer) -> bool,
    ) -> TransferId {
        let newest = |was_created: bool| -> Vec<&Transfer> {
            let created = |id| !was_created || self.model.made(id).is_some();
            let wanted = asked.iter().rev().filter(|t| suits(t) && created(t.id));
            wanted.take(4).copied().collect()
        };
        let (index, from) = match target {
            Target::Created(index) => (index, newest(true)),
            Target::Suitable(index) => (index, newest(false)),
            Target::Any(index) => (index, asked.to_vec()),
            Target::Id(id) => return TransferId::new(*id),
        };
        if from.is_empty() {
            TransferId::new(1)
        } else {
            index.get(&from).id
        }
    }

    fn new_transfer(&self, spec: &TransferSpec, imported: bool, asked: &[&Transfer]) -> Transfer {
        let mut transfer = Transfer {
            id: TransferId::new(spec.id),
            amount: Amount::new(spec.amount),
            user_data_32: spec.user_data,
            reference: spec.reference.into(),
            ..Transfer::default()
        };
        let mut flags = TransferFlags::NONE;
        let accounts = |transfer: &mut Transfer| {
            transfer.debit_account_id = AccountId::new(spec.debit);
            transfer.credit_account_id = AccountId::new(spec.credit);
            let both_of_two = spec.debit == 6 || spec.credit == 6;
            transfer.ledger = LedgerId::new(if both_of_two { 2 } else { 1 });
            transfer.code = 1;
            transfer.group_id = GroupId::new(spec.group);
        };
        let is_pending = |transfer: &&&Transfer| transfer.flags.contains(TransferFlags::PENDING);
        match &spec.shape {
            Shape::Single => accounts(&mut transfer),
            Shape::Pending => {
                accounts(&mut transfer);
                transfer.timeout = spec.timeout;
                flags = TransferFlags::PENDING;
            }
            Shape::Post {
                target,
                keep_open,
                share,
            } => {
                transfer.pending_id = self.find_target(target, asked, is_pending);
                transfer.amount = share_of(*share, transfer.pending_id, asked, spec);
                flags = TransferFlags::POST_PENDING_TRANSFER;
                if *keep_open {
                    flags = flags.with(TransferFlags::KEEP_OPEN);
                }
            }
            Shape::Void { target, fence } => {
                transfer.pending_id = self.find_target(target, asked, is_pending);
                transfer.amount = Amount::new(if spec.amount.is_multiple_of(2) {
                    0
                } else {
                    spec.amount
                });
                flags = TransferFlags::VOID_PENDING_TRANSFER;
                if *fence {
                    flags = flags.with(TransferFlags::FENCE);
                    transfer.ledger = LedgerId::new(1);
                }
            }
            Shape::Reversal {
                target,
                fence,
                share,
            } => {
                transfer.reverses_id = self.find_target(target, asked, |t| !is_pending(t));
                transfer.amount = share_of(*share, transfer.reverses_id, asked, spec);
                transfer.code = 1;
                if *fence {
                    flags = TransferFlags::FENCE;
                    transfer.ledger = LedgerId::new(1);
                }
            }
            Shape::BalancingDebit { pending } => {
                accounts(&mut transfer);
                flags = TransferFlags::BALANCING_DEBIT;
                if *pending {
                    flags = flags.with(TransferFlags::PENDING);
                }
            }
            Shape::BalancingCredit { pending } => {
                accounts(&mut transfer);
                flags = TransferFlags::BALANCING_CREDIT;
                if *pending {
                    flags = flags.with(TransferFlags::PENDING);
                }
            }
            Shape::Closing { debit, credit } => {
                accounts(&mut transfer);
                transfer.timeout = spec.timeout;
                flags = TransferFlags::PENDING;
                if *debit {
                    flags = flags.with(TransferFlags::CLOSING_DEBIT);
                }
                if *credit {
                    flags = flags.with(TransferFlags::CLOSING_CREDIT);
                }
            }
        }
        if spec.linked {
            flags = flags.with(TransferFlags::LINKED);
        }
        if imported {
            flags = flags.with(TransferFlags::IMPORTED);
            transfer.timestamp = self.stamp(spec.stamp, self.model.newest_transfer());
            if spec.timeout < 3 {
                transfer.timeout = 0;
            }
        }
        transfer.flags = flags;
        transfer
    }
}

fn share_of(share: Share, target: TransferId, asked: &[&Transfer], spec: &TransferSpec) -> Amount {
    let target = asked.iter().find(|transfer| transfer.id == target);
    let whole = target.map_or(spec.amount, |target| target.amount.get());
    Amount::new(match share {
        Share::Any => spec.amount,
        Share::Half => whole / 2,
        Share::Whole => whole,
        Share::All => u128::MAX,
    })
}

fn created_with(events: &[Event], id: TransferId) -> Option<&ledger_core::TransferCreated> {
    events.iter().find_map(|event| match &event.fact {
        Fact::TransferCreated(created) if created.transfer.id == id => Some(created),
        _ => None,
    })
}

fn apply(transfer: &mut Transfer, change: TransferChange) {
    use TransferChange as C;
    match change {
        C::Id(id) => transfer.id = TransferId::new(id),
        C::Debit(id) => transfer.debit_account_id = AccountId::new(id),
        C::Credit(id) => transfer.credit_account_id = AccountId::new(id),
        C::Amount(amount) => transfer.amount = Amount::new(amount),
        C::PendingId(id) => transfer.pending_id = TransferId::new(id),
        C::ReversesId(id) => transfer.reverses_id = TransferId::new(id),
        C::PendingIdOwn => transfer.pending_id = transfer.id,
        C::ReversesIdOwn => transfer.reverses_id = transfer.id,
        C::Group(id) => transfer.group_id = GroupId::new(id),
        C::UserData128(data) => transfer.user_data_128 = data,
        C::UserData64(data) => transfer.user_data_64 = data,
        C::UserData32(data) => transfer.user_data_32 = data,
        C::LongReference => transfer.reference = "x".repeat(65).into(),
        C::Reference(reference) => transfer.reference = reference.into(),
        C::Timeout(seconds) => transfer.timeout = seconds,
        C::Ledger(ledger) => transfer.ledger = LedgerId::new(ledger),
        C::Code(code) => transfer.code = code,
        C::FlipFlags(bit) => {
            transfer.flags = TransferFlags::from_bits(transfer.flags.bits() ^ bit);
        }
        C::Timestamp(stamp) => transfer.timestamp = Timestamp::new(stamp),
    }
}
