//! Somebody who asks the engine and waits for the answers.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ledger_core::{
    AccountAnswer, AccountFlags, AccountId, AccountStatus, Amount, LedgerId, NewAccount, Sequence,
    Timestamp, Totals, Transfer, TransferAnswer, TransferAnswers, TransferFlags, TransferId,
    TransferOptions, TransferStatus,
};
use ledger_engine::journal::Preparation;
use ledger_engine::vfs::{MemoryVfs, Vfs};
use ledger_engine::{
    Body, Command, Config, Context, Engine, Failure, OnPanic, OpenError, Refused, Reply, Request,
    SimulatedClock,
};

/// A moment in 2027.
pub(crate) const START: Timestamp = Timestamp::new(1_800_000_000_000_000_000);

/// How long a test waits for an answer before it says that there is none.
const PATIENCE: Duration = Duration::from_secs(20);

/// A small engine: no directory, small segments, space made by whoever needs it.
pub(crate) fn config() -> Config {
    Config {
        segment_bytes: 128 << 10,
        directory_names_max: 0,
        on_panic: OnPanic::Poison,
        preparation: Preparation::Inline,
        ..Config::new("/data")
    }
}

pub(crate) fn clock() -> Arc<SimulatedClock> {
    Arc::new(SimulatedClock::new(START))
}

/// A moment so many seconds after [`START`].
pub(crate) fn after(seconds: u64) -> Timestamp {
    Timestamp::new(START.get() + seconds * 1_000_000_000)
}

pub(crate) struct Teller {
    pub(crate) engine: Engine,
}

impl Teller {
    pub(crate) fn open(vfs: &MemoryVfs, clock: &Arc<SimulatedClock>) -> Self {
        Self::try_open(config(), vfs, clock).expect("the engine opens")
    }

    pub(crate) fn open_as(config: Config, vfs: &MemoryVfs, clock: &Arc<SimulatedClock>) -> Self {
        Self::try_open(config, vfs, clock).expect("the engine opens")
    }

    pub(crate) fn try_open(
        config: Config,
        vfs: &MemoryVfs,
        clock: &Arc<SimulatedClock>,
    ) -> Result<Self, OpenError> {
        Self::try_open_on(config, Arc::new(vfs.clone()), clock)
    }

    pub(crate) fn try_open_on(
        config: Config,
        vfs: Arc<dyn Vfs>,
        clock: &Arc<SimulatedClock>,
    ) -> Result<Self, OpenError> {
        let clock: Arc<SimulatedClock> = Arc::clone(clock);
        Ok(Self {
            engine: Engine::open_with(config, vfs, clock)?,
        })
    }

    /// Asks without waiting.
    pub(crate) fn start(
        &self,
        command: Command,
    ) -> Result<Receiver<Result<Reply, Failure>>, Refused> {
        self.start_weighing(command, 100)
    }

    pub(crate) fn start_weighing(
        &self,
        command: Command,
        weight_bytes: usize,
    ) -> Result<Receiver<Result<Reply, Failure>>, Refused> {
        let (send, receive) = channel();
        let request = Request {
            command,
            context: Context::default(),
            weight_bytes,
        };
        self.engine.submit(request, move |reply| {
            // The test may have stopped waiting.
            drop(send.send(reply));
        })?;
        Ok(receive)
    }

    pub(crate) fn ask(&self, command: Command) -> Result<Reply, Failure> {
        wait(&self.start(command).expect("the request is admitted"))
    }

    pub(crate) fn create_accounts(&self, accounts: Vec<NewAccount>) -> Vec<AccountAnswer> {
        match self
            .ask(Command::CreateAccounts(accounts))
            .expect("an answer")
            .body
        {
            Body::Accounts(answers) => answers,
            other => panic!("not an answer to accounts: {other:?}"),
        }
    }

    /// Creates accounts 1 to `count` in ledger 1.
    pub(crate) fn open_accounts(&self, count: u128) {
        let answers = self.create_accounts((1..=count).map(account).collect());
        assert!(
            answers
                .iter()
                .all(|answer| answer.status == AccountStatus::Created)
        );
    }

    pub(crate) fn create_transfers(&self, transfers: Vec<Transfer>) -> TransferAnswers {
        transfer_answers(self.ask(create(transfers)))
    }

    pub(crate) fn create_transfer(&self, transfer: Transfer) -> TransferAnswer {
        self.create_transfers(vec![transfer]).answers[0]
    }

    pub(crate) fn status_of(&self, transfer: Transfer) -> TransferStatus {
        self.create_transfer(transfer).status
    }

    pub(crate) fn totals(&self, id: u128) -> Totals {
        match self
            .ask(Command::GetBalances(vec![AccountId::new(id)]))
            .expect("an answer")
            .body
        {
            Body::AccountsFound { found, .. } => found[0].totals,
            other => panic!("not an answer to balances: {other:?}"),
        }
    }

    pub(crate) fn named(&self, id: u128) -> Sequence {
        match self
            .ask(Command::LookupAccounts(vec![AccountId::new(id)]))
            .expect("an answer")
            .body
        {
            Body::AccountsFound { found, .. } => found[0].named,
            other => panic!("not an answer to a lookup: {other:?}"),
        }
    }
}

pub(crate) fn wait(reply: &Receiver<Result<Reply, Failure>>) -> Result<Reply, Failure> {
    reply
        .recv_timeout(PATIENCE)
        .expect("every admitted request is answered")
}

pub(crate) fn transfer_answers(reply: Result<Reply, Failure>) -> TransferAnswers {
    match reply.expect("an answer").body {
        Body::Transfers(answers) => answers,
        other => panic!("not an answer to transfers: {other:?}"),
    }
}

pub(crate) fn create(transfers: Vec<Transfer>) -> Command {
    Command::CreateTransfers {
        transfers,
        options: TransferOptions::default(),
        deadline: Timestamp::ZERO,
    }
}

pub(crate) fn account(id: u128) -> NewAccount {
    NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        flags: AccountFlags::NONE,
        ..NewAccount::default()
    }
}

pub(crate) fn named_account(id: u128, name: &str) -> NewAccount {
    NewAccount {
        name: name.into(),
        ..account(id)
    }
}

/// A transfer of `amount` from account 1 to account 2.
pub(crate) fn transfer(id: u128, amount: u128) -> Transfer {
    transfer_between(id, 1, 2, amount)
}

pub(crate) fn transfer_between(id: u128, debit: u128, credit: u128, amount: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        debit_account_id: AccountId::new(debit),
        credit_account_id: AccountId::new(credit),
        amount: Amount::new(amount),
        ledger: LedgerId::new(1),
        code: 1,
        ..Transfer::default()
    }
}

/// A reservation from account 1 to account 2.
pub(crate) fn hold(id: u128, amount: u128, timeout: u32) -> Transfer {
    Transfer {
        timeout,
        flags: TransferFlags::PENDING,
        ..transfer(id, amount)
    }
}

/// A post of all that is left of a reservation.
pub(crate) fn post(id: u128, pending_id: u128) -> Transfer {
    Transfer {
        id: TransferId::new(id),
        pending_id: TransferId::new(pending_id),
        amount: Amount::MAX,
        flags: TransferFlags::POST_PENDING_TRANSFER,
        ..Transfer::default()
    }
}

/// Waits until `condition` holds, for what happens by itself.
pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
