//! What operators ask, each call in a file of its own.

mod backup;
mod snapshots;
mod status;
mod verify;

use std::sync::Arc;

use ledger_proto::{
    Refusal,
    v1::{self, server::admin_service_server::AdminService},
};
use tonic::{Request, Response, Status};

use crate::{desk::Desk, streaming::Messages};

/// Answers the calls of the admin service.
pub(crate) struct AdminCalls {
    desk: Arc<Desk>,
}

impl AdminCalls {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl AdminService for AdminCalls {
    type BackupStream = Messages<v1::BackupResponse>;
    type VerifyStream = Messages<v1::VerifyResponse>;

    async fn get_status(
        &self,
        _request: Request<v1::GetStatusRequest>,
    ) -> Result<Response<v1::GetStatusResponse>, Status> {
        // An operator wants to know above all when the server does not answer other calls.
        let engine = self.desk.opened().ok_or(Refusal::Starting)?;
        Ok(Response::new(status::answer(&self.desk, engine)))
    }

    async fn create_snapshot(
        &self,
        request: Request<v1::CreateSnapshotRequest>,
    ) -> Result<Response<v1::CreateSnapshotResponse>, Status> {
        let answer = snapshots::create(&self.desk, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn list_snapshots(
        &self,
        _request: Request<v1::ListSnapshotsRequest>,
    ) -> Result<Response<v1::ListSnapshotsResponse>, Status> {
        let answer = snapshots::list(&self.desk);
        Ok(Response::new(answer.await?))
    }

    async fn backup(
        &self,
        request: Request<v1::BackupRequest>,
    ) -> Result<Response<Self::BackupStream>, Status> {
        Ok(Response::new(backup::answer(
            &self.desk,
            request.into_inner(),
        )?))
    }

    async fn verify(
        &self,
        request: Request<v1::VerifyRequest>,
    ) -> Result<Response<Self::VerifyStream>, Status> {
        Ok(Response::new(verify::answer(
            &self.desk,
            request.get_ref(),
        )?))
    }
}
