use super::*;

#[test]
fn a_group_is_split_wherever_it_has_to_be() {
    let words = [7, 8, 200, 100_000, 100_001, 1 << 40, u64::MAX];
    let mut bytes = [0; 64];
    let mut end = 0;
    for two in words.windows(2) {
        number::put(&mut bytes, &mut end, two[1] - two[0]);
    }
    let group = Group {
        key: 3,
        first: words[0],
        last: u64::MAX,
        count: 7,
        distances: &bytes[..end],
    };
    assert!(group.words().eq(words));
    for bytes_max in 0..=end + 1 {
        let (front, back) = group.split(bytes_max);
        assert!(front.distances.len() <= bytes_max);
        assert_eq!(back.is_none(), bytes_max >= end);
        let parts = [Some(front), back];
        for part in parts.into_iter().flatten() {
            assert_eq!(part.words().last(), Some(part.last));
            assert_eq!(part.words().count(), part.count as usize);
        }
        assert!(parts.into_iter().flatten().flat_map(Group::words).eq(words));
    }
    let read = |count| read_words(&bytes[..end], 0, words[0], count);
    assert_eq!(read(1), Ok((7, 0)));
    assert_eq!(read(7), Ok((u64::MAX, end)));
    assert_eq!(read(8), Err(Malformed));
}
