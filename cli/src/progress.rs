//! Progress bars for long work: on standard error, and only if that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of things that are counted, under a heading.
pub(crate) fn bar(heading: &'static str, length: u64) -> ProgressBar {
    styled(
        heading,
        length,
        "{msg:<12} {wide_bar:.green} {human_pos}/{human_len} {per_sec:>14} {eta:>4}",
    )
}

/// A bar of bytes, under a heading.
pub(crate) fn bytes_bar(heading: &'static str) -> ProgressBar {
    styled(
        heading,
        0,
        "{msg:<12} {wide_bar:.green} {bytes}/{total_bytes} {bytes_per_sec:>14} {eta:>4}",
    )
}

fn styled(heading: &'static str, length: u64, template: &str) -> ProgressBar {
    // indicatif draws to standard error, and hides what it cannot draw on.
    let bar = ProgressBar::new(length);
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.expect("the template is sound"));
    bar.set_message(heading);
    bar
}
