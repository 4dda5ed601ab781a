use ledger_proto::Receipt;

use super::*;

fn begin(files: u64) -> BackupPart {
    BackupPart::Begin(BackupBegin {
        receipt: Receipt::default(),
        database_id: 1,
        segments: 1,
        files,
        bytes: 0,
        bytes_to_send: 0,
    })
}

fn file(bytes: u64) -> BackupFile {
    BackupFile {
        name: "a".into(),
        bytes,
        identity: [0; 32],
    }
}

fn files(bytes: &[u64]) -> BackupPart {
    BackupPart::Files(bytes.iter().copied().map(file).collect())
}

fn file_begin(index: u64) -> BackupPart {
    BackupPart::FileBegin { index }
}

fn chunk(offset: u64, bytes: usize) -> BackupPart {
    BackupPart::Chunk {
        offset,
        content: vec![0; bytes],
    }
}

const FILE_END: BackupPart = BackupPart::FileEnd { hash: [0; 32] };

/// What is handed on of `parts`.
fn checked(parts: &[BackupPart]) -> Result<Vec<BackupPart>, Disorder> {
    let mut order = Order::default();
    let mut handed = Vec::new();
    for part in parts {
        handed.extend(order.check(part.clone())?);
    }
    order.check_end()?;
    Ok(handed)
}

#[test]
fn a_whole_backup_is_in_order() {
    let sent = [
        file_begin(0),
        chunk(0, 2),
        chunk(2, 3),
        FILE_END,
        file_begin(2),
        FILE_END,
        BackupPart::End,
    ];
    let told = [&[begin(3), files(&[5]), files(&[7, 0])][..], &sent].concat();
    let handed = [&[begin(3), files(&[5, 7, 0])][..], &sent].concat();
    assert_eq!(checked(&told), Ok(handed));
    let empty = [begin(0), files(&[]), BackupPart::End];
    assert_eq!(
        checked(&[begin(0), BackupPart::End]),
        Ok(empty.into()),
        "the list is handed on even if it is empty"
    );
}

#[test]
fn what_is_missing_or_misplaced_is_found() {
    let not_whole = || Disorder::NotWhole { name: "a".into() };
    let cases: &[(&[BackupPart], Disorder)] = &[
        (&[], Disorder::End),
        (&[begin(0)], Disorder::End),
        (&[files(&[1])], Disorder::Beginning),
        (&[begin(0), begin(0)], Disorder::Beginning),
        (&[begin(1), files(&[1, 2])], Disorder::Files),
        (&[begin(2), files(&[1]), file_begin(0)], Disorder::Files),
        (&[begin(1), BackupPart::End], Disorder::Files),
        (&[begin(1), files(&[1]), file_begin(1)], Disorder::FileBegin),
        (
            &[
                begin(1),
                files(&[0]),
                file_begin(0),
                FILE_END,
                file_begin(0),
            ],
            Disorder::FileBegin,
        ),
        (
            &[begin(2), files(&[0, 0]), file_begin(0), file_begin(1)],
            Disorder::FileBegin,
        ),
        (&[begin(1), files(&[1]), chunk(0, 1)], Disorder::Misplaced),
        (&[begin(1), files(&[1]), FILE_END], Disorder::Misplaced),
        (
            &[begin(1), files(&[2]), file_begin(0), chunk(1, 1)],
            Disorder::Misplaced,
        ),
        (
            &[begin(1), files(&[2]), file_begin(0), chunk(0, 3)],
            Disorder::Misplaced,
        ),
        (
            &[begin(1), files(&[2]), file_begin(0), chunk(0, 1), FILE_END],
            not_whole(),
        ),
        (
            &[begin(1), files(&[2]), file_begin(0), BackupPart::End],
            not_whole(),
        ),
        (&[begin(0), BackupPart::End, FILE_END], Disorder::End),
    ];
    for (parts, disorder) in cases {
        assert_eq!(checked(parts).as_ref(), Err(disorder), "{parts:?}");
    }
}
