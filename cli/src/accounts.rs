//! The accounts that a command speaks of.

use ledger_client::{AccountEntry, Client};
use ledger_core::AccountId;

use crate::books::identity::ACCOUNT_NAMESPACE;
use crate::command_error::CommandError;
use crate::id_text::IdText;

/// The ids of accounts that were given at the terminal.
pub(crate) fn account_ids(texts: &[IdText]) -> Vec<AccountId> {
    let ids = texts.iter().map(|text| text.resolve(ACCOUNT_NAMESPACE));
    ids.map(AccountId::new).collect()
}

/// The accounts in the order asked for, or which of them do not exist.
pub(crate) async fn find_accounts(
    client: &Client,
    ids: &[AccountId],
) -> Result<Vec<AccountEntry>, CommandError> {
    let answer = client.lookup_accounts(ids).await?.value;
    if answer.missing.is_empty() {
        return Ok(answer.found);
    }
    let ids = answer.missing.iter().map(|id| id.get()).collect();
    Err(CommandError::AccountsNotFound { ids })
}
