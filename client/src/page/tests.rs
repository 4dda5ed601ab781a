use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use ledger_core::{Sequence, Timestamp};

use super::*;
use crate::{Answer, ClientOptions};

/// A list of numbers in pages of so many, some of them empty.
#[derive(Clone, Debug)]
struct Numbers {
    pages: Vec<Vec<u32>>,
    /// The pages that were asked for; the third fails when it is first asked for.
    asked: Arc<Mutex<Vec<usize>>>,
}

impl Numbers {
    fn new() -> Self {
        Self {
            pages: vec![vec![1, 2], vec![], vec![3], vec![]],
            asked: Arc::default(),
        }
    }
}

impl sealed::Ask for Numbers {
    type Row = u32;

    async fn ask(
        &self,
        _client: &Client,
        _options: ListOptions,
        from: Option<&PageToken>,
    ) -> Result<Answer<Page<u32>>, ClientError> {
        let page: usize = from.map_or(0, |token| token.0.parse().expect("a token of ours"));
        let mut asked = self.asked.lock().expect("nobody panics");
        let is_first_try = !asked.contains(&page);
        asked.push(page);
        if page == 2 && is_first_try {
            return Err(ClientError::TooManyWaiting {
                waiting_events_max: 0,
            });
        }
        let next = page + 1;
        Ok(Answer {
            receipt: Receipt {
                sequence: Sequence::new(7),
                time: Timestamp::new(1),
                ..Receipt::default()
            },
            value: Page {
                rows: self.pages[page].clone(),
                next: (next < self.pages.len())
                    .then(|| PageToken(next.to_string().into_boxed_str())),
            },
            contradiction: None,
        })
    }
}

fn list(numbers: &Numbers) -> List<Numbers> {
    let client = Client::lazy(ClientOptions::new("http://127.0.0.1:1")).expect("an address");
    List::new(&client, numbers.clone(), ListOptions::default())
}

#[tokio::test]
async fn an_empty_page_is_not_the_end_and_an_error_loses_nothing() {
    let numbers = Numbers::new();
    let mut list = list(&numbers);
    assert_eq!(list.receipt(), None);
    assert_eq!(list.next().await.expect("a row"), Some(1));
    assert_eq!(list.receipt().map(|it| it.sequence.get()), Some(7));
    assert_eq!(list.next().await.expect("a row"), Some(2));
    assert!(list.next().await.is_err());
    assert_eq!(list.next().await.expect("a row"), Some(3));
    assert_eq!(list.next().await.expect("the end"), None);
    assert_eq!(list.next().await.expect("the end"), None);
    assert_eq!(*numbers.asked.lock().expect("whole"), [0, 1, 2, 2, 3]);
}

#[tokio::test]
async fn the_rest_of_a_page_comes_before_the_next() {
    let numbers = Numbers::new();
    let mut list = list(&numbers);
    assert_eq!(list.next().await.expect("a row"), Some(1));
    assert_eq!(list.next_page().await.expect("a page"), Some(vec![2]));
    assert_eq!(list.next_page().await.expect("a page"), Some(vec![]));
}

#[tokio::test]
async fn a_stream_ends_with_the_first_error() {
    let numbers = Numbers::new();
    let mut stream = list(&numbers).into_stream();
    let mut rows = Vec::new();
    while let Some(row) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
        rows.push(row.ok());
    }
    assert_eq!(rows, [Some(1), Some(2), None]);

    // What failed once does not fail again.
    let mut stream = list(&numbers).into_stream();
    let mut rows = Vec::new();
    while let Some(row) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
        rows.push(row.expect("a row"));
    }
    assert_eq!(rows, [1, 2, 3]);
    let whole = list(&numbers).all().await.expect("all");
    assert_eq!(whole, [1, 2, 3]);
}
