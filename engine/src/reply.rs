//! What the engine answers.

use ledger_core::{
    Account, AccountAnswer, AccountId, Amount, Ledger, LedgerStatus, Sequence, Timestamp,
    TransferAnswers, TransferId, UpdateAnswer,
};

/// An answer, handed over only when everything that it tells is on stable storage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The place in the journal that this answer stands on.
    pub receipt: Receipt,
    /// The answer.
    pub body: Body,
}

/// A place in the journal: the last event of the request, or the state that was judged.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Receipt {
    /// Which history of this database; a restore begins a new one.
    pub epoch: u128,
    /// The newest event that the answer knows of.
    pub sequence: Sequence,
    /// The journal time that the answer knows of.
    pub time: Timestamp,
    /// The hash of the frame that made the answer durable; it covers everything before it.
    pub frame_hash: [u8; 32],
}

/// The answer to each [`Command`](crate::Command).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    /// To `RegisterLedgers`: one status each, in order.
    Ledgers(Vec<LedgerStatus>),
    /// To `CreateAccounts`: one answer each, in order.
    Accounts(Vec<AccountAnswer>),
    /// To `UpdateAccounts`: one answer each, in order.
    Updates(Vec<UpdateAnswer>),
    /// To `CreateTransfers`: one answer each, in order.
    Transfers(TransferAnswers),
    /// To `LookupAccounts` and `GetBalances`.
    AccountsFound {
        /// Those there are, in the order asked.
        found: Vec<Account>,
        /// Ids that stand for nothing, in the order asked.
        missing: Vec<AccountId>,
    },
    /// To `FindTransfers`: one each, in the order asked.
    TransfersFound(Vec<(TransferId, Found)>),
    /// To `ListLedgers`, by id.
    LedgerList(Vec<Ledger>),
}

/// What a transfer id stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// Nothing yet.
    Unknown,
    /// Something in the journal.
    At {
        /// The event that created or used up this id, or fenced with it; zero if the id was only
        /// fenced by another.
        sequence: Sequence,
        /// Whether a fence keeps this id from ever being created.
        fenced: bool,
        /// The newest event that resolved this reservation, posted of it or reversed this
        /// transfer; zero if none.
        act: Sequence,
        /// What is left of it, if it is a reservation that is still open.
        open: Option<OpenHold>,
    },
}

/// A reservation that is still open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenHold {
    /// What was posted of it.
    pub posted: Amount,
    /// What is still reserved.
    pub rest: Amount,
}
