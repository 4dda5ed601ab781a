use super::*;
use crate::vfs::{is_out_of_files, is_refused, passes};

fn dir() -> &'static Path {
    Path::new("/data")
}

fn file() -> PathBuf {
    dir().join("file")
}

/// A disk with a durable file of two kilobytes of ones.
fn with_file(seed: u64) -> (MemoryVfs, Arc<dyn VfsFile>) {
    let vfs = MemoryVfs::new(seed);
    vfs.create_dir(dir()).unwrap();
    let handle = vfs.create(&file(), 2048).unwrap();
    handle.write_at(&[&[1; 2048]], 0).unwrap();
    handle.sync().unwrap();
    vfs.sync_dir(dir()).unwrap();
    (vfs, handle)
}

#[test]
fn what_was_synced_survives() {
    for seed in 0..20 {
        let (vfs, _handle) = with_file(seed);
        let after = vfs.after_power_cut();
        assert_eq!(after.contents(&file()), Some(vec![1; 2048]));
    }
}

#[test]
fn each_unsynced_sector_survives_or_does_not() {
    let mut seen = BTreeSet::new();
    for seed in 0..200 {
        let (vfs, handle) = with_file(seed);
        handle.write_at(&[&[2; 2000]], 0).unwrap();
        let after = vfs.after_power_cut().contents(&file()).unwrap();
        for sector in after[..1536].chunks(512) {
            assert!(
                sector == [1; 512] || sector == [2; 512],
                "a sector is whole"
            );
        }
        assert_eq!(after[2000..], [1; 48]);
        seen.insert([after[0], after[512], after[1024], after[1536]]);
    }
    assert_eq!(seen.len(), 16, "torn in every way");
}

#[test]
fn names_survive_in_order_until_the_directory_is_synced() {
    let mut seen = BTreeSet::new();
    for seed in 0..100 {
        let (vfs, _handle) = with_file(seed);
        vfs.create(&dir().join("new"), 0).unwrap();
        vfs.rename(&dir().join("new"), &file()).unwrap();
        let after = vfs.after_power_cut();
        let names = after.paths();
        let is_old = after.contents(&file()).unwrap().len() == 2048;
        assert!(is_old || names == [file()], "a rename is one change");
        seen.insert((names.len(), is_old));
        vfs.sync_dir(dir()).unwrap();
        assert_eq!(vfs.after_power_cut().contents(&file()), Some(Vec::new()));
    }
    assert_eq!(seen.len(), 3, "none, the first, both");
}

#[test]
fn after_a_failed_sync_only_the_page_cache_has_it() {
    let (vfs, handle) = with_file(1);
    handle.write_at(&[&[2; 100]], 0).unwrap();
    vfs.fail_at(vfs.calls().total() + 1);
    assert!(handle.sync().is_err());
    handle.sync().expect("the second one says that all is well");
    let mut byte = [0];
    handle.read_at(&mut byte, 0).unwrap();
    assert_eq!(byte, [2], "the page cache");
    vfs.open_device(&file())
        .unwrap()
        .read_at(&mut byte, 0)
        .unwrap();
    assert_eq!(byte, [1], "the device");
}

#[test]
fn a_killed_process_leaves_the_page_cache_and_no_lock() {
    let (vfs, handle) = with_file(1);
    let _held = vfs.lock(&dir().join("lock")).unwrap().unwrap();
    assert!(vfs.lock(&dir().join("lock")).unwrap().is_none());
    handle.write_at(&[&[2; 100]], 0).unwrap();
    let after = vfs.after_kill();
    assert!(after.lock(&dir().join("lock")).unwrap().is_some());
    assert_eq!(
        after.contents(&file()).unwrap()[..101],
        [[2; 100].as_slice(), &[1]].concat()
    );
}

#[test]
fn nothing_works_without_power() {
    let (vfs, handle) = with_file(1);
    vfs.cut_power_at(vfs.calls().total() + 1);
    assert!(handle.write_at(&[&[2]], 0).is_err());
    assert!(vfs.is_off());
    assert!(handle.read_at(&mut [0], 0).is_err());
    assert!(handle.sync().is_err());
    assert!(vfs.list(dir()).is_err());
    assert!(vfs.open(&file()).is_err());
}

#[test]
fn a_lost_write_and_a_full_disk() {
    let (vfs, handle) = with_file(1);
    vfs.lose_at(vfs.calls().total() + 1);
    handle.write_at(&[&[2; 512]], 0).unwrap();
    handle.sync().unwrap();
    assert_eq!(vfs.after_power_cut().contents(&file()), Some(vec![1; 2048]));

    vfs.set_capacity(3_000);
    let full = vfs.create(&dir().join("large"), 1_000).unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    handle
        .write_at(&[&[3; 2048]], 0)
        .expect("this space is allocated");
    assert!(handle.write_at(&[&[3; 1000]], 2048).is_err());
    vfs.fail_reads(&file());
    assert!(handle.read_at(&mut [0], 0).is_err());
}

#[test]
fn only_so_many_files_can_be_open() {
    let (vfs, handle) = with_file(1);
    assert_eq!((vfs.open_files(), vfs.open_files_most()), (1, 1));
    vfs.set_open_files_max(3);
    let others = [vfs.open(&file()).unwrap(), vfs.open_write(&file()).unwrap()];
    let refused = [
        vfs.open(&file()).err(),
        vfs.open_device(&file()).err(),
        vfs.create(&dir().join("new"), 0).err(),
        vfs.list(dir()).err(),
        vfs.sync_dir(dir()).err(),
    ];
    for error in refused {
        let error = error.expect("too many files are open");
        assert!(is_out_of_files(&error) && passes(&error) && is_refused(&error));
    }
    assert_eq!(vfs.paths(), [file()], "nothing came of it");
    handle.sync().expect("what is open is no concern of it");
    drop(others);
    assert_eq!((vfs.open_files(), vfs.open_files_most()), (1, 3));
    vfs.refuse_open_at(vfs.opens() + 2);
    let opened: Vec<bool> = (0..3).map(|_| vfs.open(&file()).is_ok()).collect();
    assert_eq!(opened, [true, false, true]);
    vfs.refuse_opens(true);
    assert!(vfs.open(&file()).is_err());
    assert_eq!(vfs.opens_refused(), 5 + 2);
}

#[test]
fn the_same_seed_has_the_same_accidents() {
    let run = |seed| {
        let (vfs, handle) = with_file(seed);
        handle.write_at(&[&[2; 2048]], 0).unwrap();
        vfs.after_power_cut().contents(&file())
    };
    assert!((0..20).all(|seed| run(seed) == run(seed)));
}
