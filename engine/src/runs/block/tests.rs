use super::super::fixture::Random;
use super::*;

const FIRST: Sequence = Sequence::new(1_000);

/// Puts postings into as many blocks as they take.
fn blocks(postings: &[(u128, u64)]) -> Vec<Vec<u8>> {
    let mut builder = BlockBuilder::new(FIRST);
    let mut blocks = Vec::new();
    for &(key, word) in postings {
        if builder.push(&Group::one(key, word)) == Room::Full {
            blocks.push(builder.finish().to_vec());
            builder.clear();
            assert!(builder.is_empty());
            assert_eq!(builder.push(&Group::one(key, word)), Room::Taken);
            assert_eq!(builder.first(), (key, word));
        }
    }
    blocks.push(builder.finish().to_vec());
    blocks
}

fn read(block: &[u8]) -> Result<Vec<(u128, u64)>, Malformed> {
    let groups = groups_of(block).ok_or(Malformed)?;
    read_groups(groups)
}

fn read_groups(groups: &[u8]) -> Result<Vec<(u128, u64)>, Malformed> {
    let mut cursor = BlockCursor::new(FIRST);
    let mut found = Vec::new();
    while let Some(posting) = cursor.next(groups)? {
        found.push(posting);
        assert!(found.len() < 1 << 20, "a reader comes to an end");
    }
    Ok(found)
}

fn postings(seed: u64) -> Vec<(u128, u64)> {
    let mut random = Random(seed);
    let mut all = Vec::new();
    for _ in 0..random.below(3_000) + 1 {
        let key = match random.below(5) {
            0 => random.id(),
            1 => u128::from(random.below(200)),
            2 => u128::from(random.below(200)) << 120 | 5,
            3 => u128::MAX - u128::from(random.below(1 << 20)),
            _ => 1 << 90 | u128::from(random.next() >> 40),
        };
        let words = if random.below(50) == 0 { 900 } else { 1 };
        for _ in 0..words {
            let bits = random.below(64);
            all.push((key, random.next() >> bits));
        }
    }
    all.push((0, 0));
    all.push((u128::MAX, u64::MAX));
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn what_is_put_in_is_read_back() {
    for seed in 0..40 {
        let all = postings(seed);
        let blocks = blocks(&all);
        assert!(blocks.iter().all(|block| block.len() <= BLOCK_BYTES_MAX));
        let found: Vec<_> = blocks.iter().flat_map(|b| read(b).unwrap()).collect();
        assert!(found == all, "seed {seed}");
    }
}

#[test]
fn few_bytes_are_needed() {
    let mut random = Random(1);
    let count = 100_000_u64;
    let mut ids: Vec<_> = (0..count).map(|n| (random.id(), 4 * (1_000 + n))).collect();
    ids.sort_unstable();
    let bytes = |postings: &[(u128, u64)]| -> usize { blocks(postings).iter().map(Vec::len).sum() };
    // A random id: 16 bytes less the two or so that it shares, tag and word.
    assert!(bytes(&ids) <= 19 * count as usize, "{}", bytes(&ids));
    let mut accounts: Vec<_> = (0..count)
        .map(|n| (u128::from(random.below(1_000)), 4 * (1_000 + n)))
        .collect();
    accounts.sort_unstable();
    assert!(
        bytes(&accounts) <= 3 * count as usize,
        "{}",
        bytes(&accounts)
    );
}

#[test]
fn no_bytes_make_a_reader_fail_otherwise_than_by_saying_so() {
    let mut random = Random(5);
    for _ in 0..20_000 {
        let length = random.below(60);
        let groups: Vec<u8> = (0..length)
            .map(|_| match random.below(3) {
                0 => random.next().to_le_bytes()[0],
                1 => 0xff,
                _ => random.below(8) as u8,
            })
            .collect();
        if let Ok(found) = read_groups(&groups) {
            assert!(found.windows(2).all(|two| two[0] < two[1]));
        }
    }
}

#[test]
fn a_changed_byte_is_noticed() {
    let blocks = blocks(&postings(3));
    let block = &blocks[0];
    for at in 0..block.len() {
        let mut changed = block.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(groups_of(&changed).is_none(), "byte {at}");
    }
}

#[test]
fn words_sort_as_sequences_and_roles_do() {
    let postings = [(1, 0), (1, 3), (2, 0), (7, 1), (1 << 61, 2)];
    let words = postings.map(|(at, role)| word(Sequence::new(at), Role::from_bits(role)));
    assert!(words.is_sorted());
    for ((at, role), word) in postings.into_iter().zip(words) {
        assert_eq!(sequence_of(word), Sequence::new(at));
        assert_eq!(role_of(word), Role::from_bits(role));
        assert!(word <= word_through(Sequence::new(at)));
        assert!(word > word_through(Sequence::new(at - 1)));
    }
    assert_eq!(word_through(Sequence::new(u64::MAX)), u64::MAX);
}
