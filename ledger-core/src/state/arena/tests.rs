use alloc::vec::Vec;

use super::*;

#[test]
fn entries_stay_where_they_were_put_across_chunks() {
    let mut arena = Arena::new();
    let slots: Vec<Slot> = (0..CHUNK * 2 + 3).map(|n| arena.push(n)).collect();
    assert_eq!(arena.len(), CHUNK * 2 + 3);
    assert!(slots.iter().enumerate().all(|(n, &slot)| arena[slot] == n));
    for position in [
        0,
        1,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        CHUNK * 2 + 2,
        CHUNK * 2 + 3,
    ] {
        let rest: Vec<usize> = arena.iter_from(position).copied().collect();
        assert_eq!(rest, (position..CHUNK * 2 + 3).collect::<Vec<_>>());
    }
}

#[test]
fn a_chunk_boundary_is_popped_and_pushed_again() {
    let mut arena = Arena::new();
    (0..=CHUNK).for_each(|n| {
        arena.push(n);
    });
    assert_eq!(arena.pop(), Some(CHUNK));
    assert_eq!(arena.pop(), Some(CHUNK - 1));
    assert_eq!(arena.len(), CHUNK - 1);
    assert_eq!(arena.push(7).position(), CHUNK - 1);
    assert_eq!(arena.push(8).position(), CHUNK);
}

#[test]
fn a_freed_place_is_used_again() {
    let mut arena = Arena::new();
    let first = arena.insert(1);
    arena.insert(2);
    assert_eq!(arena.take(first), 1);
    assert_eq!(arena.insert(3), first);
    assert_eq!(arena.len(), 2);
}

#[test]
fn a_filled_arena_goes_on_behind_what_it_was_filled_with() {
    for count in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
        let mut arena = Arena::new();
        arena.fill(count, &7);
        assert_eq!(arena.len(), count);
        assert_eq!(arena.push(8), Slot::new(count));
        assert_eq!(
            arena.iter_from(0).filter(|&&entry| entry == 7).count(),
            count
        );
        assert_eq!(arena.len(), count + 1);
    }
}
