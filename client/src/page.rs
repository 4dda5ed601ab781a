//! Lists, page by page, row by row, or as a stream.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use ledger_proto::{Direction, Malformed, Receipt, v1};

use crate::calls::{Method, malformed, receipt};
use crate::{Answer, Client, ClientError};

/// Where a page begins. Good for the same question only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageToken(Box<str>);

impl PageToken {
    /// The token that an answer carries, if there is another page.
    pub(crate) fn of(text: String) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.into_boxed_str()))
    }

    /// The token as a request carries it; empty for the first page.
    pub(crate) fn text(token: Option<&Self>) -> String {
        token.map_or_else(String::new, |token| token.0.to_string())
    }
}

/// A page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// In the order asked for; may be fewer than asked for, even none.
    pub rows: Vec<T>,
    /// Where the next page begins; only its absence means the end.
    pub next: Option<PageToken>,
}

/// How a list is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListOptions {
    /// The oldest first, or the newest.
    pub direction: Direction,
    /// The most rows of a page, 1 to 8192. It does not matter for what a list holds, only for how
    /// much of it is asked for at once.
    pub page_size: u32,
}

impl Default for ListOptions {
    /// The oldest first, a thousand rows a page.
    fn default() -> Self {
        Self {
            direction: Direction::OldestFirst,
            page_size: 1000,
        }
    }
}

impl ListOptions {
    /// The newest first.
    #[must_use]
    pub fn newest_first() -> Self {
        Self {
            direction: Direction::NewestFirst,
            ..Self::default()
        }
    }

    /// The same with so many rows a page.
    #[must_use]
    pub fn page_size(mut self, page_size: u32) -> Self {
        self.page_size = page_size;
        self
    }
}

/// Asks for a page, the first one or another. `parts` takes the answer apart: the rows, the text of
/// the token of the next page, and the receipt.
pub(crate) async fn ask<Q: Method, R>(
    client: &Client,
    request: &Q,
    is_first: bool,
    parts: impl FnOnce(Q::Answer) -> (Result<Vec<R>, Malformed>, String, Option<v1::Receipt>) + Send,
) -> Result<Answer<Page<R>>, ClientError> {
    let known = client.calls.known();
    let answer = client.calls.call(client.deadline(), request).await?;
    let (rows, next, told) = parts(answer);
    let page = Page {
        rows: rows.map_err(malformed)?,
        next: PageToken::of(next),
    };
    Ok(client.calls.page(known, receipt(told)?, page, is_first))
}

/// What a list can be asked for: a [`TransferFilter`](crate::TransferFilter), an
/// [`AccountFilter`](crate::AccountFilter) or a [`BalanceHistory`](crate::BalanceHistory).
pub trait Question: sealed::Ask {}

impl<Q: sealed::Ask> Question for Q {}

pub(crate) mod sealed {
    use std::future::Future;

    use super::{ListOptions, Page, PageToken};
    use crate::{Answer, Client, ClientError};

    /// Asks for a page.
    pub trait Ask: Clone + Send + Sync + 'static {
        /// A row of the list.
        type Row: Send + 'static;

        /// Asks for the page at `from`, or the first.
        #[doc(hidden)]
        fn ask(
            &self,
            client: &Client,
            options: ListOptions,
            from: Option<&PageToken>,
        ) -> impl Future<Output = Result<Answer<Page<Self::Row>>, ClientError>> + Send;
    }
}

/// A list that is asked for as it is read, all of it as of the sequence of its first page, however
/// much is written meanwhile.
///
/// Made by [`Client::list_transfers`], [`Client::list_accounts`] and [`Client::list_balances`].
/// Read it row by row with [`next`](Self::next), page by page with [`next_page`](Self::next_page),
/// whole with [`all`](Self::all), or turn it into a [`Stream`] with
/// [`into_stream`](Self::into_stream). After an error the same row or page can be asked for again.
///
/// ```no_run
/// # use ledger_client::{Client, ClientError, ListOptions, TransferFilter};
/// # async fn show(client: &Client) -> Result<(), ClientError> {
/// let mut newest = client.list_transfers(TransferFilter::default(), ListOptions::newest_first());
/// while let Some(record) = newest.next().await? {
///     println!("{} {} {}", record.sequence, record.transfer.amount, record.state.name());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a list asks for nothing until it is read"]
pub struct List<Q: Question> {
    client: Client,
    question: Q,
    options: ListOptions,
    rows: VecDeque<Q::Row>,
    from: From,
    receipt: Option<Receipt>,
}

