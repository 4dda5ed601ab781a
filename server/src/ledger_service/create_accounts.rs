//! `CreateAccounts`.

use ledger_core::NewAccount;
use ledger_engine::{Body, Command, Context};
use ledger_proto::{FieldPath, Refusal, v1};

use crate::{
    ask::{MISFIT, ask},
    desk::Desk,
};

pub(super) async fn answer(
    desk: &Desk,
    request: v1::CreateAccountsRequest,
    context: Context,
) -> Result<v1::CreateAccountsResponse, Refusal> {
    let accounts = request
        .accounts
        .into_iter()
        .enumerate()
        .map(|(index, account)| account.read(FieldPath::item("accounts", index)))
        .collect::<Result<Vec<_>, _>>()?;
    let weight = accounts
        .iter()
        .map(|account| size_of::<NewAccount>() + account.name.len())
        .sum();
    let (receipt, body) = ask(desk, Command::CreateAccounts(accounts), context, weight).await?;
    let Body::Accounts(answers) = body else {
        return Err(MISFIT);
    };
    Ok(v1::CreateAccountsResponse {
        receipt: Some((&receipt).into()),
        results: answers
            .into_iter()
            .map(|answer| v1::AccountResult::new(answer.status, answer.timestamp))
            .collect(),
    })
}
