//! Questions about the past: lists with filters, histories, and balances as of any moment.
//!
//! A question is answered **as of a sequence**: the answer tells what the events up to it tell,
//! and nothing of what came later. That sequence is always the end of a request, so that a chain
//! or a request is seen whole or not at all. The first page of a list fixes it, and every further
//! page is as of the same one, however much is written between two pages.
//!
//! Reads run beside the writer. They look keys up in an index of the events and read the events
//! from the journal's files; only what is the newest state of accounts is asked of the writer, in
//! turns of a few thousand accounts.

mod account_filter;
mod account_page;
mod accounts;
mod asking;
mod at;
mod balance_page;
mod balances;
mod between;
mod candidates;
mod check;
mod chunk;
mod fate;
mod filter_error;
mod paging;
mod past;
mod put_back;
mod retrace;
mod screen;
mod stream;
mod tail;
mod transfer_filter;
mod transfer_page;
mod transfers;
mod view;
mod work;

pub use account_filter::AccountFilter;
pub use account_page::{AccountPage, ListedAccount};
pub(crate) use accounts::Turns;
pub use asking::AccountsFound;
pub use at::{At, Moment};
pub use balance_page::{AccountTotals, BalanceEntry, BalanceFilter, BalancePage, Balances};
pub use between::Between;
pub(crate) use chunk::{Chunk, ChunkQuestion, Screen, take_chunk};
pub use filter_error::FilterError;
pub use paging::{Direction, Paging, Position};
pub(crate) use past::Past;
pub(crate) use put_back::Aspect;
pub use retrace::Retraced;
pub(crate) use tail::TailIndex;
pub use transfer_filter::TransferFilter;
pub use transfer_page::{ListedTransfer, TransferPage, TransferState};
