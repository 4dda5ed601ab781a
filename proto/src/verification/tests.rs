use super::*;

#[test]
fn parts_come_back_as_they_went() {
    let finding = |severity| {
        VerifyPart::Finding(VerifyFinding {
            severity,
            file: "a".into(),
            offset: 1,
            sequence: Sequence::new(2),
            problem: "b".into(),
        })
    };
    let parts = [
        VerifyPart::Progress(VerifyProgress {
            bytes: 1,
            bytes_total: 2,
            sequence: Sequence::new(3),
        }),
        finding(Severity::Note),
        finding(Severity::Error),
        VerifyPart::Summary(VerifySummary {
            receipt: Receipt::default(),
            segments: 1,
            snapshots: 2,
            runs: 3,
            events: 4,
            bytes: 5,
            errors: 6,
            notes: 7,
        }),
    ];
    for part in parts {
        assert_eq!(v1::VerifyResponse::from(part.clone()).read(), Ok(part));
    }
}

#[test]
fn a_severity_of_a_newer_server_is_an_error() {
    let finding = v1::VerifyFinding {
        severity: 99,
        ..Default::default()
    };
    let part = v1::verify_response::Part::Finding(finding);
    let read = v1::VerifyResponse { part: Some(part) }.read();
    assert!(
        matches!(&read, Ok(VerifyPart::Finding(it)) if it.severity == Severity::Error),
        "{read:?}"
    );
}
