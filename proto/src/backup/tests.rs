use super::*;

fn file() -> BackupFile {
    BackupFile {
        name: "a".into(),
        bytes: 5,
        identity: [6; 32],
    }
}

#[test]
fn parts_come_back_as_they_went() {
    let parts = [
        BackupPart::Begin(BackupBegin {
            receipt: Receipt::default(),
            database_id: 1,
            segments: 9,
            files: 2,
            bytes: 3,
            bytes_to_send: 4,
        }),
        BackupPart::Files(vec![file(), file()]),
        BackupPart::FileBegin { index: 1 },
        BackupPart::Chunk {
            offset: 7,
            content: vec![8; 9],
        },
        BackupPart::FileEnd { hash: [7; 32] },
        BackupPart::End,
    ];
    for part in parts {
        assert_eq!(v1::BackupResponse::from(part.clone()).read(), Ok(part));
    }
}

#[test]
fn what_is_missing_is_named() {
    let absent = v1::BackupResponse { part: None }.read();
    assert_eq!(absent.map_err(|it| it.at().to_string()), Err("part".into()));
    let mut held = v1::BackupFile::from(&file());
    held.identity.pop();
    let malformed = held.read(FieldPath::item("held", 3)).expect_err("short");
    assert_eq!(malformed.at().to_string(), "held[3].identity");
}
