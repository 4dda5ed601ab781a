//! Progress bars for long work: on standard error, and only if that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar up to `length`, under a heading.
pub(crate) fn bar(heading: &'static str, length: u64) -> ProgressBar {
    // indicatif draws to standard error, and hides what it cannot draw on.
    let bar = ProgressBar::new(length);
    let style = ProgressStyle::with_template(
        "{msg:<12} {wide_bar:.green} {human_pos}/{human_len} {per_sec:>14} {eta:>4}",
    );
    bar.set_style(style.expect("the template is sound"));
    bar.set_message(heading);
    bar
}

