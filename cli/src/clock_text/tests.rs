use super::*;

#[test]
fn the_difference_is_told_in_words_and_the_time_as_a_moment() {
    let journal = Timestamp::new(1_800_000_000_000_000_000);
    let ahead = ClockStep::Ahead(Duration::from_millis(408 * 86_400_000 + 7));
    assert_eq!(
        clock_text(ahead, journal, "restore"),
        "the clock is 408 days ahead of the journal, whose newest time is \
         2027-01-15T08:00:00.000000000Z: set it right, or restore with --accept-clock if it is right"
    );
    for (seconds, told) in [
        (7199, "119 minutes behind"),
        (7200, "2 hours behind"),
        (2 * 86_400 - 1, "47 hours behind"),
        (2 * 86_400, "2 days behind"),
        (119, "119 seconds behind"),
    ] {
        let behind = ClockStep::Behind(Duration::from_secs(seconds));
        let text = clock_text(behind, journal, "start");
        assert!(text.contains(told), "{text}");
    }
}
