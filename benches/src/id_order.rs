//! How the ids of transfers and accounts follow one another.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// How the ids of transfers and accounts follow one another.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdOrder {
    /// Each is larger than the one before, as the client's own generator makes them.
    #[default]
    Time,
    /// In no order, as version 4 UUIDs are.
    Random,
}

impl IdOrder {
    /// Every order.
    pub const ALL: &'static [Self] = &[Self::Time, Self::Random];

    /// The name, such as `time`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Random => "random",
        }
    }
}

impl fmt::Display for IdOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for IdOrder {
    type Err = UnknownIdOrder;

    fn from_str(text: &str) -> Result<Self, UnknownIdOrder> {
        Self::ALL
            .iter()
            .copied()
            .find(|order| order.name() == text)
            .ok_or(UnknownIdOrder)
    }
}

/// There is no such order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("ids are in the order time or random")]
pub struct UnknownIdOrder;
