//! Posting a set of books: ledgers, then accounts, then transactions in their order.
//!
//! Every step is idempotent, because all ids follow from the books. So there is nothing to resume
//! and nothing to remember: an import that was cut off is run again and does what is missing.

use indicatif::ProgressBar;
use ledger_client::{Client, CreateOptions};
use ledger_core::{
    AccountStatus, LedgerStatus, NewAccount, NewLedger, Transfer, TransferAnswer, TransferStatus,
};

use crate::books::plan::{CHAIN_TRANSFERS_MAX, Chain, KnownLedger, plan};
use crate::books::transaction::Transaction;
use crate::command_error::CommandError;

/// The most accounts or ledgers in one request.
const REQUEST_EVENTS_MAX: usize = 4096;

/// What an import did, and what had been done before.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Imported {
    /// Ledgers that were registered now.
    pub(crate) ledgers_new: usize,
    /// Accounts of the books.
    pub(crate) accounts: usize,
    /// Accounts that were created now.
    pub(crate) accounts_new: usize,
    /// Transactions that move something.
    pub(crate) transactions: usize,
    /// Transactions that were posted now.
    pub(crate) transactions_new: usize,
    /// Transfers that all transactions come to.
    pub(crate) transfers: usize,
    /// Transactions with a difference that went through `Equity:Conversions`.
    pub(crate) conversions: usize,
}

/// Posts `transactions`, about `batch` transfers a request.
pub(crate) async fn import(
    client: &Client,
    transactions: &[Transaction],
    batch: usize,
    progress: &ProgressBar,
) -> Result<Imported, CommandError> {
    let known = known_ledgers(client).await?;
    let plan = plan(transactions, &known)?;
    let mut imported = Imported {
        ledgers_new: plan.ledgers.len(),
        accounts: plan.accounts.len(),
        transactions: plan.chains.len(),
        transfers: plan.chains.iter().map(|chain| chain.transfers.len()).sum(),
        conversions: plan.conversions,
        ..Imported::default()
    };
    for ledgers in plan.ledgers.chunks(REQUEST_EVENTS_MAX) {
        register(client, ledgers).await?;
    }
    for accounts in plan.accounts.chunks(REQUEST_EVENTS_MAX) {
        imported.accounts_new += create(client, accounts).await?;
    }
    progress.set_length(imported.transactions as u64);
    for chains in batches(plan.chains, batch) {
        imported.transactions_new += post(client, &chains).await?;
        progress.inc(chains.len() as u64);
    }
    progress.finish_and_clear();
    Ok(imported)
}

async fn known_ledgers(client: &Client) -> Result<Vec<KnownLedger>, CommandError> {
    let entries = client.list_ledgers().await?.value;
    let known = entries.into_iter().map(|entry| KnownLedger {
        id: entry.id,
        code: entry.code,
        scale: entry.scale,
    });
    Ok(known.collect())
}

async fn register(client: &Client, ledgers: &[NewLedger]) -> Result<(), CommandError> {
    let statuses = client.register_ledgers(ledgers).await?.value;
    for (ledger, status) in ledgers.iter().zip(statuses) {
        if !matches!(status, LedgerStatus::Registered | LedgerStatus::Exists) {
            let code = ledger.code.clone();
            return Err(CommandError::LedgerRefused { code, status });
        }
    }
    Ok(())
}

/// Creates accounts and tells how many were not there.
async fn create(client: &Client, accounts: &[NewAccount]) -> Result<usize, CommandError> {
    let answers = client.create_accounts(accounts).await?.value;
    let mut created = 0;
    for (account, answer) in accounts.iter().zip(answers) {
        match answer.status {
            AccountStatus::Created => created += 1,
            // One that somebody made with limits or a code of its own keeps them.
            AccountStatus::Exists
            | AccountStatus::ExistsWithDifferentFlags
            | AccountStatus::ExistsWithDifferentUserData128
            | AccountStatus::ExistsWithDifferentUserData64
            | AccountStatus::ExistsWithDifferentUserData32
            | AccountStatus::ExistsWithDifferentCode
            | AccountStatus::ExistsWithDifferentOverdraftLimit
            | AccountStatus::ExistsWithDifferentBalanceMax
            | AccountStatus::ExistsWithDifferentName => {}
            status => {
                let id = account.id.get();
                return Err(CommandError::AccountRefused { id, status });
            }
        }
    }
    Ok(created)
}

/// Whole chains for one request each, of about `batch` transfers.
fn batches(chains: Vec<Chain>, batch: usize) -> impl Iterator<Item = Vec<Chain>> {
    let mut chains = chains.into_iter().peekable();
    std::iter::from_fn(move || {
        let first = chains.next()?;
        let mut transfers = first.transfers.len();
        let mut together = vec![first];
        while let Some(next) = chains
            .next_if(|next| transfers + next.transfers.len() <= batch.min(CHAIN_TRANSFERS_MAX))
        {
            transfers += next.transfers.len();
            together.push(next);
        }
        Some(together)
    })
}

/// Posts chains in one request and tells how many were not there.
async fn post(client: &Client, chains: &[Chain]) -> Result<usize, CommandError> {
    let transfers: Vec<Transfer> = chains
        .iter()
        .flat_map(|chain| &chain.transfers)
        .cloned()
        .collect();
    let answer = client
        .create_transfers(&transfers, &CreateOptions::default())
        .await?;
    let mut answers = answer.value.answers.into_iter();
    let mut posted = 0;
    for chain in chains {
        let own: Vec<TransferAnswer> = answers.by_ref().take(chain.transfers.len()).collect();
        let is_there = |answer: &TransferAnswer| {
            matches!(
                answer.status,
                TransferStatus::Created | TransferStatus::Exists
            )
        };
        if !own.iter().all(is_there) {
            let broke = own
                .iter()
                .find(|one| !is_there(one) && one.status != TransferStatus::LinkedEventFailed)
                .expect("a chain fails because of one of its transfers");
            return Err(CommandError::TransactionRefused {
                place: chain.place.clone(),
                status: broke.status,
                original: broke.original_status,
            });
        }
        if own.iter().any(|one| one.status == TransferStatus::Created) {
            posted += 1;
        }
    }
    Ok(posted)
}

#[cfg(test)]
mod tests;
