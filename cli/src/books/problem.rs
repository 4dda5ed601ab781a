//! What may be wrong with a set of books, and where.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::books::quantity::Quantity;

/// A line of a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// The file as it was named.
    pub(crate) file: Arc<Path>,
    /// The line, from 1.
    pub(crate) line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// One thing to mend, with the line where it is.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{place}: {fault}")]
pub(crate) struct Problem {
    /// Where.
    pub(crate) place: Place,
    /// What.
    pub(crate) fault: Fault,
}

/// What may be wrong with a line.
#[derive(Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Fault {
    /// The header of a CSV file lacks a column.
    #[error("the header has no column `{column}`; write the file with `hledger print -O csv`")]
    ColumnMissing {
        /// The column.
        column: &'static str,
    },
    /// The bytes are not CSV or not UTF-8.
    #[error("not readable as CSV: {reason}")]
    NotCsv {
        /// What the reader says.
        reason: CsvFault,
    },
    /// A field that must say something is empty.
    #[error("`{field}` is empty")]
    FieldEmpty {
        /// The column.
        field: &'static str,
    },
    /// A date that no calendar has.
    #[error("`{text}` is not a date of the form 2026-11-22")]
    NotADate {
        /// What was written.
        text: String,
    },
    /// An amount that is no number.
    #[error("`{text}` is not an amount: write a sign, digits and a point, such as -12.50")]
    NotAnAmount {
        /// What was written.
        text: String,
    },
    /// The rows of one transaction are not together.
    #[error("transaction {index} began at line {first_line} and was followed by another one")]
    TransactionSplit {
        /// The transaction's number in the file.
        index: String,
        /// Where it began.
        first_line: u64,
    },
    /// Rows of one transaction that disagree.
    #[error("`{field}` differs from that of the transaction's first row, line {first_line}")]
    TransactionFieldDiffers {
        /// The column.
        field: &'static str,
        /// Where the transaction began.
        first_line: u64,
    },
    /// Debits and credits differ and nothing was exchanged for the difference.
    #[error("the transaction does not balance: {difference} {commodity} too much")]
    Unbalanced {
        /// What is too much; negative where it is too little.
        difference: Quantity,
        /// Of what.
        commodity: String,
    },
    /// More decimals than the ledger can ever hold, or than it was registered with.
    #[error(
        "{quantity} {commodity} needs {needed} decimals, but the ledger of {commodity} has {scale}"
    )]
    TooManyDecimals {
        /// The amount.
        quantity: Quantity,
        /// Of what.
        commodity: String,
        /// The decimals that carry a digit.
        needed: u32,
        /// What the ledger has.
        scale: u32,
    },
    /// More units than can be added up.
    #[error("{quantity} {commodity} is too large for a ledger with {scale} decimals")]
    TooLarge {
        /// The amount.
        quantity: Quantity,
        /// Of what.
        commodity: String,
        /// The ledger's decimals.
        scale: u32,
    },
    /// A transaction that no single request can hold.
    #[error("the transaction takes {transfers} transfers, but a request holds at most {max}")]
    TransactionTooLong {
        /// How many it takes.
        transfers: usize,
        /// How many fit.
        max: usize,
    },
    /// An account's name that the ledger cannot keep.
    #[error("the account's name has {bytes} bytes, but a name has at most {max}")]
    AccountNameTooLong {
        /// Its length.
        bytes: usize,
        /// The longest.
        max: usize,
    },
    /// A commodity that cannot be a ledger's code.
    #[error("`{commodity}` cannot be a ledger's code: 1 to {max} bytes without control characters")]
    CommodityInvalid {
        /// The commodity.
        commodity: String,
        /// The longest code.
        max: usize,
    },
    /// Something that the Beancount reader does not understand.
    #[error("not understood as Beancount")]
    NotBeancount,
    /// A posting or metadata that the Beancount reader does not understand.
    #[error("this line of the transaction is not understood as Beancount")]
    PostingNotUnderstood,
    /// An amount is left out, and it does not follow from the others.
    #[error("the amount left out here does not follow from the others: write it")]
    AmountDoesNotFollow,
    /// More than one amount of a transaction is left out.
    #[error("more than one amount of this transaction is left out: write all but one")]
    AmountsLeftOut,
    /// An expression without a value.
    #[error("the amount cannot be computed: it divides by zero")]
    NoValue,
    /// An option that has another form.
    #[error("the value of option `{option}` is not understood")]
    OptionInvalid {
        /// The option.
        option: &'static str,
    },
    /// The books contradict themselves.
    #[error("{0}")]
    AssertionFailed(Box<FailedAssertion>),
    /// A file that is included cannot be read.
    #[error("the included file {path} cannot be read: {reason}")]
    IncludeUnreadable {
        /// As it was written.
        path: String,
        /// What the operating system says.
        reason: std::io::ErrorKind,
    },
}

/// What the books say an account has, and what it adds up to.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the books say that {account} has {asserted} {commodity} here, but it adds up to {actual}")]
pub(crate) struct FailedAssertion {
    /// The account, with what is below it.
    pub(crate) account: String,
    /// What is said.
    pub(crate) asserted: Quantity,
    /// What it adds up to.
    pub(crate) actual: Quantity,
    /// Of what.
    pub(crate) commodity: String,
}

/// Why bytes are not CSV.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CsvFault {
    /// Text that is not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// More or fewer fields than the header has.
    #[error("the row has {fields} fields, but the header has {expected}")]
    FieldCount {
        /// Found.
        fields: u64,
        /// In the header.
        expected: u64,
    },
    /// Anything else.
    #[error("the row is broken")]
    Broken,
}

/// Everything that is wrong with a set of books, in the order of the lines.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Problems(pub(crate) Vec<Problem>);

impl Problems {
    /// The most problems that are shown; a file of another kind has one a line.
    const SHOWN_MAX: usize = 20;
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.0.iter().take(Self::SHOWN_MAX) {
            writeln!(f, "{problem}")?;
        }
        if let Some(more @ 1..) = self.0.len().checked_sub(Self::SHOWN_MAX) {
            writeln!(f, "... and {more} more")?;
        }
        f.write_str("nothing was posted")
    }
}
