//! `UpdateAccounts`.

use ledger_core::AccountUpdate;
use ledger_engine::{Body, Command, Context};
use ledger_proto::{FieldPath, Refusal, v1};

use crate::{
    ask::{MISFIT, ask},
    desk::Desk,
};

pub(super) async fn answer(
    desk: &Desk,
    request: v1::UpdateAccountsRequest,
    context: Context,
) -> Result<v1::UpdateAccountsResponse, Refusal> {
    let updates = request
        .updates
        .into_iter()
        .enumerate()
        .map(|(index, update)| update.read(FieldPath::item("updates", index)))
        .collect::<Result<Vec<_>, _>>()?;
    let weight = updates.iter().map(weight).sum();
    let (receipt, body) = ask(desk, Command::UpdateAccounts(updates), context, weight).await?;
    let Body::Updates(answers) = body else {
        return Err(MISFIT);
    };
    Ok(v1::UpdateAccountsResponse {
        receipt: Some((&receipt).into()),
        results: answers
            .into_iter()
            .map(|answer| v1::UpdateResult::new(answer.status, answer.timestamp))
            .collect(),
    })
}

fn weight(update: &AccountUpdate) -> usize {
    size_of::<AccountUpdate>() + update.name.as_ref().map_or(0, |name| name.len())
}
