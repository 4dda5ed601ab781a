//! `GetBalances`.

use std::sync::Arc;

use ledger_core::{AccountId, Totals};
use ledger_engine::{Body, Command, Config, Context};
use ledger_proto::{At, FieldPath, Receipt, Refusal, v1};

use super::as_of;
use crate::{
    ask::{MISFIT, ask, read},
    desk::Desk,
    failure,
};

/// 8192 of the longest balances are 0.9 MB, so the answer always fits.
pub(super) async fn answer(
    desk: &Arc<Desk>,
    request: v1::GetBalancesRequest,
) -> Result<v1::GetBalancesResponse, Refusal> {
    let point = request.point();
    let ids: Vec<_> = request
        .ids
        .into_iter()
        .map(|id| AccountId::new(id.into()))
        .collect();
    match point {
        At::Now if ids.len() <= Config::ACCOUNTS_PER_TURN => now(desk, ids).await,
        _ => read(desk, move |engine| then(engine, &ids, point)).await,
    }
}

/// As they are: the writer has them, and tells of so many in one turn.
async fn now(desk: &Desk, ids: Vec<AccountId>) -> Result<v1::GetBalancesResponse, Refusal> {
    let weight = size_of_val(&ids[..]);
    let command = Command::GetBalances(ids);
    let (receipt, body) = ask(desk, command, Context::default(), weight).await?;
    let Body::AccountsFound { found, missing } = body else {
        return Err(MISFIT);
    };
    let found = found.iter().map(|account| (account.id, &account.totals));
    Ok(compose(&receipt, found, missing))
}

/// As they were; or as they are, in several turns of the writer.
fn then(
    engine: &ledger_engine::Engine,
    ids: &[AccountId],
    point: At,
) -> Result<v1::GetBalancesResponse, Refusal> {
    let epoch = engine.lineage().epoch();
    let balances = engine
        .balances_at(ids, as_of::at(point))
        .map_err(|error| failure::unanswered(engine, FieldPath::of(as_of::field(point)), error))?;
    let receipt = as_of::receipt(engine, epoch, balances.as_of);
    let found = balances.found.iter().map(|found| (found.id, &found.totals));
    Ok(compose(&receipt, found, balances.missing))
}

fn compose<'a>(
    receipt: &Receipt,
    found: impl Iterator<Item = (AccountId, &'a Totals)>,
    missing: Vec<AccountId>,
) -> v1::GetBalancesResponse {
    v1::GetBalancesResponse {
        receipt: Some(receipt.into()),
        balances: found
            .map(|(id, totals)| v1::AccountBalances::new(id, totals))
            .collect(),
        missing: missing.into_iter().map(|id| id.get().into()).collect(),
    }
}
