//! Progress bars for long work: on standard error, and only if that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::screen;

/// Below this many characters across, a bar has room for nothing but itself.
const WIDTH_MIN: usize = 72;
const NARROW: &str = "{msg:<12} {wide_bar:.green} {percent:>3} %";

/// A bar of things that are counted, under a heading.
pub(crate) fn bar(heading: &'static str, length: u64) -> ProgressBar {
    let wide = "{msg:<12} {wide_bar:.green} {human_pos}/{human_len} {per_sec:>14} {eta:>4}";
    styled(heading, length, fitting(wide))
}

/// The same for work that writes its result to standard output meanwhile. At a terminal there is
/// none: it would stand among the lines.
pub(crate) fn bar_beside_output(heading: &'static str, length: u64) -> ProgressBar {
    match screen::is_output_seen() {
        true => ProgressBar::hidden(),
        false => bar(heading, length),
    }
}

/// A bar of bytes, under a heading.
pub(crate) fn bytes_bar(heading: &'static str) -> ProgressBar {
    let wide = "{msg:<12} {wide_bar:.green} {bytes}/{total_bytes} {bytes_per_sec:>14} {eta:>4}";
    styled(heading, 0, fitting(wide))
}

/// The time that has passed, under a heading, for work of which nobody knows how far it is.
pub(crate) fn clock(heading: &'static str) -> ProgressBar {
    let clock = styled(heading, 0, "{msg} {elapsed}");
    clock.enable_steady_tick(Duration::from_millis(200));
    clock
}

fn fitting(wide: &'static str) -> &'static str {
    let is_narrow = screen::message_width().is_some_and(|width| width < WIDTH_MIN);
    if is_narrow { NARROW } else { wide }
}

fn styled(heading: &'static str, length: u64, template: &str) -> ProgressBar {
    // indicatif draws to standard error, and hides what it cannot draw on.
    let bar = match length {
        // All of nothing would be all.
        0 => ProgressBar::no_length(),
        _ => ProgressBar::new(length),
    };
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.expect("the template is sound"));
    bar.set_message(heading);
    bar
}
