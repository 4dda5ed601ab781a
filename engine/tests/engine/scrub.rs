//! Finished files that are read again while the engine runs.

use std::ops::ControlFlow;

use ledger_engine::scrub::{Scrubbed, Scrubbing};
use ledger_engine::vfs::MemoryVfs;

use crate::teller::{Teller, clock, config, transfer};

/// An engine with three sealed segments and two snapshots.
fn teller(vfs: &MemoryVfs) -> Teller {
    let teller = Teller::open_as(config(), vfs, &clock());
    teller.open_accounts(2);
    for number in 0..3 {
        let ids = number * 100 + 1..=number * 100 + 50;
        teller.create_transfers(ids.map(|id| transfer(id, 1)).collect());
        teller.engine.create_snapshot(None).expect("taken");
    }
    teller
}

/// The files that are named, and what was read.
fn scrub(teller: &Teller, first_segment: u64) -> (Vec<String>, Scrubbed) {
    let mut flaws = Vec::new();
    let scrubbed = teller.engine.scrub(first_segment, &mut |scrubbing| {
        match scrubbing {
            Scrubbing::Flaw(finding) => flaws.push(finding.file.display().to_string()),
            Scrubbing::Progress(progress) => assert!(progress.bytes <= progress.bytes_total),
        }
        ControlFlow::Continue(())
    });
    assert_eq!(scrubbed.flaws, flaws.len() as u64);
    (flaws, scrubbed)
}

#[test]
fn what_is_sound_is_read_whole() {
    let vfs = MemoryVfs::new(1);
    let teller = teller(&vfs);
    let (flaws, scrubbed) = scrub(&teller, 0);
    assert_eq!(flaws, [""; 0]);
    assert_eq!((scrubbed.segments, scrubbed.snapshots), (3, 2));
    assert_eq!(scrubbed.runs, teller.engine.status().runs);
    assert_eq!(scrubbed.events, 152);

    // From a later segment on, those before are only stepped over.
    let (flaws, later) = scrub(&teller, 3);
    assert_eq!(flaws, [""; 0]);
    assert_eq!((later.segments, later.events), (1, 50));
    assert_eq!(scrub(&teller, 9).1.segments, 0);
}

#[test]
fn any_flipped_bit_of_a_finished_file_is_found() {
    let vfs = MemoryVfs::new(1);
    let teller = teller(&vfs);
    let mut files = vfs.paths();
    files.retain(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("sealed" | "snapshot" | "run"))
    });
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let bits = vfs.contents(&file).expect("it is there").len() as u64 * 8;
        for step in 0..24 {
            // The ends and places in between, each time another bit of a byte.
            let bit = (bits - 1) * step / 23;
            vfs.flip(&file, bit);
            let (flaws, _) = scrub(&teller, 0);
            assert!(
                flaws.contains(&file.display().to_string()),
                "bit {bit} of {}: {flaws:?}",
                file.display()
            );
            vfs.flip(&file, bit);
        }
    }
    assert_eq!(scrub(&teller, 0).0, [""; 0]);
}

#[test]
fn whoever_has_heard_enough_hears_no_more() {
    let vfs = MemoryVfs::new(1);
    let teller = teller(&vfs);
    let mut told = 0;
    let scrubbed = teller.engine.scrub(0, &mut |_| {
        told += 1;
        ControlFlow::Break(())
    });
    assert_eq!(told, 1);
    assert_eq!(scrubbed.snapshots, 0);
}
