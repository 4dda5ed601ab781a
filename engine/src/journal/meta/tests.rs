use super::*;
use crate::vfs::MemoryVfs;

const META: Meta = Meta {
    database: 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10,
    epoch: 0x1112_1314_1516_1718_191a_1b1c_1d1e_1f20,
    newest_segment: 9,
    sealed_segment: 7,
    sealed_hash: [0xab; 32],
    sealed_sequence: Sequence::new(123_456),
    active_bytes: 256 << 20,
};

/// A change here is a change of the format: it needs a new format version, and the old one must
/// stay readable.
#[test]
fn the_layout_is_what_it_was() {
    let bytes = META.write();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "5041434d01000000100f0e0d0c0b0a090807060504030201201f1e1d1c1b1a1918171615\
                    1413121109000000000000000700000000000000abababababababababababababababab\
                    abababababababababababababababab40e2010000000000000000100000000045146400"
    );
    assert_eq!(Meta::read(&bytes), Ok(META));
}

#[test]
fn no_flipped_bit_reads() {
    let bytes = META.write();
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes;
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Meta::read(&bytes).is_err(), "bit {bit}");
    }
}

#[test]
fn another_version_is_named() {
    let mut bytes = META.write();
    bytes[VERSION_AT] = 3;
    let error = Meta::read(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it has format version 3; this build reads version 1"
    );
}

/// Whatever call the power goes at, the file is the old or the new one.
#[test]
fn replacing_leaves_the_old_or_the_new() {
    let dir = Path::new("/data");
    for call in 1..=5 {
        for seed in 0..20 {
            let vfs = MemoryVfs::new(seed);
            vfs.create_dir(dir).unwrap();
            let file = MetaFile::new(Arc::new(vfs.clone()), dir, META);
            file.replace(|_| {}).unwrap();
            vfs.cut_power_at(vfs.calls().total() + call);
            let replaced = file.replace(|meta| meta.sealed_segment = 8);
            assert!(replaced.is_err(), "the power goes at call {call} of 5");
            let left = vfs.after_power_cut();
            let read = Meta::load(&left, &names::meta(dir)).unwrap().unwrap();
            assert!(matches!(read.sealed_segment, 7 | 8));
        }
    }
}
