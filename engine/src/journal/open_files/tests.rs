use std::path::PathBuf;

use super::*;
use crate::vfs::MemoryVfs;

fn path(segment: u64) -> PathBuf {
    PathBuf::from(format!("/data/{segment}"))
}

/// Files that hold their numbers, one more than are kept open by `more`.
fn files(more: u64) -> (MemoryVfs, OpenFiles, u64) {
    let vfs = MemoryVfs::new(1);
    let count = FILES_MAX as u64 + more;
    for segment in 0..count {
        vfs.put(&path(segment), segment.to_le_bytes().to_vec());
    }
    let files = OpenFiles::new(Arc::new(vfs.clone()));
    (vfs, files, count)
}

fn number_in(file: &dyn VfsFile) -> u64 {
    let mut bytes = [0; 8];
    file.read_at(&mut bytes, 0).unwrap();
    u64::from_le_bytes(bytes)
}

#[test]
fn so_many_files_are_kept_open() {
    let (vfs, files, count) = files(20);
    for _ in 0..3 {
        for segment in 0..count {
            let file = files.open(segment, &path(segment)).unwrap();
            assert_eq!(number_in(&*file), segment);
        }
    }
    assert_eq!(vfs.open_files(), FILES_MAX as u64);
    assert_eq!(vfs.open_files_most(), FILES_MAX as u64 + 1);
}

#[test]
fn the_file_goes_that_was_used_longest_ago() {
    let (vfs, files, count) = files(1);
    let open = |segment| files.open(segment, &path(segment)).unwrap();
    let newest = count - 1;
    (0..newest).for_each(|segment| drop(open(segment)));
    drop(open(0));
    drop(open(newest));
    // From here on only what is kept can be had.
    vfs.refuse_opens(true);
    for segment in (0..count).filter(|&segment| segment != 1) {
        assert!(files.find(segment).is_some(), "{segment}");
    }
    assert!(files.find(1).is_none());
}

#[test]
fn whoever_reads_goes_on_reading() {
    let (vfs, files, count) = files(20);
    let held: Vec<_> = (0..count)
        .map(|segment| files.open(segment, &path(segment)).unwrap())
        .collect();
    assert_eq!(vfs.open_files(), count);
    for (segment, file) in held.iter().enumerate() {
        assert_eq!(number_in(&**file), segment as u64);
    }
    drop(held);
    assert_eq!(vfs.open_files(), FILES_MAX as u64);
}

#[test]
fn what_is_kept_is_a_reserve() {
    let (vfs, files, count) = files(20);
    vfs.set_open_files_max(10);
    let held = files.open(0, &path(0)).unwrap();
    for segment in (0..count).chain(0..count) {
        let file = files.open(segment, &path(segment)).unwrap();
        assert_eq!(number_in(&*file), segment);
    }
    assert_eq!(vfs.open_files(), 10);
    assert_eq!(number_in(&*held), 0);
    assert!(files.find(0).is_some(), "what is in use is not given up");
}

#[test]
fn a_refusal_is_waited_out_or_told() {
    let (vfs, files, _) = files(0);
    vfs.refuse_opens(true);
    let refused = files.open(1, &path(1)).unwrap_err();
    assert!(is_out_of_files(&refused));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| files.open(1, &path(1)).map(|file| number_in(&*file)));
        std::thread::sleep(RETRY_AFTER * 3);
        vfs.refuse_opens(false);
        assert_eq!(waiting.join().unwrap().unwrap(), 1);
    });
    let missing = files.open(7777, &path(7777)).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
}

#[test]
fn many_threads_read_what_they_ask_for() {
    let (vfs, files, count) = files(200);
    let threads = 8;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let files = &files;
            scope.spawn(move || {
                for n in 0..3_000 {
                    let segment = (n * 31 + thread * 17) % count;
                    let file = files.open(segment, &path(segment)).unwrap();
                    assert_eq!(number_in(&*file), segment);
                }
            });
        }
    });
    assert!(vfs.open_files_most() <= FILES_MAX as u64 + 2 * threads);
    assert_eq!(vfs.open_files(), FILES_MAX as u64);
}
