//! Golden scripts: a test as a table, one row an event, the last column what it is answered.
//!
//! Rows that follow one another and ask for the same kind of thing are one request; an empty line
//! ends a request. A number sign begins a comment.
//!
//! ```text
//! at 1000                                 the clock, in nanoseconds
//! after 5s                                moves the clock on (s or ns)
//! dry run                                 the next request leaves nothing behind
//! ledger  1 code=USD scale=2
//! account 1 debits<=credits overdraft=10  ledger=1 code=1 unless said otherwise
//! update  7 account=1 overdraft=20 name=Till
//! move    10 1>2 100                      debits 1, credits 2; ledger=1 code=1 unless said
//! hold    11 1>2 MAX-5 timeout=10         pending
//! post    12 of 11 30 keep_open           a field that is not said is left zero
//! void    13 of 11
//! reverse 14 of 10 MAX                    code=1 unless said otherwise
//! hold    1000..1009 1>2 1 linked         ten rows in one
//! expire  8192                            releases what is due, at most so many
//! balance 1                               pending+posted of each side
//! holds                                   what is reserved
//! sequence                                of the newest event
//! ```

#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses its own part"
)]

mod parse;
mod run;

pub use parse::{Row, Script, Step};
pub use run::{Outcome, run};
