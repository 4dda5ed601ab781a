use super::piece::ALIGNMENT;
use super::*;

#[test]
fn what_is_written_in_parts_reads_back_from_cache_and_device() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    let length = (2 * DEVICE_READ_BYTES + 3 * ALIGNMENT + 17) as u64;
    let file = OsVfs.create(&path, length).unwrap();
    assert_eq!(file.length().unwrap(), length, "allocated at once");
    let bytes: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    let at = DEVICE_READ_BYTES as u64 - 150_001;
    file.write_at(&[&bytes[..10], &[], &bytes[10..4_000], &bytes[4_000..]], at)
        .unwrap();
    file.sync().unwrap();

    let mut device = OsVfs.open_device(&path).unwrap();
    assert!(matches!(
        device.method(),
        ReadBack::Direct | ReadBack::CacheDropped
    ));
    assert_eq!(device.length().unwrap(), length);
    let mut read = vec![0; bytes.len()];
    device.read_at(&mut read, at).unwrap();
    assert!(read == bytes, "across the pieces that are read at once");
    let mut tail = [1; 17];
    device.read_at(&mut tail, length - 17).unwrap();
    assert_eq!(tail, [0; 17], "up to an end that no block ends at");
    let beyond = device.read_at(&mut tail, length - 16).unwrap_err();
    assert_eq!(beyond.kind(), io::ErrorKind::UnexpectedEof);

    let mut read = vec![0; bytes.len()];
    let file = OsVfs.open(&path).unwrap();
    file.read_at(&mut read, at).unwrap();
    assert!(read == bytes);
    assert!(file.read_at(&mut read, length).is_err());
}

#[test]
fn the_cache_can_be_dropped_where_direct_reads_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, vec![7; 10_000]).unwrap();
    let file = File::open(&path).unwrap();
    drop_cache(&file).unwrap();
    let mut device = OsDeviceFile::new(file, ReadBack::CacheDropped).unwrap();
    let mut read = [0; 5_000];
    device.read_at(&mut read, 5_000).unwrap();
    assert_eq!(read, [7; 5_000]);
    assert_eq!(device.method().name(), "cache_dropped");
}

#[test]
fn names_and_locks() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b/c");
    OsVfs.create_dir(&deep).unwrap();
    OsVfs.create_dir(&deep).unwrap();
    OsVfs.create(&deep.join("one"), 0).unwrap();
    OsVfs.rename(&deep.join("one"), &deep.join("two")).unwrap();
    OsVfs.sync_dir(&deep).unwrap();
    assert_eq!(OsVfs.list(&deep).unwrap(), ["two"]);
    OsVfs.remove(&deep.join("two")).unwrap();
    assert!(OsVfs.list(&deep).unwrap().is_empty());
    let missing = OsVfs.open_device(&deep.join("two")).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);

    let lock = deep.join("lock");
    let held = OsVfs.lock(&lock).unwrap();
    assert!(held.is_some());
    assert!(OsVfs.lock(&lock).unwrap().is_none());
    drop(held);
    assert!(OsVfs.lock(&lock).unwrap().is_some());

    let in_the_way = deep.join("lock/inside");
    assert!(OsVfs.create_dir(&in_the_way).is_err());
}
