//! Creates the accounts of a run.

use std::sync::atomic::{AtomicU64, Ordering};

use ledger_client::Client;
use ledger_core::{AccountStatus, NewAccount};

use crate::{BenchError, BenchOptions, Generator};

/// Creates the accounts of a run; those of an earlier run with the same seed are as good.
pub(crate) async fn create(
    client: &Client,
    generator: &Generator,
    total: u64,
    done: &AtomicU64,
) -> Result<(), BenchError> {
    let batch = BenchOptions::BATCH_MAX as u64;
    let mut first = 0;
    while first < total {
        let end = total.min(first + batch);
        let accounts: Vec<NewAccount> =
            (first..end).map(|index| generator.account(index)).collect();
        for answer in client.create_accounts(&accounts).await?.value {
            if !matches!(
                answer.status,
                AccountStatus::Created | AccountStatus::Exists
            ) {
                return Err(BenchError::Account {
                    status: answer.status,
                });
            }
        }
        done.store(end, Ordering::Relaxed);
        first = end;
    }
    Ok(())
}
