//! What every call of the client has in common: the way to the server and back, and the receipt.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use ledger_proto::{Malformed, Receipt, v1};
use prost::Message;

use crate::exchange::framed;
use crate::failure::unreadable;
use crate::pool::Pool;
use crate::receipt::NewestReceipt;
use crate::retry::TimeLimit;
use crate::server::Server;
use crate::streaming::Messages;
use crate::{Answer, ClientError, ClientOptions};

/// The way to the server, shared by all clones of a client.
#[derive(Debug)]
pub(crate) struct Calls {
    pool: Pool,
    newest: NewestReceipt,
}

/// What was known of the database when a call began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known(Option<Receipt>);

impl Calls {
    pub(crate) fn lazy(options: &ClientOptions) -> Result<Self, ClientError> {
        let pool = Pool::lazy(Server::new(options)?, options.connections);
        Ok(Self {
            pool,
            newest: NewestReceipt::new(options.known_receipt),
        })
    }

    pub(crate) async fn connect(options: &ClientOptions) -> Result<Self, ClientError> {
        let pool = Pool::connect(Server::new(options)?, options.connections).await?;
        Ok(Self {
            pool,
            newest: NewestReceipt::new(options.known_receipt),
        })
    }

    /// The newest receipt of all answers.
    pub(crate) fn newest(&self) -> Option<Receipt> {
        self.newest.get()
    }

    /// To be asked for before a call is made.
    pub(crate) fn known(&self) -> Known {
        Known(self.newest.get())
    }

    /// An answer that came to a call.
    pub(crate) fn answer<T>(&self, known: Known, receipt: Receipt, value: T) -> Answer<T> {
        Answer {
            receipt,
            value,
            contradiction: self.newest.observe(known.0, receipt),
        }
    }

    /// An answer about the past that came to a call: older than what is known, which is what was
    /// asked for. Only another line of history contradicts what is known.
    pub(crate) fn answer_of_past<T>(&self, known: Known, receipt: Receipt, value: T) -> Answer<T> {
        Answer {
            receipt,
            value,
            contradiction: NewestReceipt::compare_epochs(known.0, receipt),
        }
    }

    /// A page that came to a call. Every page but the first is as old as the first.
    pub(crate) fn page<T>(
        &self,
        known: Known,
        receipt: Receipt,
        value: T,
        is_first: bool,
    ) -> Answer<T> {
        match is_first {
            true => self.answer(known, receipt, value),
            false => self.answer_of_past(known, receipt, value),
        }
    }

    /// Sends a framed message and gives the bytes of the answer.
    pub(crate) async fn send(
        &self,
        limit: TimeLimit,
        path: &'static str,
        metadata: &HeaderMap,
        message: Bytes,
    ) -> Result<Bytes, ClientError> {
        self.pool.call(limit, path, metadata, message).await
    }

    /// Makes a call of generated messages.
    pub(crate) async fn call<Q: Method>(
        &self,
        deadline: Duration,
        request: &Q,
    ) -> Result<Q::Answer, ClientError> {
        self.call_until(TimeLimit::from_now(deadline), request)
            .await
    }

    /// Makes a call that is answered by many messages. The deadline is for the beginning of the
    /// answer, and then for each message.
    pub(crate) async fn stream<Q: Method>(
        &self,
        deadline: Duration,
        request: &Q,
    ) -> Result<Messages<Q::Answer>, ClientError> {
        let limit = TimeLimit::from_now(deadline);
        let incoming = self.pool.stream(limit, Q::PATH, message(request)).await?;
        Ok(Messages::new(incoming, deadline))
    }

    /// Makes one of several calls that share a time limit.
    pub(crate) async fn call_until<Q: Method>(
        &self,
        limit: TimeLimit,
        request: &Q,
    ) -> Result<Q::Answer, ClientError> {
        let answer = self
            .send(limit, Q::PATH, &HeaderMap::new(), message(request))
            .await?;
        Q::Answer::decode(answer)
            .map_err(|error| unreadable("the answer is not the message that it should be", error))
    }
}

fn message(request: &impl Message) -> Bytes {
    framed(request.encoded_len(), |bytes| {
        request.encode(bytes).expect("a buffer that grows has room");
    })
}

/// An answer that came, and breaks the contract.
pub(crate) fn malformed(error: Malformed) -> ClientError {
    unreadable("the answer cannot be understood", error)
}

/// The receipt of an answer.
pub(crate) fn receipt(wire: Option<v1::Receipt>) -> Result<Receipt, ClientError> {
    Receipt::read(wire).map_err(malformed)
}

/// Holds the server to one result for each event.
pub(crate) fn one_each<T>(asked: usize, results: &[T]) -> Result<(), ClientError> {
    if results.len() == asked {
        return Ok(());
    }
    let told = results.len();
    Err(unreadable(
        "the answer cannot be understood",
        WrongCount { asked, told },
    ))
}

/// The server answered more or fewer things than it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{told} results for {asked} events")]
struct WrongCount {
    asked: usize,
    told: usize,
}

/// A request of generated messages, and where it goes.
pub(crate) trait Method: Message {
    /// What is answered.
    type Answer: Message + Default;
    /// The service and method.
    const PATH: &'static str;
}

/// The path of `CreateTransfers`, whose messages have codecs of their own.
pub(crate) const CREATE_TRANSFERS: &str = "/pacioli.v1.LedgerService/CreateTransfers";

macro_rules! methods {
    ($($service:literal / $method:literal: $request:ident => $answer:ident;)*) => {
        $(impl Method for v1::$request {
            type Answer = v1::$answer;
            const PATH: &'static str = concat!("/pacioli.v1.", $service, "/", $method);
        })*
    };
}

methods! {
    "LedgerService" / "RegisterLedgers": RegisterLedgersRequest => RegisterLedgersResponse;
    "LedgerService" / "ListLedgers": ListLedgersRequest => ListLedgersResponse;
    "LedgerService" / "CreateAccounts": CreateAccountsRequest => CreateAccountsResponse;
    "LedgerService" / "UpdateAccounts": UpdateAccountsRequest => UpdateAccountsResponse;
    "LedgerService" / "LookupAccounts": LookupAccountsRequest => LookupAccountsResponse;
    "LedgerService" / "LookupTransfers": LookupTransfersRequest => LookupTransfersResponse;
    "LedgerService" / "ListAccounts": ListAccountsRequest => ListAccountsResponse;
    "LedgerService" / "ListTransfers": ListTransfersRequest => ListTransfersResponse;
    "LedgerService" / "ListBalances": ListBalancesRequest => ListBalancesResponse;
    "LedgerService" / "GetBalances": GetBalancesRequest => GetBalancesResponse;
    "LedgerService" / "GetTrialBalance": GetTrialBalanceRequest => GetTrialBalanceResponse;
    "AdminService" / "GetStatus": GetStatusRequest => GetStatusResponse;
    "AdminService" / "CreateSnapshot": CreateSnapshotRequest => CreateSnapshotResponse;
    "AdminService" / "ListSnapshots": ListSnapshotsRequest => ListSnapshotsResponse;
    "AdminService" / "Backup": BackupRequest => BackupResponse;
    "AdminService" / "Verify": VerifyRequest => VerifyResponse;
}
