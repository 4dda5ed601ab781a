//! The point that a question looks at.

use ledger_core::{Sequence, Timestamp};

use crate::v1;

/// The point that a question looks at: now, or a moment of the past.
///
/// A request of the journal is never seen in part: the state is that after the last request that
/// lies wholly before or at this point.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum At {
    /// The newest event that is on stable storage.
    #[default]
    Now,
    /// After the event of this sequence.
    Sequence(Sequence),
    /// After the last event of this journal time or earlier.
    Time(Timestamp),
}

/// Each request has a oneof of its own, and they all mean the same.
macro_rules! at {
    ($($request:ident in $module:ident;)*) => {
        $(
            impl From<At> for Option<v1::$module::At> {
                fn from(at: At) -> Self {
                    match at {
                        At::Now => None,
                        At::Sequence(sequence) => {
                            Some(v1::$module::At::AtSequence(sequence.get()))
                        }
                        At::Time(time) => Some(v1::$module::At::AtTime(time.get())),
                    }
                }
            }

            impl v1::$request {
                /// The point that is asked about.
                #[must_use]
                pub fn point(&self) -> At {
                    match self.at {
                        None => At::Now,
                        Some(v1::$module::At::AtSequence(sequence)) => {
                            At::Sequence(Sequence::new(sequence))
                        }
                        Some(v1::$module::At::AtTime(time)) => At::Time(Timestamp::new(time)),
                    }
                }
            }
        )*
    };
}

at! {
    GetBalancesRequest in get_balances_request;
    GetTrialBalanceRequest in get_trial_balance_request;
}

#[cfg(test)]
mod tests;
