//! `RegisterLedgers`.

use ledger_core::NewLedger;
use ledger_engine::{Body, Command, Context};
use ledger_proto::{FieldPath, Refusal, v1};

use crate::{
    ask::{MISFIT, ask},
    desk::Desk,
};

pub(super) async fn answer(
    desk: &Desk,
    request: v1::RegisterLedgersRequest,
    context: Context,
) -> Result<v1::RegisterLedgersResponse, Refusal> {
    let ledgers = request
        .ledgers
        .into_iter()
        .enumerate()
        .map(|(index, ledger)| ledger.read(FieldPath::item("ledgers", index)))
        .collect::<Result<Vec<_>, _>>()?;
    let weight = ledgers
        .iter()
        .map(|ledger| size_of::<NewLedger>() + ledger.code.len())
        .sum();
    let (receipt, body) = ask(desk, Command::RegisterLedgers(ledgers), context, weight).await?;
    let Body::Ledgers(statuses) = body else {
        return Err(MISFIT);
    };
    Ok(v1::RegisterLedgersResponse {
        receipt: Some((&receipt).into()),
        results: statuses.into_iter().map(Into::into).collect(),
    })
}
