//! Books of accounts kept elsewhere: reading them, and planning the transfers they come to.

pub(crate) mod beancount;
mod decomposition;
pub(crate) mod identity;
mod imbalance;
pub(crate) mod plan;
pub(crate) mod postings_csv;
pub(crate) mod problem;
pub(crate) mod quantity;
pub(crate) mod transaction;
