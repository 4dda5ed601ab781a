//! Events with two defects at once, made by composing a generator for each.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses its own part"
)]

mod account_defects;
mod account_exclusions;
mod exclusion;
mod field_defects;
mod identity_defects;
mod situation;
mod state_defects;
mod target_defects;
mod transfer_defects;
mod transfer_exclusions;

pub use account_defects::{ACCOUNT_DEFECTS, AccountSituation};
pub use account_exclusions::ACCOUNT_EXCLUSIONS;
pub use exclusion::{Exclusion, FENCED_ID};
pub use situation::Situation;
pub use transfer_defects::{Defect, KINDS, never_applies, transfer_defects};
pub use transfer_exclusions::TRANSFER_EXCLUSIONS;
