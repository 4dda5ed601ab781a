use super::*;

#[test]
fn records_come_back_as_they_went() {
    let at = FieldPath::item("transfers", 1);
    for &state in TransferState::ALL {
        let record = TransferRecord {
            transfer: Transfer {
                id: TransferId::new(7),
                code: 9,
                ..Transfer::default()
            },
            state,
            posted: Amount::new(1),
            released: Amount::MAX,
            reversed: Amount::ZERO,
            sequence: Sequence::new(4),
            act_sequence: Sequence::new(5),
            time: Timestamp::new(6),
        };
        assert_eq!(v1::TransferRecord::from(&record).read(at), Ok(record));
    }
    let empty = v1::TransferRecord {
        state: 1,
        ..Default::default()
    };
    assert_eq!(
        empty.read(at).expect_err("empty").at().to_string(),
        "transfers[1].transfer"
    );
    let unknown = v1::TransferRecord {
        state: 99,
        ..Default::default()
    };
    assert_eq!(
        unknown.read(at).expect_err("unknown").at().to_string(),
        "transfers[1].state"
    );
}
