use super::*;

const AT: FieldPath = FieldPath::of("range");

#[test]
fn ranges_come_back_as_they_went() {
    let ends = [
        (None, None),
        (Some(3), None),
        (None, Some(4)),
        (Some(4), Some(4)),
    ];
    for (min, max) in ends {
        let range = Range {
            min: min.map(Timestamp::new),
            max: max.map(Timestamp::new),
        };
        assert_eq!(Range::<Timestamp>::read(range.wire(), AT), Ok(range));
        let range = Range {
            min: min.map(Sequence::new),
            max: max.map(Sequence::new),
        };
        assert_eq!(Range::<Sequence>::read(range.wire(), AT), Ok(range));
    }
    let amounts = [(None, Some(0)), (Some(0), None), (Some(4), Some(u128::MAX))];
    for (min, max) in amounts {
        let range = Range {
            min: min.map(Amount::new),
            max: max.map(Amount::new),
        };
        assert_eq!(Range::<Amount>::read(range.wire(), AT), Ok(range));
    }
}

#[test]
fn a_range_that_nothing_lies_in_is_refused() {
    fn at<T>(read: Result<T, Malformed>) -> Option<FieldPath> {
        read.err().map(|malformed| malformed.at())
    }
    let (min, max) = (5, 4);
    let time = v1::TimeRange { min, max };
    assert_eq!(at(Range::<Timestamp>::read(Some(time), AT)), Some(AT));
    let sequence = v1::SequenceRange { min, max };
    assert_eq!(at(Range::<Sequence>::read(Some(sequence), AT)), Some(AT));
    let amount = v1::AmountRange {
        min: Some(1.into()),
        max: Some(0.into()),
    };
    assert_eq!(at(Range::<Amount>::read(Some(amount), AT)), Some(AT));
    assert_eq!(at(Range::<u64>::read(min, Some(max), AT)), Some(AT));
}

#[test]
fn directions_have_numbers() {
    for direction in [Direction::OldestFirst, Direction::NewestFirst] {
        let number = v1::Direction::from(direction).into();
        assert_eq!(Direction::read(number), Ok(direction));
    }
    assert_eq!(Direction::read(0), Ok(Direction::OldestFirst));
    assert_eq!(
        Direction::read(3).map_err(|malformed| malformed.at()),
        Err(FieldPath::of("direction"))
    );
}
