use super::*;

#[test]
fn work_without_frames_is_a_stall() {
    let limit = Duration::from_secs(5);
    let mut progress = Progress::default();
    let mut now = Instant::now();
    for (after_s, has_work, frames, stalled) in [
        (0, true, 1, false),
        (4, true, 1, false),
        (2, true, 1, true),
        (1, true, 2, false),
        (60, false, 2, false),
        (4, true, 2, false),
        (2, true, 2, true),
        (0, false, 2, false),
    ] {
        now += Duration::from_secs(after_s);
        assert_eq!(
            progress.is_stalled(now, has_work, frames, limit),
            stalled,
            "{after_s} {frames}"
        );
    }
}
