use super::*;

#[test]
fn names_read_back() {
    let dir = Path::new("data");
    let name = |path: PathBuf| read(path.file_name().unwrap().to_str().unwrap());
    assert_eq!(name(active(dir, 7)), Name::Active(7));
    assert_eq!(
        name(sealed(dir, 12_345_678_901)),
        Name::Sealed(12_345_678_901)
    );
    assert_eq!(name(preparing(dir, 7)), Name::Temporary);
    assert_eq!(name(sealing(dir, 7)), Name::Temporary);
    let (first, last) = (Sequence::new(7), Sequence::new(12_345_678_901_234_567));
    assert_eq!(name(run(dir, first, last)), Name::Run(first, last));
    assert_eq!(name(indexing(dir, first, last)), Name::Temporary);
    assert_eq!(name(merging(dir, first, last)), Name::Temporary);
    assert_eq!(name(meta(dir)), Name::Meta);
    assert_eq!(name(meta_temporary(dir)), Name::Temporary);
    assert_eq!(name(lock(dir)), Name::Lock);
    let twelve = Sequence::new(12);
    assert_eq!(name(snapshot(dir, twelve)), Name::Snapshot(twelve));
    assert_eq!(name(deriving(dir, twelve)), Name::Temporary);
    assert_eq!(name(sorting(dir, twelve, 3)), Name::Temporary);
    assert_eq!(name(cut(dir, Sequence::new(9), 1)), Name::Cut);
    assert_eq!(name(cut(dir, Sequence::new(9), 2)), Name::Cut);
}

#[test]
fn a_name_that_is_not_written_as_ours_is_foreign() {
    for name in [
        "segment-7.active",
        "segment-0000000000.active",
        "segment-0000000007.old",
        "segment-+000000007.active",
        "run-1-2.run",
        "run-0000000000000001-0000000000000002.old",
        "run-0000000000000001.run",
        "snapshot-12.snapshot",
        "snapshot-00000000000000000012.snapshot.bak",
        "snapshot-00000000000000000012.+3.sorting",
        "lost+found",
        "pacioli.meta.bak",
    ] {
        assert_eq!(read(name), Name::Foreign, "{name}");
    }
}
