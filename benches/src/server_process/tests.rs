use super::*;

#[test]
fn zeros_at_the_end_of_a_file_do_not_count() {
    let dir = tempfile::tempdir().expect("a directory");
    let below = dir.path().join("below");
    std::fs::create_dir(&below).expect("a directory");
    let mut bytes = vec![0; 3 << 20];
    bytes[(1 << 20) - 1] = 7;
    std::fs::write(below.join("active"), &bytes).expect("a file");
    std::fs::write(dir.path().join("full"), [1, 0, 2]).expect("a file");
    std::fs::write(dir.path().join("zeros"), [0; 9]).expect("a file");
    std::fs::write(dir.path().join("empty"), []).expect("a file");
    let written = written_below(dir.path()).expect("readable");
    assert_eq!(written, (1 << 20) + 3);
}

#[test]
fn memory_is_told_from_disks() {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    if mounts.lines().any(|line| line.contains(" /dev/shm tmpfs ")) {
        assert!(is_memory(Path::new("/dev/shm")));
    } else {
        eprintln!("skipped: /dev/shm is not mounted");
    }
    assert!(!is_memory(Path::new("/proc")));
}
