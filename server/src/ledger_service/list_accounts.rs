//! `ListAccounts`.

use std::sync::Arc;

use ledger_engine::{Engine, Paging};
use ledger_proto::{AccountFilter, FieldPath, Refusal, v1};

use super::{
    as_of::receipt,
    paging::{between, paging},
};
use crate::{ask::read, desk::Desk, failure, page_token::Pages};

/// The longest account: every id and amount of 128 bits, every number of its full length, and a
/// name of 255 bytes.
const ACCOUNT_BYTES_MAX: usize = 500;

pub(super) async fn answer(
    desk: &Arc<Desk>,
    mut request: v1::ListAccountsRequest,
) -> Result<v1::ListAccountsResponse, Refusal> {
    let paging = paging(
        request.page_size,
        request.direction,
        desk.limits.answer_bytes_max / ACCOUNT_BYTES_MAX,
    )?;
    let page_token = std::mem::take(&mut request.page_token);
    request.page_size = 0;
    let filter = request.filter.clone().unwrap_or_default().read()?;
    read(desk, move |engine| {
        let pages = Pages::of(engine, "ListAccounts", &request, &page_token)?;
        page(engine, filter, paging, &pages)
    })
    .await
}

fn page(
    engine: &Engine,
    filter: AccountFilter,
    paging: Paging,
    pages: &Pages,
) -> Result<v1::ListAccountsResponse, Refusal> {
    let paging = Paging {
        from: pages.from,
        ..paging
    };
    let page = engine
        .list_accounts(&of_engine(filter), &paging)
        .map_err(|error| failure::unanswered(engine, FieldPath::of("page_token"), error))?;
    Ok(v1::ListAccountsResponse {
        receipt: Some((&receipt(engine, pages.epoch(), page.as_of)).into()),
        accounts: page
            .accounts
            .iter()
            .map(|listed| v1::Account::found(&listed.account, &listed.name))
            .collect(),
        next_page_token: pages.next(page.next),
    })
}

fn of_engine(filter: AccountFilter) -> ledger_engine::AccountFilter {
    ledger_engine::AccountFilter {
        ledgers: filter.ledgers,
        codes: filter.codes,
        user_data_128: filter.user_data_128,
        user_data_64: filter.user_data_64,
        user_data_32: filter.user_data_32,
        name_prefix: filter.name_prefix,
        flags: filter.flags_set,
        without_flags: filter.flags_clear,
        created: between(filter.created),
    }
}

#[cfg(test)]
mod tests;
