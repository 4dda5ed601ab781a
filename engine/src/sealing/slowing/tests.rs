use super::*;

const RATE: u64 = 100 << 20;

fn pause_for(unsealed: u64, bytes: u64) -> Duration {
    pause(unsealed, RATE, Some((Duration::ZERO, bytes)))
}

#[test]
fn the_first_frame_does_not_wait() {
    assert_eq!(pause(40, RATE, None), Duration::ZERO);
}

#[test]
fn the_more_waits_the_slower_it_goes() {
    let frame = 1 << 20;
    let pauses: Vec<_> = (8..40).map(|unsealed| pause_for(unsealed, frame)).collect();
    assert!(pauses.is_sorted(), "{pauses:?}");
    assert_eq!(pauses[0], Duration::from_millis(10), "the rate itself");
    assert_eq!(pauses[8], Duration::from_millis(20), "half of it");
    assert_eq!(
        *pauses.last().expect("there are some"),
        Duration::from_millis(40)
    );
}

#[test]
fn no_frame_waits_long() {
    assert_eq!(pause_for(8, 8 << 20), STEP);
    assert_eq!(pause_for(1000, 4 << 20), Duration::from_millis(160));
    assert_eq!(pause(1000, 1, Some((Duration::ZERO, 8 << 20))), LONGEST);
}

#[test]
fn time_that_passed_counts() {
    let newest = Some((Duration::from_millis(3), 1 << 20));
    assert_eq!(pause(8, RATE, newest), Duration::from_millis(7));
    let newest = Some((Duration::from_millis(30), 1 << 20));
    assert_eq!(pause(8, RATE, newest), Duration::ZERO);
}

#[test]
fn a_rate_that_is_not_known_is_taken_for_a_slow_one() {
    let newest = Some((Duration::ZERO, 64 << 10));
    assert!(pause(8, 0, newest) > pause(8, RATE, newest));
}
