use super::*;

fn field(bytes: &[u8]) -> Result<(), Defect> {
    let mut reader = Reader::new(bytes);
    while let Some(key) = reader.key()? {
        reader.skip(key)?;
    }
    Ok(())
}

#[test]
fn fields_of_every_kind_are_passed_over() {
    let fields: [&[u8]; 8] = [
        &[],
        &[0x08, 0x96, 0x01],
        &[0x09, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0x12, 3, 1, 2, 3],
        &[0x15, 1, 2, 3, 4],
        &[0x0b, 0x08, 1, 0x0c],
        &[0x0b, 0x13, 0x14, 0x0c],
        &[
            0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
        ],
    ];
    for bytes in fields {
        assert_eq!(field(bytes), Ok(()), "{bytes:x?}");
    }
}

#[test]
fn what_is_not_protobuf_is_told_apart() {
    let deep = [0x0b; 200];
    let fields: [(&[u8], Defect); 13] = [
        (&[0x08], Defect::Truncated),
        (&[0x08, 0x80], Defect::Truncated),
        (&[0x09, 1, 2, 3, 4, 5, 6, 7], Defect::Truncated),
        (&[0x12, 3, 1, 2], Defect::Truncated),
        (&[0x12, 0xff, 0xff, 0xff, 0xff, 0x0f], Defect::Truncated),
        (&[0x15, 1, 2, 3], Defect::Truncated),
        (&[0x0b, 0x08, 1], Defect::Truncated),
        (&[0x0c], Defect::Group),
        (&[0x0b, 0x14], Defect::Group),
        (&[0x00], Defect::Key),
        (&[0x0e], Defect::Key),
        (
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],
            Defect::Overlong,
        ),
        (&deep, Defect::TooDeep),
    ];
    for (bytes, defect) in fields {
        assert_eq!(field(bytes), Err(defect), "{bytes:x?}");
    }
}

#[test]
fn a_uint128_takes_every_shape_that_protobuf_allows() {
    let high = [9, 2, 0, 0, 0, 0, 0, 0, 0];
    let low = [0x11, 3, 0, 0, 0, 0, 0, 0, 0];
    let unknown = [0x18, 7];
    let both = (2 << 64) | 3;
    let shapes: [(&[&[u8]], u128); 7] = [
        (&[&high, &low], both),
        (&[&low, &high], both),
        (&[&high, &unknown, &low], both),
        (&[&high, &high, &low], both),
        (&[&low], (1 << 64) | 3),
        (&[&high], (2 << 64) | 1),
        (&[], (1 << 64) | 1),
    ];
    for (parts, number) in shapes {
        let mut bytes = vec![0];
        bytes.extend(parts.concat());
        bytes[0] = u8::try_from(bytes.len() - 1).expect("short");
        // What the field held before is kept where it is not told anew.
        let mut into = (1 << 64) | 1;
        assert_eq!(Reader::new(&bytes).uint128(&mut into), Ok(()));
        assert_eq!(into, number, "{bytes:x?}");
    }
}
