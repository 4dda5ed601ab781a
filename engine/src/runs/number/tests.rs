use super::super::fixture::Random;
use super::*;

fn digit_by_digit(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

#[test]
fn numbers_are_the_same_at_once_and_digit_by_digit() {
    let mut random = Random(7);
    let edges = (0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, u64::MAX >> bit]);
    let others: Vec<u64> = (0..5_000)
        .map(|_| random.next() >> random.below(64))
        .collect();
    for value in edges.chain(others) {
        let expected = digit_by_digit(value);
        // With room behind it and without, in front of all kinds of bytes.
        for room in [0, 1, AT_ONCE, NUMBER_BYTES_MAX] {
            let mut bytes = vec![0xff; expected.len() + room];
            let mut end = 0;
            put(&mut bytes, &mut end, value);
            assert_eq!(bytes[..end], expected, "{value:#x}");
            for behind in [0, 0xff] {
                bytes[end..].fill(behind);
                let mut at = 0;
                assert_eq!(read(&bytes, &mut at), Ok(value));
                assert_eq!(at, end, "{value:#x}");
            }
        }
    }
}

#[test]
fn a_number_without_an_end_is_none() {
    for length in 0..20 {
        assert_eq!(read(&vec![0x80; length], &mut 0), Err(Malformed));
    }
    let digits = |last| [&[0xff; 9][..], &[last]].concat();
    assert_eq!(read(&digits(1), &mut 0), Ok(u64::MAX));
    assert_eq!(read(&digits(2), &mut 0), Err(Malformed), "65 bits");
    assert_eq!(read(&[1], &mut 1), Err(Malformed));
    assert_eq!(read(&[1], &mut 2), Err(Malformed));
}
