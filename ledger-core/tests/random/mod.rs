//! Random scenarios, played on the ledger core and on the model side by side.

mod commands;
mod making;
mod play;
mod statuses;

pub use commands::scenario;
pub use play::Play;
pub use statuses::Seen;
