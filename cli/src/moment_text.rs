//! Moments as people read them.

use std::time::{Duration, UNIX_EPOCH};

use ledger_core::Timestamp;

/// A moment in UTC with its nanoseconds, which tell events apart.
pub(crate) fn moment_text(moment: Timestamp) -> String {
    let moment = UNIX_EPOCH + Duration::from_nanos(moment.get());
    humantime::format_rfc3339_nanos(moment).to_string()
}

/// A moment in UTC to the second, as people look for it.
pub(crate) fn second_text(moment: Timestamp) -> String {
    let moment = UNIX_EPOCH + Duration::from_secs(moment.get() / 1_000_000_000);
    let text = humantime::format_rfc3339_seconds(moment).to_string();
    text.trim_end_matches('Z').replace('T', " ")
}
