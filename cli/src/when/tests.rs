use jiff::Zoned;
use jiff::tz::TimeZone;
use ledger_core::Sequence;

use super::{Point, When};
use crate::moment_text::moment_text;

fn now() -> Zoned {
    let moment: jiff::Timestamp = "2026-11-22T20:15:30.5Z".parse().expect("a moment");
    moment.to_zoned(TimeZone::UTC)
}

/// The first and the last moment of what was written.
fn span(text: &str) -> Option<(String, String)> {
    let when = When::parse(text, &now())?;
    Some((moment_text(when.start()), moment_text(when.end())))
}

#[test]
fn moments_are_read_as_people_write_them() {
    for (text, moment) in [
        ("2026-11-22T14:30:00Z", "2026-11-22T14:30:00.000000000Z"),
        ("2026-11-22 14:30", "2026-11-22T14:30:00.000000000Z"),
        (
            "2026-11-22T14:30:05.000000007Z",
            "2026-11-22T14:30:05.000000007Z",
        ),
        ("2026-11-22T14:30:05.25", "2026-11-22T14:30:05.250000000Z"),
        (
            "2026-11-22T14:30:00+02:00",
            "2026-11-22T12:30:00.000000000Z",
        ),
        ("14:30", "2026-11-22T14:30:00.000000000Z"),
        ("2 hours ago", "2026-11-22T18:15:30.500000000Z"),
        ("90s ago", "2026-11-22T20:14:00.500000000Z"),
        ("1 month ago", "2026-10-22T20:15:30.500000000Z"),
        ("now", "2026-11-22T20:15:30.500000000Z"),
    ] {
        let moment = moment.to_owned();
        assert_eq!(span(text), Some((moment.clone(), moment)), "{text}");
    }
}

#[test]
fn days_and_months_begin_and_end() {
    for (text, first, last) in [
        ("2026-02-28", "2026-02-28", "2026-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("yesterday", "2026-11-21", "2026-11-21"),
        ("today", "2026-11-22", "2026-11-22"),
    ] {
        let told = (
            format!("{first}T00:00:00.000000000Z"),
            format!("{last}T23:59:59.999999999Z"),
        );
        assert_eq!(span(text), Some(told), "{text}");
    }
}

#[test]
fn what_is_no_moment_is_refused() {
    for text in [
        "",
        "soon",
        "2026-02-30",
        "2026-13",
        "25:00",
        "12",
        "1890-01-01T00:00:00Z",
        "2 hours",
        "hours ago",
        "2026-11-22T",
        "20261122",
    ] {
        let read = When::parse(text, &now());
        assert!(
            read.is_none_or(|when| when.start().get() == 1),
            "{text}: {read:?}"
        );
    }
}

#[test]
fn a_point_is_a_sequence_or_a_moment() {
    let point = |text| Point::parse(text, &now());
    assert_eq!(point("12"), Some(Point::Sequence(Sequence::new(12))));
    assert_eq!(point("0"), Some(Point::Sequence(Sequence::ZERO)));
    assert_eq!(point("now"), Some(Point::Now));
    assert_eq!(point("2026-11-22"), Some(Point::Now));
    assert_eq!(point("2026-11"), Some(Point::Now));
    assert!(
        matches!(point("2026-11-21"), Some(Point::Time(end)) if moment_text(end).starts_with("2026-11-21T23:59:59.9"))
    );
    assert!(matches!(point("2026-11-23"), Some(Point::Time(_))));
    assert_eq!(point("99999999999999999999999"), None);
}

#[test]
fn days_that_no_journal_can_reach_are_none() {
    for text in ["2999-01-01", "2999-01", "1969-12-31", "1969-12"] {
        assert_eq!(When::parse(text, &now()), None, "{text}");
        assert_eq!(Point::parse(text, &now()), None, "{text}");
    }
}
