use ledger_core::Timestamp;

use super::time_ticks;

fn moment(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().expect("a moment");
    Timestamp::new(moment.as_nanosecond().try_into().expect("after 1970"))
}

fn labels(from: &str, to: &str, ticks_max: usize) -> Vec<String> {
    let ticks = time_ticks(moment(from), moment(to), ticks_max);
    ticks.into_iter().map(|tick| tick.label).collect()
}

#[test]
fn ticks_are_at_full_steps_of_the_calendar() {
    let cases = [
        (
            ("2026-11-22T10:00:00.001Z", "2026-11-22T10:00:00.0059Z"),
            "10:00:00.001 10:00:00.002 10:00:00.003 10:00:00.004 10:00:00.005",
        ),
        (
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:11Z"),
            "10:00:00 10:00:05 10:00:10",
        ),
        (
            ("2026-11-22T10:00:00Z", "2026-11-22T15:00:11Z"),
            "10:00 12:00 14:00",
        ),
        (
            ("2026-11-22T10:00:00Z", "2026-11-23T15:00:11Z"),
            "11-22 12:00 11-22 18:00 11-23 00:00 11-23 06:00 11-23 12:00",
        ),
        (
            ("2026-11-01T00:00:00Z", "2026-11-21T00:00:00Z"),
            "2026-11-01 2026-11-06 2026-11-11 2026-11-16 2026-11-21",
        ),
        (
            ("2026-01-25T00:00:00Z", "2026-02-12T00:00:00Z"),
            "2026-01-26 2026-02-01 2026-02-06 2026-02-11",
        ),
        (
            ("2026-01-30T00:00:00Z", "2026-04-21T00:00:00Z"),
            "2026-02 2026-03 2026-04",
        ),
        (
            ("2012-01-30T00:00:00Z", "2014-04-21T00:00:00Z"),
            "2012-07 2013-01 2013-07 2014-01",
        ),
        (
            ("1980-01-30T00:00:00Z", "2026-04-21T00:00:00Z"),
            "1990 2000 2010 2020",
        ),
        (
            (
                "2026-11-22T10:00:00.0000001Z",
                "2026-11-22T10:00:00.0000002Z",
            ),
            "",
        ),
    ];
    for ((from, to), expected) in cases {
        assert_eq!(labels(from, to, 5).join(" "), expected, "{from} {to}");
    }
}

#[test]
fn there_are_never_more_ticks_than_asked_for() {
    for seconds in [1, 59, 3601, 86_400, 1_000_000, 40_000_000, 3_000_000_000] {
        for ticks_max in 1..12 {
            let from = moment("2001-02-03T04:05:06Z");
            let to = Timestamp::new(from.get() + seconds * 1_000_000_000);
            let ticks = time_ticks(from, to, ticks_max);
            assert!(ticks.len() <= ticks_max, "{ticks:?}");
            assert!(ticks.iter().all(|tick| (from..=to).contains(&tick.time)));
            assert!(ticks.is_sorted_by(|one, next| one.time < next.time));
        }
    }
}
