//! A server with a real engine on a loopback port, and what the tests ask it with.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test crate uses a part of it"
)]

mod disk;
mod raw;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use ledger_core::{AccountId, Amount, LedgerId, NewAccount, Timestamp, Transfer, TransferId};
use ledger_engine::{Config, Engine, OnPanic, OpenError, SimulatedClock};
use ledger_proto::{
    Explanation, FieldPath, Reason, TransferBatch, TransferBatchAnswer,
    v1::{
        self,
        client::{
            admin_service_client::AdminServiceClient, ledger_service_client::LedgerServiceClient,
        },
    },
};
use ledger_server::{Limits, ServeError, serve};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::sleep};
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};

pub use disk::SlowDisk;
pub use raw::Raw;

pub type Ledger = LedgerServiceClient<Channel>;
pub type Admin = AdminServiceClient<Channel>;

/// A server that runs.
pub struct Running {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<Result<(), ServeError>>,
    _folder: Option<TempDir>,
}

/// The configuration of an engine for tests, which share a process.
pub fn config() -> Config {
    Config {
        segment_bytes: 4 << 20,
        on_panic: OnPanic::Poison,
        ..Config::default()
    }
}

impl Running {
    /// A server on a data directory of its own.
    pub async fn start() -> Self {
        Self::start_with(Limits::default(), config()).await
    }

    pub async fn start_with(limits: Limits, config: Config) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config {
            data_dir: folder.path().join("data"),
            ..config
        };
        let mut running = Self::open(limits, move || Engine::open(config)).await;
        running._folder = Some(folder);
        running.until_started().await;
        running
    }

    /// A server whose disk and clock belong to the test.
    pub async fn start_on(
        limits: Limits,
        config: Config,
        disk: Arc<SlowDisk>,
        clock: Arc<SimulatedClock>,
    ) -> Self {
        let running = Self::open(limits, move || Engine::open_with(config, disk, clock)).await;
        running.until_started().await;
        running
    }

    /// A server that has not started.
    pub async fn open(
        limits: Limits,
        open: impl FnOnce() -> Result<Engine, OpenError> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(limits, listener, open, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop: Some(stop),
            served,
            _folder: None,
        }
    }

    pub async fn until_started(&self) {
        let mut admin = self.admin().await;
        while admin.get_status(v1::GetStatusRequest {}).await.is_err() {
            sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::from_shared(format!("http://{}", self.address)).expect("a URL")
    }

    pub async fn channel(&self) -> Channel {
        self.endpoint().connect().await.expect("a connection")
    }

    pub async fn ledger(&self) -> Ledger {
        Ledger::new(self.channel().await)
    }

    pub async fn admin(&self) -> Admin {
        Admin::new(self.channel().await)
    }

    pub async fn raw(&self) -> Raw {
        Raw::new(self.channel().await)
    }

    /// Asks the server to end.
    pub fn begin_stop(&mut self) {
        let _ = self.stop.take().expect("stopped once").send(());
    }

    /// Waits until it has ended.
    pub async fn ended(self) -> Result<(), ServeError> {
        self.served.await.expect("serving does not panic")
    }

    pub async fn stop(mut self) {
        self.begin_stop();
        self.ended().await.expect("ended cleanly");
    }
}

pub fn clock() -> Arc<SimulatedClock> {
    Arc::new(SimulatedClock::new(Timestamp::new(
        1_800_000_000_000_000_000,
    )))
}

pub fn account(id: u128) -> NewAccount {
    NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    }
}

pub fn transfer(id: u128, debit: u128, credit: u128, amount: u128) -> Transfer {
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

pub fn batch(transfers: Vec<Transfer>) -> TransferBatch {
    TransferBatch {
        transfers,
        ..TransferBatch::default()
    }
}

pub fn wire_ids(ids: &[u128]) -> Vec<v1::Uint128> {
    ids.iter().copied().map(Into::into).collect()
}

pub fn ids(wire: &[v1::Uint128]) -> Vec<u128> {
    wire.iter().copied().map(Into::into).collect()
}

/// Creates accounts 1 … `count`, which must be new.
pub async fn create_accounts(ledger: &mut Ledger, count: u128) {
    let accounts: Vec<_> = (1..=count).map(account).collect();
    create(ledger, &accounts).await;
}

/// Creates accounts, which must be new.
pub async fn create(ledger: &mut Ledger, accounts: &[NewAccount]) {
    let request = v1::CreateAccountsRequest {
        accounts: accounts.iter().map(Into::into).collect(),
    };
    let answer = ledger
        .create_accounts(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(answer.results.len(), accounts.len());
    for result in answer.results {
        assert_eq!(result.status(), v1::AccountStatus::Created);
    }
}

/// The statuses of transfers, by name.
pub fn statuses(answer: &TransferBatchAnswer) -> Vec<&'static str> {
    answer
        .results
        .iter()
        .map(|result| result.status.name())
        .collect()
}

/// Checks an error of the server: its code, its reason, and that it says that nothing was applied.
pub fn assert_refused(status: &Status, code: Code, reason: Reason) -> Explanation {
    assert_eq!(status.code(), code, "{status:?}");
    let explanation =
        Explanation::of(status).unwrap_or_else(|| panic!("not explained: {status:?}"));
    assert_eq!(explanation.reason, Some(reason), "{status:?}");
    assert!(explanation.nothing_applied, "{status:?}");
    explanation
}

/// Checks that a request is refused as invalid because of the field `at`.
pub fn assert_invalid(status: &Status, at: &str) {
    let explanation = assert_refused(status, Code::InvalidArgument, Reason::InvalidRequest);
    let fields: Vec<_> = explanation
        .fields
        .iter()
        .map(|(field, _)| &**field)
        .collect();
    assert_eq!(fields, [at], "{status:?}");
}

pub fn at(field: &'static str) -> FieldPath {
    FieldPath::of(field)
}

/// A page token that somebody else made, with the check that belongs to it.
pub fn checked(page_token: &str) -> String {
    const CHECK_DIGITS: usize = 16;
    let digits = &page_token[..page_token.len() - CHECK_DIGITS];
    let check = digits.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{digits}{check:016x}")
}
