use super::super::Section;
use super::super::filter::Shape;
use super::*;

fn filter(first_key: u128, last_key: u128) -> FilterEntry {
    FilterEntry {
        first_key,
        last_key,
        offset: 0,
        keys: 1,
        shape: Shape {
            seed: 1,
            segments: 1,
            segment_bits: 0,
            width: 10,
        },
        crc: 0,
    }
}

#[test]
fn filters_reach_from_the_first_key_to_the_last() {
    let section = SectionEntry {
        section: Section::Transfer,
        blocks: 1,
        filters: 2,
        postings: 9,
        keys: 9,
        last: (9, 9),
    };
    let fences = [Fence {
        first: (1, 1),
        offset: 0,
        length: 50,
    }];
    let spans = |filters: &[FilterEntry]| spans(filters, &section, &fences);
    assert!(spans(&[]));
    assert!(spans(&[filter(1, 9)]));
    assert!(spans(&[filter(1, 4), filter(6, 9)]));
    assert!(!spans(&[filter(2, 9)]), "a key before the first filter");
    assert!(!spans(&[filter(1, 8)]), "a key behind the last one");
    assert!(!spans(&[filter(1, 4), filter(4, 9)]), "a key of two");
    assert!(!spans(&[filter(6, 9), filter(1, 4)]));
}
