use super::*;

const MIB: u64 = 1 << 20;
const PIECE: u64 = PIECE_BYTES;

#[test]
fn nothing_is_waited_for_before_a_piece_is_written() {
    let now = Instant::now();
    let mut pace = Pace::new(now, 0);
    assert_eq!(pace.pause(now, PIECE - 1, 0, 1), None);
    assert_eq!(pace.waited(), Duration::ZERO);
}

#[test]
fn an_idle_disk_is_used_at_the_least_pace() {
    let now = Instant::now();
    let mut pace = Pace::new(now, 7);
    let pause = pace.pause(now, PIECE, 7, 1).expect("it went fast");
    assert_eq!(pause, time_for(PIECE, LEAST));
    assert_eq!(pace.waited(), pause);
    // The pause is not counted as work on the next piece.
    let later = now + pause + Duration::from_secs(1);
    assert_eq!(pace.pause(later, 2 * PIECE, 7, 1), None);
}

#[test]
fn it_goes_half_as_fast_again_as_the_log() {
    let now = Instant::now();
    let mut pace = Pace::new(now, 0);
    let took = Duration::from_millis(10);
    // 4 MiB in 10 ms are 400 MiB a second; the log went at 200.
    let pause = pace.pause(now + took, PIECE, 2 * MIB, 1).expect("a pause");
    let whole = took + pause;
    let expected = Duration::from_secs_f64(4.0 / 300.0);
    assert!(
        whole.abs_diff(expected) < Duration::from_micros(10),
        "{whole:?}"
    );
}

#[test]
fn the_more_waits_the_faster_it_goes() {
    let now = Instant::now();
    let took = Duration::from_millis(10);
    let mut pace = Pace::new(now, 0);
    assert!(pace.pause(now + took, PIECE, 2 * MIB, 1).is_some());
    let mut pace = Pace::new(now, 0);
    assert_eq!(pace.pause(now + took, PIECE, 2 * MIB, 2), None);
}
