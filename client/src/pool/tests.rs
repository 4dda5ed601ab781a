use super::least_loaded;

#[test]
fn the_least_loaded_connection_is_picked() {
    assert_eq!(least_loaded([3, 1, 2].into_iter(), 0), 1);
    assert_eq!(least_loaded([3, 1, 0].into_iter(), 1), 2);
}

#[test]
fn equals_take_turns() {
    let picked: Vec<usize> = (0..6)
        .map(|turn| least_loaded([5, 5, 5].into_iter(), turn % 3))
        .collect();
    assert_eq!(picked, [0, 1, 2, 0, 1, 2]);
    assert_eq!(least_loaded([1, 0, 0].into_iter(), 2), 2);
}
