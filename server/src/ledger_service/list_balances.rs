//! `ListBalances`.

use std::sync::Arc;

use ledger_core::{AccountId, Sequence, Timestamp};
use ledger_engine::{BalanceFilter, Engine, Paging};
use ledger_proto::{BalanceRecord, FieldPath, Malformed, Range, Refusal, v1};

use super::{
    as_of::receipt,
    paging::{between, paging},
};
use crate::{ask::read, desk::Desk, failure, page_token::Pages};

/// The longest record: five ids and amounts of 128 bits, and two numbers.
const RECORD_BYTES_MAX: usize = 150;

pub(super) async fn answer(
    desk: &Arc<Desk>,
    mut request: v1::ListBalancesRequest,
) -> Result<v1::ListBalancesResponse, Refusal> {
    let paging = paging(
        request.page_size,
        request.direction,
        desk.limits.answer_bytes_max / RECORD_BYTES_MAX,
    )?;
    let page_token = std::mem::take(&mut request.page_token);
    request.page_size = 0;
    let filter = filter(&request)?;
    read(desk, move |engine| {
        let pages = Pages::of(engine, "ListBalances", &request, &page_token)?;
        page(engine, filter, paging, &pages)
    })
    .await
}

fn filter(request: &v1::ListBalancesRequest) -> Result<BalanceFilter, Malformed> {
    let sequences = Range::<Sequence>::read(request.sequences, FieldPath::of("sequences"))?;
    let times = Range::<Timestamp>::read(request.times, FieldPath::of("times"))?;
    Ok(BalanceFilter {
        account: AccountId::new(request.account_id.map_or(0, u128::from)),
        sequences: between(sequences),
        times: between(times),
    })
}

fn page(
    engine: &Engine,
    filter: BalanceFilter,
    paging: Paging,
    pages: &Pages,
) -> Result<v1::ListBalancesResponse, Refusal> {
    let paging = Paging {
        from: pages.from,
        ..paging
    };
    let page = engine
        .list_balances(&filter, &paging)
        .map_err(|error| failure::unanswered(engine, FieldPath::of("page_token"), error))?;
    let record = |entry: &ledger_engine::BalanceEntry| {
        (&BalanceRecord {
            sequence: entry.sequence,
            time: entry.time,
            transfer_id: entry.transfer_id,
            totals: entry.totals,
        })
            .into()
    };
    Ok(v1::ListBalancesResponse {
        receipt: Some((&receipt(engine, pages.epoch(), page.as_of)).into()),
        balances: page.entries.iter().map(record).collect(),
        next_page_token: pages.next(page.next),
    })
}
