use super::*;

#[test]
fn parts_come_back_as_they_went() {
    let parts = [
        BackupPart::Begin(BackupBegin {
            receipt: Receipt::default(),
            database_id: 1,
            files: 2,
            bytes: 3,
            bytes_to_send: 4,
        }),
        BackupPart::File(BackupFile {
            name: "pacioli.meta".into(),
            bytes: 5,
            hash: [6; 32],
            from: 5,
        }),
        BackupPart::Chunk {
            offset: 7,
            content: vec![8; 9],
        },
        BackupPart::End,
    ];
    for part in parts {
        assert_eq!(v1::BackupResponse::from(part.clone()).read(), Ok(part));
    }
    let held = HeldFile {
        name: "a".into(),
        bytes: 1,
        hash: [2; 32],
    };
    assert_eq!(
        v1::HeldFile::from(&held).read(FieldPath::item("held", 0)),
        Ok(held)
    );
}

#[test]
fn what_is_missing_is_named() {
    let at = |read: Result<BackupPart, Malformed>| read.map_err(|it| it.at().to_string());
    assert_eq!(
        at(v1::BackupResponse { part: None }.read()),
        Err("part".into())
    );
    let held = v1::HeldFile {
        hash: vec![0; 31],
        ..Default::default()
    };
    let malformed = held.read(FieldPath::item("held", 3)).expect_err("short");
    assert_eq!(malformed.at().to_string(), "held[3].hash");
}