/// Where a list goes on.
#[derive(Clone, PartialEq, Eq, Debug)]
enum From {
    Beginning,
    Token(PageToken),
    End,
}

impl<Q: Question> List<Q> {
    pub(crate) fn new(client: &Client, question: Q, options: ListOptions) -> Self {
        Self {
            client: client.clone(),
            question,
            options,
            rows: VecDeque::new(),
            from: From::Beginning,
            receipt: None,
        }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// See [`ClientError`]. The deadline is for each page.
    pub async fn next(&mut self) -> Result<Option<Q::Row>, ClientError> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Ok(Some(row));
            }
            match self.next_page().await? {
                Some(page) => self.rows = page.into(),
                None => return Ok(None),
            }
        }
    }

    /// The next page, which may be empty; `None` at the end. Of a page that was begun row by row,
    /// its rest.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<Q::Row>>, ClientError> {
        if !self.rows.is_empty() {
            return Ok(Some(std::mem::take(&mut self.rows).into()));
        }
        let from = match &self.from {
            From::Beginning => None,
            From::Token(token) => Some(token),
            From::End => return Ok(None),
        };
        let page = self.question.ask(&self.client, self.options, from).await?;
        self.receipt.get_or_insert(page.receipt);
        self.from = page.value.next.map_or(From::End, From::Token);
        Ok(Some(page.value.rows))
    }

    /// All rows that are left.
    ///
    /// # Errors
    /// See [`ClientError`]. The deadline is for each page.
    pub async fn all(mut self) -> Result<Vec<Q::Row>, ClientError> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// What the list rests on, once its first page is there: all of it is as of this sequence.
    #[must_use]
    pub fn receipt(&self) -> Option<Receipt> {
        self.receipt
    }

    /// The rows as a stream, which ends with the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Q::Row, ClientError>> + Send + Unpin {
        Rows {
            turn: Turn::Reading(Box::new(self)),
        }
    }
}

type Asking<Q> = Pin<Box<dyn Future<Output = (Box<List<Q>>, Step<Q>)> + Send>>;
type Step<Q> = Result<Option<<Q as sealed::Ask>::Row>, ClientError>;

/// The rows of a list as a stream.
struct Rows<Q: Question> {
    turn: Turn<Q>,
}

enum Turn<Q: Question> {
    Reading(Box<List<Q>>),
    Asking(Asking<Q>),
    Ended,
}

/// Nothing in it is pinned in place: what is awaited is in a box.
impl<Q: Question> Unpin for Rows<Q> {}

impl<Q: Question> Stream for Rows<Q> {
    type Item = Result<Q::Row, ClientError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.turn, Turn::Ended) {
                Turn::Ended => return Poll::Ready(None),
                Turn::Reading(mut list) => {
                    if let Some(row) = list.rows.pop_front() {
                        self.turn = Turn::Reading(list);
                        return Poll::Ready(Some(Ok(row)));
                    }
                    self.turn = Turn::Asking(Box::pin(async move {
                        let step = list.next().await;
                        (list, step)
                    }));
                }
                Turn::Asking(mut asking) => {
                    let polled = asking.as_mut().poll(context);
                    if polled.is_pending() {
                        self.turn = Turn::Asking(asking);
                    }
                    let (list, step) = ready!(polled);
                    return Poll::Ready(match step {
                        Ok(Some(row)) => {
                            self.turn = Turn::Reading(list);
                            Some(Ok(row))
                        }
                        Ok(None) => None,
                        Err(error) => Some(Err(error)),
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
