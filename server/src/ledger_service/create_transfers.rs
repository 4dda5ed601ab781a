//! `CreateTransfers`, the hot path: nothing here is done for each transfer but what must be.

use ledger_core::{Amount, Transfer, TransferOptions};
use ledger_engine::{Body, Command, Context};
use ledger_proto::{Refusal, TransferBatch, TransferBatchAnswer, TransferResult};

use crate::{
    ask::{MISFIT, ask},
    desk::Desk,
};

pub(super) async fn answer(
    desk: &Desk,
    request: TransferBatch,
    context: Context,
) -> Result<TransferBatchAnswer, Refusal> {
    let TransferBatch {
        transfers,
        deadline,
        dry_run,
        return_balances,
        origin: _,
    } = request;
    // An amount is told only where it differs from this.
    let asked: Vec<Amount> = transfers.iter().map(|transfer| transfer.amount).collect();
    let weight = transfers
        .iter()
        .map(|transfer| size_of::<Transfer>() + transfer.reference.len())
        .sum();
    let options = TransferOptions {
        dry_run,
        return_balances,
    };
    let command = Command::CreateTransfers {
        transfers,
        options,
        deadline,
    };
    let (receipt, body) = ask(desk, command, context, weight).await?;
    let Body::Transfers(answers) = body else {
        return Err(MISFIT);
    };
    Ok(TransferBatchAnswer {
        receipt,
        results: answers
            .answers
            .iter()
            .zip(asked)
            .map(|(answer, asked)| TransferResult::tell(answer, asked))
            .collect(),
        balances: answers.balances,
    })
}
