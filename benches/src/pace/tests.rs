use super::*;

#[test]
fn a_run_that_slows_down_shows_it() {
    // A hundred a second for five seconds, then fifty a second.
    let seen = [(0.0, 0), (2.0, 200), (5.0, 500), (9.0, 700), (15.0, 1000)];
    let tenths = tenths(&seen, 1000);
    let near = |value: f64, expected: f64| (value - expected).abs() < 1e-9;
    assert!(tenths[..5].iter().all(|&it| near(it, 100.0)), "{tenths:?}");
    assert!(tenths[5..].iter().all(|&it| near(it, 50.0)), "{tenths:?}");
}
