//! What the transfers are like.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

#[cfg(test)]
mod tests;

/// What the transfers are like.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// Each moves value between two accounts drawn evenly.
    #[default]
    Uniform,
    /// Each moves value between one of four accounts and one of all others.
    Hot,
    /// Reservations, each followed by the transfer that posts it.
    TwoPhase,
    /// Chains of up to four transfers that take effect together.
    Linked,
}

impl Workload {
    /// Every workload.
    pub const ALL: &'static [Self] = &[Self::Uniform, Self::Hot, Self::TwoPhase, Self::Linked];
    /// How many accounts of [`Workload::Hot`] are hot.
    pub const HOT_ACCOUNTS: u64 = 4;
    /// The longest chain of [`Workload::Linked`].
    pub const CHAIN_TRANSFERS: u64 = 4;

    /// The name, such as `two-phase`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Hot => "hot",
            Self::TwoPhase => "two-phase",
            Self::Linked => "linked",
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Workload {
    type Err = UnknownWorkload;

    fn from_str(text: &str) -> Result<Self, UnknownWorkload> {
        let named = Self::ALL
            .iter()
            .copied()
            .find(|workload| workload.name() == text);
        named.ok_or(UnknownWorkload)
    }
}

/// There is no such workload.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a workload is uniform, hot, two-phase or linked")]
pub struct UnknownWorkload;
