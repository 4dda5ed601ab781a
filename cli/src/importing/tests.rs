use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::books::problem::Place;

fn chains(lengths: &[usize]) -> Vec<Chain> {
    let chain = |length: &usize| Chain {
        place: Place {
            file: Arc::from(Path::new("books.csv")),
            line: 1,
        },
        transfers: vec![Transfer::default(); *length],
    };
    lengths.iter().map(chain).collect()
}

fn batched(lengths: &[usize], batch: usize) -> Vec<Vec<usize>> {
    let told = |chains: Vec<Chain>| chains.iter().map(|chain| chain.transfers.len()).collect();
    batches(chains(lengths), batch).map(told).collect()
}

#[test]
fn requests_hold_whole_chains() {
    assert_eq!(
        batched(&[2, 2, 2, 5, 1, 1], 4),
        [vec![2, 2], vec![2], vec![5], vec![1, 1]]
    );
    assert_eq!(batched(&[1, 1], 1), [vec![1], vec![1]]);
    assert_eq!(batched(&[], 4), Vec::<Vec<usize>>::new());
}

#[test]
fn no_request_is_larger_than_the_server_takes() {
    let max = CHAIN_TRANSFERS_MAX;
    assert_eq!(batched(&[max, 1], usize::MAX), [vec![max], vec![1]]);
}
