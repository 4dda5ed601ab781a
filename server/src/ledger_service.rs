//! The calls of the ledger, each in a file of its own: check the shape, convert, ask, convert.

mod as_of;
mod create_accounts;
mod create_transfers;
mod fitting;
mod get_balances;
mod get_trial_balance;
mod list_accounts;
mod list_balances;
mod list_ledgers;
mod list_transfers;
mod lookup_accounts;
mod lookup_transfers;
mod paging;
mod register_ledgers;
mod update_accounts;

use std::sync::Arc;

use ledger_proto::{
    Refusal, TransferBatch, TransferBatchAnswer,
    v1::{self, server::ledger_service_server::LedgerService},
};
use tonic::{Request, Response, Status};

use crate::{context, desk::Desk};

/// Answers the calls of the ledger service.
pub(crate) struct LedgerCalls {
    desk: Arc<Desk>,
}

impl LedgerCalls {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl LedgerService for LedgerCalls {
    async fn register_ledgers(
        &self,
        request: Request<v1::RegisterLedgersRequest>,
    ) -> Result<Response<v1::RegisterLedgersResponse>, Status> {
        let context = context::of(request.metadata(), "").map_err(Refusal::from)?;
        let answer = register_ledgers::answer(&self.desk, request.into_inner(), context);
        Ok(Response::new(answer.await?))
    }

    async fn list_ledgers(
        &self,
        request: Request<v1::ListLedgersRequest>,
    ) -> Result<Response<v1::ListLedgersResponse>, Status> {
        let answer = list_ledgers::answer(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn create_accounts(
        &self,
        request: Request<v1::CreateAccountsRequest>,
    ) -> Result<Response<v1::CreateAccountsResponse>, Status> {
        let context = context::of(request.metadata(), "").map_err(Refusal::from)?;
        let answer = create_accounts::answer(&self.desk, request.into_inner(), context);
        Ok(Response::new(answer.await?))
    }

    async fn update_accounts(
        &self,
        request: Request<v1::UpdateAccountsRequest>,
    ) -> Result<Response<v1::UpdateAccountsResponse>, Status> {
        let context = context::of(request.metadata(), "").map_err(Refusal::from)?;
        let answer = update_accounts::answer(&self.desk, request.into_inner(), context);
        Ok(Response::new(answer.await?))
    }

    async fn create_transfers(
        &self,
        request: Request<TransferBatch>,
    ) -> Result<Response<TransferBatchAnswer>, Status> {
        let context =
            context::of(request.metadata(), &request.get_ref().origin).map_err(Refusal::from)?;
        let answer = create_transfers::answer(&self.desk, request.into_inner(), context);
        Ok(Response::new(answer.await?))
    }

    async fn lookup_accounts(
        &self,
        request: Request<v1::LookupAccountsRequest>,
    ) -> Result<Response<v1::LookupAccountsResponse>, Status> {
        let answer = lookup_accounts::answer(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn lookup_transfers(
        &self,
        request: Request<v1::LookupTransfersRequest>,
    ) -> Result<Response<v1::LookupTransfersResponse>, Status> {
        let answer = lookup_transfers::answer(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn list_accounts(
        &self,
        request: Request<v1::ListAccountsRequest>,
    ) -> Result<Response<v1::ListAccountsResponse>, Status> {
        let answer = list_accounts::answer(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn list_transfers(
        &self,
        request: Request<v1::ListTransfersRequest>,
    ) -> Result<Response<v1::ListTransfersResponse>, Status> {
        let answer = list_transfers::answer(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn list_balances(
        &self,
        request: Request<v1::ListBalancesRequest>,
    ) -> Result<Response<v1::ListBalancesResponse>, Status> {
        let answer = list_balances::answer(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn get_balances(
        &self,
        request: Request<v1::GetBalancesRequest>,
    ) -> Result<Response<v1::GetBalancesResponse>, Status> {
        let answer = get_balances::answer(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn get_trial_balance(
        &self,
        request: Request<v1::GetTrialBalanceRequest>,
    ) -> Result<Response<v1::GetTrialBalanceResponse>, Status> {
        let answer = get_trial_balance::answer(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }
}
