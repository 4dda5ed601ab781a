//! What the auditor says of directories that engines left.

use std::path::Path;
use std::sync::Arc;

use ledger_engine::verify::{Finding, Report, verify};
use ledger_engine::vfs::{MemoryVfs, Vfs};

use crate::teller::{Teller, clock, transfer};

#[derive(Default)]
struct Findings(Vec<String>);

impl Report for Findings {
    fn finding(&mut self, finding: Finding) {
        self.0.push(finding.to_string());
    }
}

fn audit(vfs: &MemoryVfs) -> Vec<String> {
    let mut findings = Findings::default();
    let vfs: Arc<dyn Vfs> = Arc::new(vfs.clone());
    verify(&vfs, Path::new("/data"), &mut findings).expect("there is a database");
    findings.0
}

/// Behind a snapshot come segments in which nothing happened but ends, and the next snapshot at
/// the same event is of one of those.
#[test]
fn segments_without_events_behind_a_snapshot_are_sound() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    teller.create_transfer(transfer(1, 5));
    teller.engine.create_snapshot(None).expect("a snapshot");
    teller.engine.shutdown();
    drop(teller);
    assert_eq!(audit(&vfs), [""; 0]);
    for _ in 0..2 {
        let teller = Teller::open(&vfs, &clock);
        teller.engine.create_snapshot(None).expect("a snapshot");
        teller.engine.shutdown();
        drop(teller);
        assert_eq!(audit(&vfs), [""; 0]);
    }
}
