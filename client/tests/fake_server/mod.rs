//! A server of a few lines that does as it is told: what the client sends is kept, and what it is
//! answered is scripted.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use ledger_core::{Amount, Sequence, Timestamp, TransferStatus};
use ledger_proto::v1::server::ledger_service_server::{LedgerService, LedgerServiceServer};
use ledger_proto::{Receipt, TransferBatch, TransferBatchAnswer, TransferResult, v1};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

/// What the server does with one request to create transfers.
pub(crate) enum Act {
    /// Creates them all.
    Create,
    /// Creates them all, and answers as of this sequence and epoch.
    CreateAsOf(u64, u128),
    /// Refuses.
    Refuse(Status),
    /// Never answers.
    Hang,
    /// Answers with one result too few.
    Forget,
}

/// What the server was sent and what it is to do; when nothing is left it creates.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) acts: Mutex<VecDeque<Act>>,
    pub(crate) batches: Mutex<Vec<TransferBatch>>,
    pub(crate) traceparents: Mutex<Vec<Option<String>>>,
    pub(crate) sequence: Mutex<u64>,
    pub(crate) lookups: Mutex<Vec<usize>>,
}

impl Script {
    pub(crate) fn of(acts: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Arc::new(Self {
            acts: Mutex::new(acts.into_iter().collect()),
            ..Self::default()
        })
    }

    /// The ids of each request so far.
    pub(crate) fn ids(&self) -> Vec<Vec<u128>> {
        let batches = self.batches.lock().unwrap();
        batches
            .iter()
            .map(|it| it.transfers.iter().map(|it| it.id.get()).collect())
            .collect()
    }
}

/// An address of this machine with a port that is free.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A server that runs until it is dropped.
pub(crate) struct FakeServer {
    pub(crate) address: SocketAddr,
    /// Its own, so that its connections end with it.
    runtime: Option<Runtime>,
}

impl FakeServer {
    pub(crate) async fn start(script: &Arc<Script>) -> Self {
        Self::start_at(script, ANY_PORT).await
    }

    pub(crate) async fn start_at(script: &Arc<Script>, address: SocketAddr) -> Self {
        Self::start_as(script, address, Server::builder()).await
    }

