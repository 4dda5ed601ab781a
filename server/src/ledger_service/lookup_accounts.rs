//! `LookupAccounts`.

use std::sync::Arc;

use ledger_core::{Account, AccountId, Sequence};
use ledger_engine::{Body, Command, Config, Context, Engine};
use ledger_proto::{FieldPath, Receipt, Refusal, v1};
use prost::Message as _;

use super::{as_of, fitting::Fitting};
use crate::{
    ask::{MISFIT, ask, read},
    desk::Desk,
    failure,
};

pub(super) async fn answer(
    desk: &Arc<Desk>,
    request: v1::LookupAccountsRequest,
) -> Result<v1::LookupAccountsResponse, Refusal> {
    let ids: Vec<_> = request
        .ids
        .into_iter()
        .map(|id| AccountId::new(id.into()))
        .collect();
    let (receipt, found) = if ids.len() <= Config::ACCOUNTS_PER_TURN {
        at_once(desk, ids.clone()).await?
    } else {
        let ids = ids.clone();
        read(desk, move |engine| in_turns(engine, &ids)).await?
    };
    let names = names(desk, &found).await?;
    compose(&receipt, &ids, &found, &names, desk.limits.answer_bytes_max)
}

/// The writer has them, and tells of so many in one turn.
async fn at_once(desk: &Desk, ids: Vec<AccountId>) -> Result<(Receipt, Vec<Account>), Refusal> {
    let weight = size_of_val(&ids[..]);
    let command = Command::LookupAccounts(ids);
    let (receipt, body) = ask(desk, command, Context::default(), weight).await?;
    let Body::AccountsFound { found, missing: _ } = body else {
        return Err(MISFIT);
    };
    Ok((receipt, found))
}

/// All as of the first turn.
fn in_turns(engine: &Engine, ids: &[AccountId]) -> Result<(Receipt, Vec<Account>), Refusal> {
    let epoch = engine.lineage().epoch();
    let accounts = engine
        .lookup_accounts(ids)
        .map_err(|error| failure::unanswered(engine, FieldPath::of("ids"), error))?;
    let receipt = as_of::receipt(engine, epoch, accounts.as_of);
    Ok((receipt, accounts.found))
}

/// The names of accounts, in order. Files are read only if any of them has one.
pub(super) async fn names(desk: &Arc<Desk>, found: &[Account]) -> Result<Vec<Box<str>>, Refusal> {
    if found.iter().all(|account| account.named == Sequence::ZERO) {
        return Ok(vec![Box::default(); found.len()]);
    }
    let named: Vec<_> = found
        .iter()
        .map(|account| (account.id, account.named))
        .collect();
    read(desk, move |engine| {
        engine.names(&named).map_err(failure::unreadable)
    })
    .await
}

/// Puts an answer together in the order asked, as far as it fits.
fn compose(
    receipt: &Receipt,
    ids: &[AccountId],
    found: &[Account],
    names: &[Box<str>],
    answer_bytes_max: usize,
) -> Result<v1::LookupAccountsResponse, Refusal> {
    let mut answer = v1::LookupAccountsResponse {
        receipt: Some(receipt.into()),
        ..Default::default()
    };
    let mut fitting = Fitting::new(answer_bytes_max);
    let mut found = found.iter().zip(names).peekable();
    for &id in ids {
        match found.next_if(|(account, _)| account.id == id) {
            Some((account, name)) => {
                let account = v1::Account::found(account, name);
                if !fitting.fits(account.encoded_len()) {
                    return Ok(answer);
                }
                answer.accounts.push(account);
            }
            None => {
                let id = v1::Uint128::from(id.get());
                if !fitting.fits(id.encoded_len()) {
                    return Ok(answer);
                }
                answer.missing.push(id);
            }
        }
        answer.answered += 1;
    }
    // What was found and not asked for, or in another order, would be lost without a word.
    if found.next().is_some() {
        Err(MISFIT)
    } else {
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
