//! The axis of time: ticks at full hours, days, months or years, in UTC.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, ToSpan, Unit};
use ledger_core::Timestamp;

/// A labelled moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TimeTick {
    /// When.
    pub(super) time: Timestamp,
    /// What is written below it.
    pub(super) label: String,
}

/// A distance between ticks, with how its ticks are written.
struct Step {
    span: Span,
    unit: Unit,
    every: i64,
    format: &'static str,
}

const CLOCK: &str = "%H:%M:%S%.3f";
const SECONDS: &str = "%H:%M:%S";
const MINUTES: &str = "%H:%M";
const DAY_AND_HOUR: &str = "%m-%d %H:%M";
const DAYS: &str = "%Y-%m-%d";
const MONTHS: &str = "%Y-%m";
const YEARS: &str = "%Y";

/// At most `ticks_max` ticks from one moment to another, both among it. There may be none where
/// the moments lie closer than a millisecond.
pub(super) fn time_ticks(from: Timestamp, to: Timestamp, ticks_max: usize) -> Vec<TimeTick> {
    let (Some(first), Some(last)) = (civil(from), civil(to)) else {
        return Vec::new();
    };
    let within_a_day = first.date() == last.date();
    let found = steps(within_a_day).find_map(|step| ticks(&step, first, last, ticks_max));
    found.unwrap_or_default()
}

/// What the ticks leave unsaid: the days, and that times are UTC.
pub(super) fn time_caption(from: Timestamp, to: Timestamp) -> String {
    match (civil(from), civil(to)) {
        (Some(first), Some(last)) if first.date() == last.date() => format!("{} UTC", first.date()),
        (Some(first), Some(last)) => format!("{} to {} UTC", first.date(), last.date()),
        _ => "UTC".to_owned(),
    }
}

fn steps(within_a_day: bool) -> impl Iterator<Item = Step> {
    let step = |unit, every: i64, span, format| Step {
        span,
        unit,
        every,
        format,
    };
    let milliseconds = [1, 2, 5, 10, 20, 50, 100, 200, 500]
        .map(|every| step(Unit::Millisecond, every, every.milliseconds(), CLOCK));
    let seconds =
        [1, 2, 5, 10, 15, 30].map(|every| step(Unit::Second, every, every.seconds(), SECONDS));
    let clock = if within_a_day { MINUTES } else { DAY_AND_HOUR };
    let minutes =
        [1, 2, 5, 10, 15, 30].map(|every| step(Unit::Minute, every, every.minutes(), clock));
    let hours = [1, 2, 3, 6, 12].map(|every| step(Unit::Hour, every, every.hours(), clock));
    let days = [1, 2, 5, 10, 15].map(|every| step(Unit::Day, every, every.days(), DAYS));
    let months = [1, 2, 3, 6].map(|every| step(Unit::Month, every, every.months(), MONTHS));
    let years =
        [1, 2, 5, 10, 20, 50, 100].map(|every| step(Unit::Year, every, every.years(), YEARS));
    milliseconds
        .into_iter()
        .chain(seconds)
        .chain(minutes)
        .chain(hours)
        .chain(days)
        .chain(months)
        .chain(years)
}

/// The ticks of a step, unless there are too many.
fn ticks(step: &Step, first: DateTime, last: DateTime, ticks_max: usize) -> Option<Vec<TimeTick>> {
    let rough = match step.unit {
        Unit::Month => SignedDuration::from_hours(24 * 28 * step.every),
        Unit::Year => SignedDuration::from_hours(24 * 365 * step.every),
        Unit::Day => SignedDuration::from_hours(24 * step.every),
        _ => SignedDuration::try_from(step.span).ok()?,
    };
    // Counting out all ticks of a year in milliseconds would take long.
    let fitting = i32::try_from(ticks_max).ok()?.checked_add(2)?;
    if rough.checked_mul(fitting)? < last.duration_since(first) {
        return None;
    }
    let mut at = before(step, first)?;
    let mut found = Vec::new();
    while at <= last {
        // Days of a month that are counted in fives begin anew with each month.
        if at >= first && !(step.unit == Unit::Day && step.every > 1 && is_crowded(at, step.every))
        {
            if found.len() == ticks_max {
                return None;
            }
            found.push(TimeTick {
                time: timestamp(at)?,
                label: at.strftime(step.format).to_string(),
            });
        }
        at = following(step, at)?;
    }
    Some(found)
}

/// The last tick at or before a moment.
fn before(step: &Step, moment: DateTime) -> Option<DateTime> {
    let date = moment.date();
    let midnight = date.to_datetime(jiff::civil::Time::midnight());
    let below = |number: i64| number - number.rem_euclid(step.every);
    match step.unit {
        Unit::Year => {
            let year = i16::try_from(below(date.year().into())).ok()?;
            DateTime::new(year.max(1), 1, 1, 0, 0, 0, 0).ok()
        }
        Unit::Month => {
            let month = i8::try_from(below(i64::from(date.month()) - 1) + 1).ok()?;
            DateTime::new(date.year(), month, 1, 0, 0, 0, 0).ok()
        }
        Unit::Day => {
            let day = i8::try_from(below(i64::from(date.day()) - 1) + 1).ok()?;
            DateTime::new(date.year(), date.month(), day, 0, 0, 0, 0).ok()
        }
        _ => {
            let step = i64::try_from(SignedDuration::try_from(step.span).ok()?.as_nanos()).ok()?;
            let since = i64::try_from(moment.duration_since(midnight).as_nanos()).ok()?;
            let whole = since - since.rem_euclid(step);
            midnight.checked_add(SignedDuration::from_nanos(whole)).ok()
        }
    }
}

fn following(step: &Step, at: DateTime) -> Option<DateTime> {
    let next = at.checked_add(step.span).ok()?;
    if step.unit == Unit::Day && next.month() != at.month() {
        return DateTime::new(next.year(), next.month(), 1, 0, 0, 0, 0).ok();
    }
    Some(next)
}

/// Whether the first of the next month is nearer than half a step.
fn is_crowded(at: DateTime, every: i64) -> bool {
    let left = i64::from(at.date().last_of_month().day() - at.day()) + 1;
    left * 2 < every
}

fn civil(time: Timestamp) -> Option<DateTime> {
    let moment = jiff::Timestamp::from_nanosecond(time.get().into()).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).datetime())
}

fn timestamp(moment: DateTime) -> Option<Timestamp> {
    let zoned = moment.to_zoned(TimeZone::UTC).ok()?;
    let nanoseconds = u64::try_from(zoned.timestamp().as_nanosecond()).ok()?;
    Some(Timestamp::new(nanoseconds))
}

#[cfg(test)]
mod tests;
