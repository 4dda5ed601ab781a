//! Names of things: 128-bit ids that the client chooses, and the small numbers of ledgers.

use core::fmt;

macro_rules! id_u128 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(u128);

        impl $name {
            /// No such thing: the value of an absent field.
            pub const ZERO: Self = Self(0);
            /// Reserved: never a valid id.
            pub const MAX: Self = Self(u128::MAX);

            /// Wraps a number as it came from the client; `0` and the maximum are judged later.
            #[must_use]
            pub const fn new(value: u128) -> Self {
                Self(value)
            }

            /// The number itself.
            #[must_use]
            pub const fn get(self) -> u128 {
                self.0
            }

            /// Whether this is the value of an absent field.
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// Whether this is the reserved maximum.
            #[must_use]
            pub const fn is_max(self) -> bool {
                self.0 == u128::MAX
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id_u128! {
    /// The id of an account, unique over the database.
    AccountId
}
id_u128! {
    /// The id of a transfer: it names one transfer for the life of the database.
    TransferId
}
id_u128! {
    /// Ties the legs of one business event together.
    GroupId
}
id_u128! {
    /// The id of one change of an account; a space of its own, kept for ever.
    UpdateId
}

/// The id of a ledger: one asset, such as a currency, a stock-keeping unit or points.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct LedgerId(u32);

impl LedgerId {
    /// No ledger: the value of an absent field.
    pub const ZERO: Self = Self(0);

    /// Wraps a number as it came from the client; `0` is judged later.
    #[must_use]
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether this is the value of an absent field.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for LedgerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