    pub(crate) async fn start_as(
        script: &Arc<Script>,
        address: SocketAddr,
        mut server: Server,
    ) -> Self {
        let service = LedgerServiceServer::new(Fake(Arc::clone(script)));
        let threads = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = threads.expect("a thread for the server");
        let (bound, listening) = tokio::sync::oneshot::channel();
        runtime.spawn(async move {
            let listener = TcpListener::bind(address).await.expect("a free port");
            let address = listener.local_addr().expect("a bound port");
            bound.send(address).expect("somebody waits for the server");
            let connections = TcpListenerStream::new(listener);
            let server = server.add_service(service);
            server
                .serve_with_incoming(connections)
                .await
                .expect("the server runs");
        });
        let address = listening.await.expect("the server starts");
        Self {
            address,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for FakeServer {
    /// Breaks all connections and frees the port.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct Fake(Arc<Script>);

fn receipt(sequence: u64, epoch: u128) -> Receipt {
    Receipt {
        epoch,
        sequence: Sequence::new(sequence),
        time: Timestamp::new(1_000 + sequence),
        frame_hash: [7; 32],
    }
}

#[tonic::async_trait]
impl LedgerService for Fake {
    async fn create_transfers(
        &self,
        request: Request<TransferBatch>,
    ) -> Result<Response<TransferBatchAnswer>, Status> {
        let traceparent = request.metadata().get("traceparent");
        let traceparent = traceparent.map(|it| it.to_str().unwrap().to_owned());
        let batch = request.into_inner();
        let mut results: Vec<TransferResult> = batch
            .transfers
            .iter()
            .map(|transfer| TransferResult {
                status: TransferStatus::Created,
                timestamp: Timestamp::new(1_000),
                // As of a balancing transfer: what moved is not what was asked.
                amount: transfer.amount.is_max().then_some(Amount::new(7)),
                original_status: None,
            })
            .collect();
        let count = batch.transfers.len() as u64;
        self.0.batches.lock().unwrap().push(batch);
        self.0.traceparents.lock().unwrap().push(traceparent);
        let act = self
            .0
            .acts
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Act::Create);
        let sequence = {
            let mut sequence = self.0.sequence.lock().unwrap();
            *sequence += count;
            *sequence
        };
        let receipt = match act {
            Act::Create => receipt(sequence, 1),
            Act::CreateAsOf(sequence, epoch) => receipt(sequence, epoch),
            Act::Refuse(status) => return Err(status),
            Act::Hang => std::future::pending().await,
            Act::Forget => {
                results.pop();
                receipt(sequence, 1)
            }
        };
        Ok(Response::new(TransferBatchAnswer {
            receipt,
            results,
            balances: Vec::new(),
        }))
    }

    /// Knows every account, and speaks of two at a time.
    async fn lookup_accounts(
        &self,
        request: Request<v1::LookupAccountsRequest>,
    ) -> Result<Response<v1::LookupAccountsResponse>, Status> {
        let ids = request.into_inner().ids;
        self.0.lookups.lock().unwrap().push(ids.len());
        let answered = ids.len().min(2);
        let accounts = ids[..answered].iter().map(|&id| v1::Account {
            id: Some(id),
            ledger: 1,
            code: 1,
            ..v1::Account::default()
        });
        Ok(Response::new(v1::LookupAccountsResponse {
            receipt: Some((&receipt(1, 1)).into()),
            accounts: accounts.collect(),
            missing: Vec::new(),
            answered: answered as u32,
        }))
    }

    /// Three pages, all as of the sequence of the first.
    async fn get_trial_balance(
        &self,
        request: Request<v1::GetTrialBalanceRequest>,
    ) -> Result<Response<v1::GetTrialBalanceResponse>, Status> {
        let page: u64 = request.into_inner().page_token.parse().unwrap_or(0);
        let row = v1::TrialBalanceRow {
            account_id: Some(u128::from(page + 1).into()),
            ledger: 1,
            code: 1,
            ..Default::default()
        };
        Ok(Response::new(v1::GetTrialBalanceResponse {
            receipt: Some((&receipt(1, 1)).into()),
            // The second page ends early, with nothing on it.
            rows: if page == 1 { Vec::new() } else { vec![row] },
            proofs: Vec::new(),
            next_page_token: if page == 2 {
                String::new()
            } else {
                (page + 1).to_string()
            },
        }))
    }

    async fn register_ledgers(
        &self,
        _: Request<v1::RegisterLedgersRequest>,
    ) -> Result<Response<v1::RegisterLedgersResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn list_ledgers(
        &self,
        _: Request<v1::ListLedgersRequest>,
    ) -> Result<Response<v1::ListLedgersResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn create_accounts(
        &self,
        _: Request<v1::CreateAccountsRequest>,
    ) -> Result<Response<v1::CreateAccountsResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn update_accounts(
        &self,
        _: Request<v1::UpdateAccountsRequest>,
    ) -> Result<Response<v1::UpdateAccountsResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn lookup_transfers(
        &self,
        _: Request<v1::LookupTransfersRequest>,
    ) -> Result<Response<v1::LookupTransfersResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn get_balances(
        &self,
        _: Request<v1::GetBalancesRequest>,
    ) -> Result<Response<v1::GetBalancesResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn list_accounts(
        &self,
        _: Request<v1::ListAccountsRequest>,
    ) -> Result<Response<v1::ListAccountsResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn list_transfers(
        &self,
        _: Request<v1::ListTransfersRequest>,
    ) -> Result<Response<v1::ListTransfersResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }

    async fn list_balances(
        &self,
        _: Request<v1::ListBalancesRequest>,
    ) -> Result<Response<v1::ListBalancesResponse>, Status> {
        Err(Status::unimplemented("not played"))
    }
}
