use super::*;

#[test]
fn a_snapshot_comes_back_as_it_went() {
    let snapshot = Snapshot {
        sequence: Sequence::new(1),
        time: Timestamp::new(2),
        names: vec!["year-end".into(), "audit".into()],
        file: "snapshot-1.snapshot".into(),
        bytes: 3,
        accounts: 4,
        transfers: 5,
        open_holds: 6,
        digest: [7; 32],
    };
    let at = FieldPath::of("snapshot");
    let mut wire = v1::Snapshot::from(&snapshot);
    assert_eq!(wire.clone().read(at), Ok(snapshot));
    wire.digest.pop();
    assert_eq!(
        wire.read(at).map_err(|malformed| malformed.at()),
        Err(FieldPath::of("digest"))
    );
}
