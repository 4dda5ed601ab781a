//! `GetTrialBalance`.

use std::sync::Arc;

use ledger_core::{LedgerId, Sequence, Timestamp};
use ledger_engine::{At, Engine, Position, QueryError, ReadError, TrialBalancePage};
use ledger_proto::{LedgerProof, Malformed, Receipt, Refusal, v1};

use super::list_ledgers::page_size;
use crate::{
    Limits,
    ask::read,
    desk::Desk,
    failure,
    page_token::{PageToken, question},
};

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
    read(desk, move |engine| {
        page(engine, &ledgers, &request.page_token, rows)
    })
    .await
}

fn page(
    engine: &Engine,
    ledgers: &[LedgerId],
    page_token: &str,
    rows: usize,
) -> Result<v1::GetTrialBalanceResponse, Refusal> {
    let question = question("GetTrialBalance", ledgers);
    let epoch = engine.status().epoch;
    let token = PageToken::read(page_token, question, epoch)?;
    let from = token.map(|token| Position {
        as_of: Sequence::new(token.sequence),
        time: Timestamp::ZERO,
        next: token.position,
    });
    let page = engine
        .trial_balance(ledgers, At::Now, from, rows)
        .map_err(|error| match error {
            // No page that the server gave leads there.
            QueryError::Read(ReadError::BeyondEnd { .. }) if from.is_some() => {
                Malformed::PageToken.into()
            }
            error => failure::unanswered(error),
        })?;
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
    // The hash is that of the newest frame, and taken last: that frame covers at least the page's
    // sequence, and most likely events after it.
    let receipt = Receipt {
        epoch,
        sequence: page.sequence,
        time: page.time,
        frame_hash: engine.status().frame_hash,
    };
    let next = page.next.map(|next| {
        PageToken {
            epoch,
            question,
            sequence: page.sequence.get(),
            position: next.next,
        }
        .text()
    });
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
        next_page_token: next.unwrap_or_default(),
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
