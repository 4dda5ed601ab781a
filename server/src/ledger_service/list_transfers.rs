//! `ListTransfers`.

use std::sync::Arc;

use ledger_engine::{Between, Engine, ListedTransfer, Paging};
use ledger_proto::{FieldPath, Refusal, TransferFilter, TransferRecord, TransferState, v1};

use super::{
    as_of::receipt,
    paging::{between, paging},
};
use crate::{ask::read, desk::Desk, failure, page_token::Pages};

/// The longest record: every id and amount of 128 bits, every number of its full length, and a
/// reference of 64 bytes.
const RECORD_BYTES_MAX: usize = 400;

pub(super) async fn answer(
    desk: &Arc<Desk>,
    mut request: v1::ListTransfersRequest,
) -> Result<v1::ListTransfersResponse, Refusal> {
    let paging = paging(
        request.page_size,
        request.direction,
        desk.limits.answer_bytes_max / RECORD_BYTES_MAX,
    )?;
    let page_token = std::mem::take(&mut request.page_token);
    request.page_size = 0;
    let filter = request.filter.clone().unwrap_or_default().read()?;
    read(desk, move |engine| {
        let pages = Pages::of(engine, "ListTransfers", &request, &page_token)?;
        page(engine, filter, paging, &pages)
    })
    .await
}

fn page(
    engine: &Engine,
    filter: TransferFilter,
    paging: Paging,
    pages: &Pages,
) -> Result<v1::ListTransfersResponse, Refusal> {
    let paging = Paging {
        from: pages.from,
        ..paging
    };
    let page = engine
        .list_transfers(&of_engine(filter), &paging)
        .map_err(|error| failure::unanswered(engine, FieldPath::of("page_token"), error))?;
    let transfers: Result<_, _> = page.transfers.into_iter().map(record).collect();
    Ok(v1::ListTransfersResponse {
        receipt: Some((&receipt(engine, pages.epoch(), page.as_of)).into()),
        transfers: transfers?,
        next_page_token: pages.next(page.next),
    })
}

fn record(listed: ListedTransfer) -> Result<v1::TransferRecord, Refusal> {
    let record = TransferRecord {
        state: state(listed.state)?,
        transfer: listed.transfer,
        posted: listed.posted,
        released: listed.released,
        reversed: listed.reversed,
        sequence: listed.sequence,
        act_sequence: listed.act,
        time: listed.time,
    };
    Ok((&record).into())
}

fn state(state: ledger_engine::TransferState) -> Result<TransferState, Refusal> {
    use ledger_engine::TransferState as Engine;

    Ok(match state {
        Engine::Pending => TransferState::Pending,
        Engine::Posted => TransferState::Posted,
        Engine::Voided => TransferState::Voided,
        Engine::Expired => TransferState::Expired,
        Engine::Reversed => TransferState::Reversed,
        Engine::Fenced => TransferState::Fenced,
        _ => {
            return Err(Refusal::Bug {
                rule: "the server knows every state of a transfer",
            });
        }
    })
}

fn of_engine(filter: TransferFilter) -> ledger_engine::TransferFilter {
    let state = |state: &TransferState| match state {
        TransferState::Pending => Some(ledger_engine::TransferState::Pending),
        TransferState::Posted => Some(ledger_engine::TransferState::Posted),
        TransferState::Voided => Some(ledger_engine::TransferState::Voided),
        TransferState::Expired => Some(ledger_engine::TransferState::Expired),
        TransferState::Reversed => Some(ledger_engine::TransferState::Reversed),
        TransferState::Fenced => Some(ledger_engine::TransferState::Fenced),
        _ => None,
    };
    ledger_engine::TransferFilter {
        accounts: filter.accounts,
        debit_accounts: filter.debit_accounts,
        credit_accounts: filter.credit_accounts,
        ledgers: filter.ledgers,
        codes: filter.codes,
        user_data_128: filter.user_data_128,
        user_data_64: filter.user_data_64,
        user_data_32: filter.user_data_32,
        references: filter.references,
        groups: filter.groups,
        pending_ids: filter.pending_ids,
        reverses_ids: filter.reverses_ids,
        states: filter.states.iter().filter_map(state).collect(),
        age_s: Between {
            min: filter.age_s.min,
            max: filter.age_s.max,
        },
        times: between(filter.time),
        amounts: between(filter.amount),
    }
}

#[cfg(test)]
mod tests;
