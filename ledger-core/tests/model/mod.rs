//! A second ledger, as naive as it can be: it keeps everything, scans what it needs, and clones
//! the whole world before a chain or a dry run.
//!
//! It is the semantics written once more, from the documents alone. It shares nothing with
//! `ledger-core` but the vocabulary: ids, transfers, statuses, answers and events. Each status is
//! a rule of its own that says whether it could refuse an event *whatever the others say*; the
//! first rule in order of precedence is the answer. So the model also tells all that is wrong
//! with an event, which the tests of precedence live off.
//!
//! Left out, as in the core for now: controls and the resolution of groups.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses its own part"
)]

mod account;
mod account_rules;
mod chain;
mod expiry;
mod kept_books;
mod ledger;
mod question;
mod transfer;
mod transfer_rules;
mod update;
mod world;

pub use account_rules::ACCOUNT_RULES;
pub use chain::Place;
pub use question::{Kind, Question};
pub use transfer_rules::{Rule, TRANSFER_RULES};
pub use world::World;
