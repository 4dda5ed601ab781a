use ledger_proto::Receipt;

use super::*;

fn begin(files: u64) -> BackupPart {
    BackupPart::Begin(BackupBegin {
        receipt: Receipt::default(),
        database_id: 1,
        files,
        bytes: 0,
        bytes_to_send: 0,
    })
}

fn file(bytes: u64, from: u64) -> BackupPart {
    BackupPart::File(BackupFile {
        name: "a".into(),
        bytes,
        hash: [0; 32],
        from,
    })
}

fn chunk(offset: u64, bytes: usize) -> BackupPart {
    BackupPart::Chunk {
        offset,
        content: vec![0; bytes],
    }
}

fn checked(parts: &[BackupPart]) -> Result<(), Disorder> {
    let mut order = Order::default();
    parts.iter().try_for_each(|part| order.check(part))?;
    order.check_end()
}

#[test]
fn a_whole_backup_is_in_order() {
    let parts = [
        begin(3),
        file(5, 0),
        chunk(0, 2),
        chunk(2, 3),
        file(5, 5),
        file(5, 3),
        chunk(3, 2),
        BackupPart::End,
    ];
    assert_eq!(checked(&parts), Ok(()));
    assert_eq!(checked(&[begin(0), BackupPart::End]), Ok(()));
}

#[test]
fn what_is_missing_or_misplaced_is_found() {
    let name = || "a".into();
    let cases: &[(&[BackupPart], Disorder)] = &[
        (&[], Disorder::End),
        (&[begin(0)], Disorder::End),
        (&[file(1, 0)], Disorder::Beginning),
        (&[begin(0), begin(0)], Disorder::Beginning),
        (&[begin(1), chunk(0, 1)], Disorder::Misplaced),
        (&[begin(1), file(2, 0), chunk(1, 1)], Disorder::Misplaced),
        (&[begin(1), file(2, 0), chunk(0, 3)], Disorder::Misplaced),
        (&[begin(1), file(2, 3)], Disorder::Misplaced),
        (
            &[begin(1), file(2, 0), chunk(0, 1), BackupPart::End],
            Disorder::NotWhole { name: name() },
        ),
        (
            &[begin(2), file(2, 0), file(2, 2)],
            Disorder::NotWhole { name: name() },
        ),
        (
            &[begin(2), file(2, 2), BackupPart::End],
            Disorder::Files {
                told: 1,
                announced: 2,
            },
        ),
        (&[begin(0), BackupPart::End, file(0, 0)], Disorder::End),
    ];
    for (parts, disorder) in cases {
        assert_eq!(checked(parts).as_ref(), Err(disorder), "{parts:?}");
    }
}
