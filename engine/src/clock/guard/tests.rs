use super::*;
use crate::clock::SimulatedClock;

const SECOND: u64 = 1_000_000_000;
const NOON: u64 = 1_800_000_000 * SECOND;

fn clock() -> SimulatedClock {
    SimulatedClock::new(Timestamp::new(NOON))
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::new(NOON + seconds * SECOND)
}

#[test]
fn a_running_clock_is_followed() {
    let clock = clock();
    let mut guard = ClockGuard::new(&clock);
    clock.advance(Duration::from_secs(1_000_000));
    assert_eq!(guard.now(&clock), at(1_000_000));
    assert_eq!(guard.refused(), None);
}

#[test]
fn a_step_of_a_minute_is_followed_and_a_longer_one_is_not() {
    let clock = clock();
    let mut guard = ClockGuard::new(&clock);
    clock.set_wall(at(60));
    assert_eq!(guard.now(&clock), at(60));
    clock.set_wall(at(121));
    assert_eq!(
        guard.now(&clock),
        at(60),
        "time goes on from where it was believed"
    );
    assert_eq!(guard.refused(), Some(Duration::from_secs(61)));
    clock.advance(Duration::from_secs(5));
    assert_eq!(guard.now(&clock), at(65), "and follows the monotonic clock");
}

#[test]
fn an_operator_can_accept_a_step() {
    let clock = clock();
    let mut guard = ClockGuard::new(&clock);
    clock.set_wall(at(86_400));
    assert_eq!(guard.now(&clock), at(0));
    guard.accept(&clock);
    assert_eq!(guard.now(&clock), at(86_400));
    assert_eq!(guard.refused(), None);
}

#[test]
fn a_clock_that_is_set_right_again_raises_no_alarm() {
    let clock = clock();
    let mut guard = ClockGuard::new(&clock);
    clock.set_wall(Timestamp::new(NOON - 3600 * SECOND));
    assert_eq!(guard.now(&clock), Timestamp::new(NOON - 3600 * SECOND));
    clock.set_wall(at(0));
    assert_eq!(guard.now(&clock), at(0));
    assert_eq!(guard.refused(), None);
}

#[test]
fn a_refused_clock_that_comes_back_is_followed() {
    let clock = clock();
    let mut guard = ClockGuard::new(&clock);
    clock.set_wall(at(3600));
    guard.now(&clock);
    clock.set_wall(at(1));
    assert_eq!(guard.now(&clock), at(1));
    assert_eq!(guard.refused(), None);
}

#[test]
fn the_start_allows_a_year_ahead_and_an_hour_behind() {
    let clock = clock();
    let day = 86_400;
    assert_eq!(
        check_start(&clock, Timestamp::ZERO),
        Ok(()),
        "an empty journal knows no time"
    );
    assert_eq!(check_start(&clock, at(3600)), Ok(()));
    assert_eq!(
        check_start(&clock, at(3601)),
        Err(ClockStep::Behind(Duration::from_secs(3601)))
    );
    let year = |days: u64| Timestamp::new(NOON - days * day * SECOND);
    assert_eq!(check_start(&clock, year(366)), Ok(()));
    assert_eq!(
        check_start(&clock, year(367)),
        Err(ClockStep::Ahead(Duration::from_secs(367 * day)))
    );
}
