//! `GetBalances`.

use ledger_core::AccountId;
use ledger_engine::{Body, Command, Context};
use ledger_proto::{Refusal, v1};

use crate::{
    ask::{MISFIT, ask},
    desk::Desk,
};

/// 8192 of the longest balances are 0.9 MB, so the answer always fits.
pub(super) async fn answer(
    desk: &Desk,
    request: v1::GetBalancesRequest,
) -> Result<v1::GetBalancesResponse, Refusal> {
    let ids: Vec<_> = request
        .ids
        .into_iter()
        .map(|id| AccountId::new(id.into()))
        .collect();
    let weight = size_of_val(&ids[..]);
    let command = Command::GetBalances(ids);
    let (receipt, body) = ask(desk, command, Context::default(), weight).await?;
    let Body::AccountsFound { found, missing } = body else {
        return Err(MISFIT);
    };
    Ok(v1::GetBalancesResponse {
        receipt: Some((&receipt).into()),
        balances: found
            .iter()
            .map(|account| v1::AccountBalances::new(account.id, &account.totals))
            .collect(),
        missing: missing.into_iter().map(|id| id.get().into()).collect(),
    })
}
