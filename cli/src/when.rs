//! Moments as people write them.
//!
//! Everything is UTC unless an offset is written, as everything that is printed is. A day or a
//! month is a span of time: what is asked *at* it or *until* it means its end, so that all that
//! happened on the day is counted, as in books; *since* it means its beginning.

use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};
use ledger_client::At;
use ledger_core::{Sequence, Timestamp};

/// A moment, or a span of days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    /// A moment.
    Moment(Timestamp),
    /// All of the days from the first to the last.
    Days(Date, Date),
}

/// A point of the journal to look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Point {
    /// The newest event.
    Now,
    /// After the event of this sequence.
    Sequence(Sequence),
    /// After the last event of this time or earlier.
    Time(Timestamp),
}

/// A text that is no moment.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "write a moment such as 2026-11-22T14:30:00Z, `2026-11-22 14:30`, 2026-11-22, 2026-11, 14:30, `2 hours ago` or yesterday; times are UTC unless an offset is written"
)]
pub(crate) struct NotAMoment;

/// A text that is no point of the journal.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write the sequence of an event, or {}", .0.to_string().trim_start_matches("write "))]
pub(crate) struct NotAPoint(NotAMoment);

impl When {
    /// Its first moment.
    pub(crate) fn start(self) -> Timestamp {
        match self {
            Self::Moment(moment) => moment,
            Self::Days(first, _) => begin_of(first).unwrap_or(Timestamp::new(1)),
        }
    }

    /// Its last moment.
    pub(crate) fn end(self) -> Timestamp {
        match self {
            Self::Moment(moment) => moment,
            Self::Days(_, last) => {
                let next = last.tomorrow().ok().and_then(begin_of);
                next.map_or(Timestamp::MAX, |next| Timestamp::new(next.get() - 1))
            }
        }
    }

    /// Reads a moment as it is written at the moment `now`.
    fn parse(text: &str, now: &Zoned) -> Option<Self> {
        let text = text.trim();
        let today = now.date();
        let day = |day| begin_of(day).map(|_| Self::Days(day, day));
        match text {
            "now" => return timestamp(now).map(Self::Moment),
            "today" => return day(today),
            "yesterday" => return day(today.yesterday().ok()?),
            _ => {}
        }
        if text.ends_with("ago") {
            let span: Span = text.parse().ok()?;
            return timestamp(&now.checked_add(span).ok()?).map(Self::Moment);
        }
        if !text.contains(':') {
            if let Some(first) = month(text) {
                return begin_of(first).map(|_| Self::Days(first, first.last_of_month()));
            }
            // What jiff reads as a day may go on with a time.
            return text
                .len()
                .eq(&"2026-11-22".len())
                .then(|| day(text.parse().ok()?))?;
        }
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return u64::try_from(moment.as_nanosecond())
                .ok()
                .filter(|&moment| (1..=Timestamp::MAX.get()).contains(&moment))
                .map(|moment| Self::Moment(Timestamp::new(moment)));
        }
        let civil = match text.parse::<DateTime>() {
            Ok(civil) => civil,
            Err(_) => today.to_datetime(text.parse::<Time>().ok()?),
        };
        timestamp(&civil.to_zoned(TimeZone::UTC).ok()?).map(Self::Moment)
    }
}

impl FromStr for When {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        Self::parse(text, &now()).ok_or(NotAMoment)
    }
}

impl Point {
    fn parse(text: &str, now: &Zoned) -> Option<Self> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text
                .parse()
                .ok()
                .map(|number| Self::Sequence(Sequence::new(number)));
        }
        let when = When::parse(text, now)?;
        let is_going_on = || {
            let moment = timestamp(now);
            moment.is_some_and(|now| when.start() <= now && now <= when.end())
        };
        match when {
            // The end of a day that has not ended cannot be looked at yet.
            _ if is_going_on() => Some(Self::Now),
            when => Some(Self::Time(when.end())),
        }
    }
}

impl From<Point> for At {
    fn from(point: Point) -> Self {
        match point {
            Point::Now => Self::Now,
            Point::Sequence(sequence) => Self::Sequence(sequence),
            Point::Time(time) => Self::Time(time),
        }
    }
}

impl FromStr for Point {
    type Err = NotAPoint;

    fn from_str(text: &str) -> Result<Self, NotAPoint> {
        Self::parse(text, &now()).ok_or(NotAPoint(NotAMoment))
    }
}

fn now() -> Zoned {
    Zoned::now().with_time_zone(TimeZone::UTC)
}

/// The first day of a month written as `2026-11`.
fn month(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    let digits =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

fn begin_of(day: Date) -> Option<Timestamp> {
    timestamp(&day.to_zoned(TimeZone::UTC).ok()?)
}

/// The moment in nanoseconds, if the journal's time can be that.
fn timestamp(moment: &Zoned) -> Option<Timestamp> {
    let nanoseconds = u64::try_from(moment.timestamp().as_nanosecond()).ok()?;
    (1..=Timestamp::MAX.get())
        .contains(&nanoseconds)
        .then(|| Timestamp::new(nanoseconds))
}

#[cfg(test)]
mod tests;
