//! What a person can do about a refusal.

use ledger_core::TransferStatus;

/// A clause to follow the status, beginning with its own punctuation; empty where the status
/// says it all.
pub(crate) fn transfer_advice(status: TransferStatus, original: Option<TransferStatus>) -> String {
    let advice = match status {
        TransferStatus::ExceedsCredits => {
            "the debit account does not have that much; `pacioli balance ID` shows what it has"
        }
        TransferStatus::ExceedsDebits => {
            "the credit account does not owe that much; `pacioli balance ID` shows what it has"
        }
        TransferStatus::ExceedsBalanceMax => {
            "the account would hold more than its ceiling; `pacioli account show ID` tells it"
        }
        TransferStatus::DebitAccountNotFound | TransferStatus::CreditAccountNotFound => {
            "create the account, and use a new id: this one is used up"
        }
        TransferStatus::PendingTransferNotFound => {
            "no reservation has this id; use a new id for the next try: this one is used up"
        }
        TransferStatus::PendingTransferAlreadyPosted
        | TransferStatus::PendingTransferAlreadyVoided
        | TransferStatus::PendingTransferExpired => {
            "`pacioli transfer show ID` tells what became of the reservation"
        }
        TransferStatus::ExceedsReversibleAmount => {
            "it has been reversed already, in whole or to a part; `pacioli transfer show ID`"
        }
        TransferStatus::AccountsMustHaveTheSameLedger => {
            "a transfer stays in one ledger; an exchange takes one transfer in each"
        }
        TransferStatus::IdAlreadyFailed => match original {
            Some(original) => {
                return format!(
                    "; it was {original} ({}) when it was first asked for; use a new id",
                    original.number()
                );
            }
            None => "use a new id",
        },
        _ => return String::new(),
    };
    format!("; {advice}")
}
