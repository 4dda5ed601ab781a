use proptest::prelude::*;

use super::*;
use crate::journal::names;
use crate::snapshot::fixture::{Making, dir, replayed, sealed, write};
use crate::snapshot::{SnapshotInfo, verify};
use crate::vfs::MemoryVfs;

fn database(vfs: &MemoryVfs) -> u128 {
    let meta = crate::journal::meta::Meta::load(vfs, &names::meta(dir()));
    meta.unwrap().unwrap().database
}

fn derive_through(
    vfs: &MemoryVfs,
    base: Option<&Path>,
    through: u64,
    in_memory_max: usize,
) -> Result<PathBuf, DeriveError> {
    let base = base.map(|path| Snapshot::open(vfs, path).unwrap());
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let order = Order {
        vfs: &shared,
        dir: dir(),
        database: database(vfs),
        base: base.as_ref(),
        through,
        names: BTreeSet::new(),
        in_memory_max,
    };
    derive(&order, &Pace::UNBOUNDED)
}

/// Nothing but the snapshot itself stays behind.
fn check_clean(vfs: &MemoryVfs) {
    for path in vfs.paths() {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_ne!(names::read(name), names::Name::Temporary, "{name}");
    }
}

fn check(vfs: &MemoryVfs, path: &Path, events: &[ledger_core::Event]) -> SnapshotInfo {
    let info = verify(vfs, path).unwrap();
    let state = replayed(events, info.sequence);
    assert_eq!(info.digest, state.digest(), "at event {}", info.sequence);
    assert_eq!(info.accounts, state.account_count() as u64);
    assert_eq!(info.open_holds, state.open_holds() as u64);
    info
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The digest of every snapshot is that of the state replayed to its sequence, however the
    /// snapshot was derived: in one step or several, with much memory or with little.
    #[test]
    fn a_snapshot_is_the_state(seed in 1u64..u64::MAX, events in 50usize..900, memory in 1usize..40) {
        let mut making = Making::new(seed);
        making.make(events);
        let vfs = MemoryVfs::new(seed);
        write(&vfs, making.events(), 16 << 10, 12);
        let segments = sealed(&vfs);
        let (last, end) = segments[segments.len() - 1];
        prop_assert_eq!(end.get() as usize, making.events().len());

        let at_once = derive_through(&vfs, None, last, IN_MEMORY_MAX).unwrap();
        check(&vfs, &at_once, making.events());
        let at_once = vfs.contents(&at_once).unwrap();

        let mut base: Option<PathBuf> = None;
        let mut step = seed;
        for &(number, sequence) in &segments {
            step = step.rotate_left(5) ^ number;
            if step % 3 == 0 && number != last {
                continue;
            }
            let path = derive_through(&vfs, base.as_deref(), number, memory).unwrap();
            prop_assert_eq!(check(&vfs, &path, making.events()).sequence, sequence);
            base = Some(path);
        }
        prop_assert!(vfs.contents(&base.unwrap()).unwrap() == at_once, "step by step as at once");
        check_clean(&vfs);
    }
}
