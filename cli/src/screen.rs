//! The terminal that somebody looks at.

use std::io::{IsTerminal, stderr, stdout};

use terminal_size::terminal_size_of;

/// Characters across the terminal that standard output goes to; none if it goes elsewhere.
pub(crate) fn output_width() -> Option<usize> {
    let width = |(width, _): (terminal_size::Width, _)| usize::from(width.0);
    is_output_seen()
        .then(|| terminal_size_of(stdout()).map(width))
        .flatten()
}

/// Characters across the terminal that messages and progress go to; none if they go elsewhere.
pub(crate) fn message_width() -> Option<usize> {
    let (width, _) = terminal_size_of(stderr())?;
    Some(width.0.into())
}

/// Whether standard output goes to a terminal.
pub(crate) fn is_output_seen() -> bool {
    stdout().is_terminal()
}
