//! `GetTrialBalance`.

use std::sync::Arc;

use ledger_core::{LedgerId, Sequence};
use ledger_engine::{Engine, Moment, TrialBalancePage};
use ledger_proto::{LedgerProof, Malformed, Refusal, v1};

use super::{
    as_of::{at, field, receipt},
    list_ledgers::page_size,
};
use crate::{Limits, ask::read, desk::Desk, failure, page_token::Pages};

pub(super) async fn answer(
    desk: &Arc<Desk>,
    request: v1::GetTrialBalanceRequest,
) -> Result<v1::GetTrialBalanceResponse, Refusal> {
    if request.ledgers.len() > Limits::TRIAL_BALANCE_LEDGERS_MAX {
        return Err(Malformed::TooMany {
            list: "ledgers",
            count_max: Limits::TRIAL_BALANCE_LEDGERS_MAX,
        }
        .into());
    }
    let rows = page_size(request.page_size, Limits::PAGE_SIZE_DEFAULT)?
        .min(Limits::TRIAL_BALANCE_ROWS_MAX);
    let ledgers: Vec<_> = request.ledgers.iter().copied().map(LedgerId::new).collect();
    read(desk, move |engine| page(engine, &ledgers, request, rows)).await
}

fn page(
    engine: &Engine,
    ledgers: &[LedgerId],
    mut request: v1::GetTrialBalanceRequest,
    rows: usize,
) -> Result<v1::GetTrialBalanceResponse, Refusal> {
    let page_token = std::mem::take(&mut request.page_token);
    request.page_size = 0;
    let pages = Pages::of(engine, "GetTrialBalance", &request, &page_token)?;
    let point = request.point();
    let page = engine
        .trial_balance(ledgers, at(point), pages.from, rows)
        .map_err(|error| failure::unanswered(engine, pages.point(field(point)), error))?;
    if page.proofs.len() > Limits::TRIAL_BALANCE_LEDGERS_MAX {
        return Err(Refusal::Limit {
            name: "trial_balance_ledgers_max",
            limit: Limits::TRIAL_BALANCE_LEDGERS_MAX as u64,
        });
    }
    let named: Vec<_> = page
        .accounts
        .iter()
        .map(|row| (row.id, row.named))
        .collect();
    let names = if named.iter().all(|(_, named)| *named == Sequence::ZERO) {
        vec![Box::default(); named.len()]
    } else {
        engine.names(&named).map_err(failure::unreadable)?
    };
    let as_of = Moment {
        sequence: page.sequence,
        time: page.time,
    };
    let receipt = receipt(engine, pages.epoch(), as_of);
    Ok(v1::GetTrialBalanceResponse {
        receipt: Some((&receipt).into()),
        rows: page
            .accounts
            .iter()
            .zip(&names)
            .map(|(row, name)| {
                v1::TrialBalanceRow::new(row.id, row.ledger, row.code, name, &row.totals)
            })
            .collect(),
        proofs: proofs(&page),
        next_page_token: pages.next(page.next),
    })
}

fn proofs(page: &TrialBalancePage) -> Vec<v1::LedgerProof> {
    let proof = |proof: &ledger_engine::LedgerProof| LedgerProof {
        ledger: proof.ledger,
        code: proof.code.clone(),
        scale: proof.scale,
        debits_pending: proof.debits_pending,
        debits_posted: proof.debits_posted,
        credits_pending: proof.credits_pending,
        credits_posted: proof.credits_posted,
    };
    page.proofs
        .iter()
        .map(|engine| (&proof(engine)).into())
        .collect()
}
