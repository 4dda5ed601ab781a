use super::{IdGenerator, RANDOM_BITS, RANDOM_MASK, time_ordered_id};
use std::time::{SystemTime, UNIX_EPOCH};

#[test]
fn ids_grow_within_a_millisecond_and_across_them() {
    let mut ids = IdGenerator::new();
    let mut before = 0;
    for milliseconds in [5, 5, 5, 6, 6, 100] {
        let id = ids.next_at(milliseconds, || 7);
        assert!(id > before, "{id:#x} follows {before:#x}");
        assert_eq!(id >> RANDOM_BITS, u128::from(milliseconds));
        before = id;
    }
}

#[test]
fn a_clock_that_steps_back_is_not_followed() {
    let mut ids = IdGenerator::new();
    let before = ids.next_at(1_000, || 1);
    let after = ids.next_at(10, || RANDOM_MASK);
    assert_eq!(after, before + 1);
}

#[test]
fn a_full_random_part_carries_into_the_time() {
    let mut ids = IdGenerator::new();
    let last_of_it = ids.next_at(9, || RANDOM_MASK);
    let first_beyond = ids.next_at(9, || unreachable!("nothing is drawn within a millisecond"));
    assert_eq!(first_beyond, last_of_it + 1);
    assert_eq!(first_beyond >> RANDOM_BITS, 10);
    // The clock reaches that millisecond: still larger.
    assert!(ids.next_at(10, || 0) > first_beyond);
}

#[test]
fn a_clock_before_the_epoch_gives_no_zero() {
    assert_ne!(IdGenerator::new().next_at(0, || 0), 0);
}

#[test]
fn ids_carry_the_time_of_day() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let told = time_ordered_id() >> RANDOM_BITS;
    assert!(told.abs_diff(now) < 60_000, "{told} is about {now}");
}

#[test]
fn threads_that_share_the_generator_never_draw_the_same_id() {
    let mut all: Vec<u128> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let drawn: Vec<u128> = (0..5_000).map(|_| time_ordered_id()).collect();
                    assert!(
                        drawn.is_sorted_by(|a, b| a < b),
                        "each thread sees its ids grow"
                    );
                    drawn
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 20_000);
}

#[test]
fn two_generators_draw_different_ids() {
    assert_ne!(IdGenerator::new().next_id(), IdGenerator::new().next_id());
}
