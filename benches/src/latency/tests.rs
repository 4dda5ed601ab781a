use super::{Latencies, Stopwatch};
use std::time::Duration;

#[test]
fn quantiles_are_told_in_milliseconds() {
    let all = Latencies::new();
    let mut stopwatch = Stopwatch::new(&all);
    // Not a multiple of what a stopwatch holds back.
    for milliseconds in 1..=1000 {
        stopwatch.record(Duration::from_millis(milliseconds));
    }
    drop(stopwatch);
    let latency = all.summary();
    for (told, expected) in [
        (latency.p50, 500.0),
        (latency.p90, 900.0),
        (latency.p99, 990.0),
        (latency.p99_9, 999.0),
        (latency.max, 1000.0),
    ] {
        assert!(
            (told - expected).abs() <= expected * 0.002,
            "{told} is about {expected}"
        );
    }
}
