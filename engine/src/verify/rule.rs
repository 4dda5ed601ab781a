//! The rules that no event may be seen to break.

use ledger_core::{Amount, Totals};

/// A rule that an event breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant's message is its documentation")]
pub enum Rule {
    #[error("its time is not after that of the event before it")]
    TimeNotIncreasing,
    #[error("its time lies outside its frame's times")]
    TimeOutsideFrame,
    #[error("the chain is still open at the end of its request")]
    ChainOpen,
    #[error("the epoch does not branch off from another one directly before it begins")]
    EpochFork,

    #[error("the ledger's id is 0")]
    LedgerIdZero,
    #[error("the ledger was registered before")]
    LedgerRegisteredTwice,
    #[error("the ledger's code is not 1 to 32 bytes without control characters")]
    LedgerCodeInvalid,
    #[error("another ledger has this code")]
    LedgerCodeTaken,
    #[error("the ledger has more than 38 decimal places")]
    LedgerScaleTooLarge,

    #[error("the account's id is 0 or the maximum")]
    AccountIdReserved,
    #[error("an account with this id exists")]
    AccountExists,
    #[error("the account's ledger is 0")]
    AccountLedgerZero,
    #[error("the account's code is 0")]
    AccountCodeZero,
    #[error("the account has flags that have no meaning or exclude each other")]
    AccountFlags,
    #[error("the account's moment is not that of the event, nor one that may be imported")]
    AccountTimestamp,
    #[error("the update's id is 0 or was used before")]
    UpdateId,
    #[error("the updated account does not exist")]
    UpdatedAccountMissing,
    #[error("the update changes nothing")]
    UpdateEmpty,

    #[error("the transfer's id is 0 or the maximum")]
    TransferIdReserved,
    #[error("the transfer's id was used before")]
    TransferIdUsed,
    #[error("the transfer's id was fenced")]
    TransferIdFenced,
    #[error("the transfer has flags that have no meaning or exclude each other")]
    TransferFlags,
    #[error("the transfer's fields do not go with its flags")]
    TransferFields,
    #[error("the transfer's code is 0")]
    TransferCodeZero,
    #[error("the transfer's moment is not that of the event, nor one that may be imported")]
    TransferTimestamp,
    #[error("the account that is debited does not exist")]
    DebitAccountMissing,
    #[error("the account that is credited does not exist")]
    CreditAccountMissing,
    #[error("the transfer debits and credits the same account")]
    AccountsAreTheSame,
    #[error("the transfer and its accounts are not all of one ledger")]
    LedgersDiffer,
    #[error("the account that is debited is closed")]
    DebitAccountClosed,
    #[error("the account that is credited is closed")]
    CreditAccountClosed,
    #[error("the totals of the debit account after it are {found:?}; {expected:?} follow")]
    DebitTotals { expected: Totals, found: Totals },
    #[error("the totals of the credit account after it are {found:?}; {expected:?} follow")]
    CreditTotals { expected: Totals, found: Totals },
    #[error("a total of an account would leave its range")]
    TotalOutOfRange,
    #[error("the debit account's debits exceed its credits and its overdraft limit")]
    ExceedsCredits,
    #[error("the credit account's credits exceed its debits and its overdraft limit")]
    ExceedsDebits,
    #[error("the balance of an account exceeds its ceiling")]
    ExceedsBalanceMax,
    #[error("the transfer moves more than balances the account")]
    ExceedsBalancing,
    #[error("the group has more than 8192 reservations")]
    GroupIsFull,
    #[error("it carries what became of a reservation or of reversals, but is neither")]
    UnexpectedOutcome,

    #[error("the reservation that it acts on is not open")]
    HoldNotOpen,
    #[error("the reservation that it posts or voids had expired")]
    HoldExpired,
    #[error("the reservation that it releases had not expired")]
    HoldNotExpired,
    #[error("its accounts, ledger, code or group are not those of the reservation")]
    HoldFieldsDiffer,
    #[error("it takes {found} of the reservation, of which {left} is left")]
    HoldAmount { found: Amount, left: Amount },
    #[error("what it says is posted, released and left of the reservation does not follow")]
    HoldOutcome,
    #[error("the timeout lies past the end of time")]
    TimeoutOutOfRange,

    #[error("the transfer that it reverses does not exist")]
    ReversedMissing,
    #[error("what it reverses is not a transfer that posted anything")]
    ReversedNotPosted,
    #[error("its accounts or ledger are not those of the transfer that it reverses, swapped")]
    ReversalFieldsDiffer,
    #[error("the reversals add up to {found}, of a transfer of {amount}")]
    ReversalAmount { found: Amount, amount: Amount },
    #[error("what it says was reversed so far does not follow; {expected} does")]
    ReversalOutcome { expected: Amount },

    #[error("the status of a used-up id does not use up ids")]
    RejectedStatus,
    #[error("a fence must be a void or a reversal that carries the flag and names a ledger")]
    FenceShape,
    #[error("the fenced transfer exists, or was fenced before")]
    FenceTarget,
}
