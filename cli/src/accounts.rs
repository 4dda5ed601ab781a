//! The accounts that a command speaks of.

use std::fmt::Display;

use ledger_client::{AccountEntry, Client};
use ledger_core::AccountId;

use crate::books::identity::ACCOUNT_NAMESPACE;
use crate::command_error::CommandError;
use crate::id_text::IdText;

/// The id of an account that was given at the terminal.
pub(crate) fn account_id(text: &IdText) -> AccountId {
    AccountId::new(text.resolve(ACCOUNT_NAMESPACE))
}

/// The ids of accounts that were given at the terminal.
pub(crate) fn account_ids(texts: &[IdText]) -> Vec<AccountId> {
    texts.iter().map(account_id).collect()
}

/// The accounts in the order asked for, or which of them do not exist.
pub(crate) async fn find_accounts(
    client: &Client,
    texts: &[IdText],
) -> Result<Vec<AccountEntry>, CommandError> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let ids = account_ids(texts);
    let answer = client.lookup_accounts(&ids).await?.value;
    if answer.missing.is_empty() {
        return Ok(answer.found);
    }
    let asked = asked(texts, &ids, &answer.missing);
    Err(CommandError::AccountsNotFound { asked })
}

/// The account that was given.
pub(crate) async fn find_account(
    client: &Client,
    text: &IdText,
) -> Result<AccountEntry, CommandError> {
    let mut found = find_accounts(client, std::slice::from_ref(text)).await?;
    Ok(found.swap_remove(0))
}

/// How those of `ids` that are `missing` were asked for.
pub(crate) fn asked<I: PartialEq>(texts: &[impl Display], ids: &[I], missing: &[I]) -> Vec<String> {
    let asked = texts.iter().zip(ids);
    let missing = asked.filter(|(_, id)| missing.contains(id));
    missing.map(|(text, _)| text.to_string()).collect()
}
