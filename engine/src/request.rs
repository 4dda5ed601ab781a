//! What is asked of the engine.

use ledger_core::{
    AccountId, AccountUpdate, NewAccount, NewLedger, Timestamp, Transfer, TransferId,
    TransferOptions,
};

use crate::Config;

/// One request: decided whole or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// Who asks and on what occasion; recorded with the events.
    pub context: Context,
    /// What the request weighs in the queue: about its encoded size.
    pub weight_bytes: usize,
}

/// Who asks and on what occasion.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Context {
    /// The authenticated caller.
    pub principal: Option<Box<str>>,
    /// The W3C trace context of the call.
    pub traceparent: Option<Box<str>>,
    /// What the client says about where this comes from.
    pub origin: Option<Box<str>>,
}

impl Context {
    /// The longest principal, in bytes.
    pub const PRINCIPAL_BYTES_MAX: usize = 255;
    /// The length of a `traceparent`, in bytes.
    pub const TRACEPARENT_BYTES_MAX: usize = 55;
    /// The longest origin, in bytes.
    pub const ORIGIN_BYTES_MAX: usize = 255;
}

/// What can be asked. Nothing here carries more than
/// [`Config::EVENTS_PER_REQUEST_MAX`](crate::Config::EVENTS_PER_REQUEST_MAX) ids or events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Give ledgers a code and a scale.
    RegisterLedgers(Vec<NewLedger>),
    /// Create accounts.
    CreateAccounts(Vec<NewAccount>),
    /// Change accounts.
    UpdateAccounts(Vec<AccountUpdate>),
    /// Create transfers.
    CreateTransfers {
        /// The transfers, in order; linked ones side by side.
        transfers: Vec<Transfer>,
        /// Whether to record anything, and whether to tell the totals.
        options: TransferOptions,
        /// Nothing is decided after this moment; zero means none.
        deadline: Timestamp,
    },
    /// Accounts by id; at most
    /// [`Config::ACCOUNTS_PER_TURN`](crate::Config::ACCOUNTS_PER_TURN), as are those below.
    LookupAccounts(Vec<AccountId>),
    /// Totals of accounts by id, all at one sequence.
    GetBalances(Vec<AccountId>),
    /// What transfer ids stand for: enough to read the rest from the journal.
    FindTransfers(Vec<TransferId>),
    /// All ledgers with their totals.
    ListLedgers,
}

impl Command {
    /// How many ids or events this carries.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::RegisterLedgers(ledgers) => ledgers.len(),
            Self::CreateAccounts(accounts) => accounts.len(),
            Self::UpdateAccounts(updates) => updates.len(),
            Self::CreateTransfers { transfers, .. } => transfers.len(),
            Self::LookupAccounts(ids) | Self::GetBalances(ids) => ids.len(),
            Self::FindTransfers(ids) => ids.len(),
            Self::ListLedgers => 0,
        }
    }

    /// How many this may carry.
    pub(crate) const fn len_max(&self) -> usize {
        match self {
            Self::LookupAccounts(_) | Self::GetBalances(_) => Config::ACCOUNTS_PER_TURN,
            _ => Config::EVENTS_PER_REQUEST_MAX,
        }
    }

    /// Whether this carries nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
