//! Reads Beancount files: transactions with amounts left out, costs and prices, `pad`, `balance`,
//! `include` and the options about tolerance.
//!
//! The syntax is read by the `beancount-parser` crate, one entry at a time. What changes no
//! balance is not shown to it (see [`lines`]), and what it does not understand is reported with
//! its line: it passes over such lines in silence, and a posting passed over is money lost.
//!
//! Absent on purpose: plugins, which are Python, and the matching of lots. A posting whose cost
//! is left open (`{}`) is taken as it is; only where an amount is left out that depends on such a
//! cost is the transaction refused.

mod interpolation;
mod lines;
mod padding;
pub(crate) mod renaming;
mod strings;
mod tolerance;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use beancount_parser::{BeanOption, Directive, DirectiveContent, Entry, PostingPrice};

use crate::books::problem::{Fault, Place, Problem, Problems};
use crate::books::quantity::{Expression, Quantity};
use crate::books::transaction::{Date, Transaction};
use interpolation::{Draft, DraftPosting, Price, fill_in};
use padding::{Assertion, Pad};
use renaming::Renaming;
use tolerance::ToleranceOptions;

/// A file that was understood.
#[derive(Debug)]
pub(crate) struct BeancountBooks {
    /// Its transactions, by date.
    pub(crate) transactions: Vec<Transaction>,
    /// Where plugins are named, which would have changed the books.
    pub(crate) plugins: Vec<Place>,
}

/// Reads the whole file and what it includes, or tells everything that is wrong.
pub(crate) fn read(file: &Path, text: &str) -> Result<BeancountBooks, Problems> {
    let mut reader = Reader::default();
    if let Ok(path) = file.canonicalize() {
        reader.files.insert(path);
    }
    reader.read_file(&Arc::from(file), text, true);
    reader.finish()
}

/// An amount of a commodity.
pub(crate) type CommodityAmount = (Quantity, String);

#[derive(Default)]
struct Reader {
    files: HashSet<PathBuf>,
    options: ToleranceOptions,
    drafts: Vec<Draft>,
    pads: Vec<Pad>,
    assertions: Vec<Assertion>,
    plugins: Vec<Place>,
    renaming: Renaming,
    problems: Vec<Problem>,
}

impl Reader {
    fn read_file(&mut self, file: &Arc<Path>, text: &str, outermost: bool) {
        let place = |line| Place {
            file: Arc::clone(file),
            line,
        };
        let scan = lines::scan(text);
        self.plugins.extend(scan.plugins.into_iter().map(place));
        self.renaming.extend(scan.renaming);
        for line in scan.not_understood {
            self.report(place(line), Fault::NotBeancount);
        }
        for entry in scan.entries {
            let head = place(entry.line);
            let mut parsed = beancount_parser::parse_iter::<Expression>(&entry.text);
            match (parsed.next(), parsed.next()) {
                (Some(Ok(Entry::Directive(directive))), None) => {
                    let postings: Vec<Place> = entry.posting_lines.into_iter().map(place).collect();
                    if let Err((place, fault)) =
                        self.take(head, &postings, &entry.strings, directive)
                    {
                        self.report(place, fault);
                    }
                }
                (Some(Ok(Entry::Option(option))), None) if outermost => {
                    self.set_option(head, &option);
                }
                (Some(Ok(Entry::Option(_))), None) => {}
                (Some(Ok(Entry::Include(path))), None) => self.include(head, &path),
                _ => self.report(head, Fault::NotBeancount),
            }
        }
    }

    fn report(&mut self, place: Place, fault: Fault) {
        self.problems.push(Problem { place, fault });
    }

    fn set_option(&mut self, place: Place, option: &BeanOption) {
        if let Err(name) = self.options.set(&option.name, &option.value) {
            self.report(place, Fault::OptionInvalid { option: name });
        }
    }

    /// Reads an included file once, however often it is included.
    fn include(&mut self, place: Place, path: &Path) {
        let beside = place.file.parent().unwrap_or(Path::new("")).join(path);
        let read = beside
            .canonicalize()
            .and_then(|canonical| Ok((canonical, std::fs::read_to_string(&beside)?)));
        match read {
            Ok((canonical, text)) => {
                if self.files.insert(canonical) {
                    self.read_file(&Arc::from(beside.as_path()), &text, false);
                }
            }
            Err(error) => {
                let path = path.display().to_string();
                let reason = error.kind();
                self.report(place, Fault::IncludeUnreadable { path, reason });
            }
        }
    }

    fn take(
        &mut self,
        head: Place,
        posting_places: &[Place],
        strings: &[String],
        directive: Directive<Expression>,
    ) -> Result<(), (Place, Fault)> {
        let day = directive.date;
        let Some(date) = Date::new(day.year, day.month, day.day) else {
            let text = format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
            return Err((head, Fault::NotADate { text }));
        };
        match directive.content {
            DirectiveContent::Transaction(transaction) => {
                if let Some(lost) = posting_places.get(transaction.postings.len()) {
                    return Err((lost.clone(), Fault::PostingNotUnderstood));
                }
                let postings = transaction
                    .postings
                    .into_iter()
                    .zip(posting_places)
                    .map(|(posting, place)| draft_posting(posting, place))
                    .collect::<Result<_, _>>()?;
                self.drafts.push(Draft {
                    place: head,
                    date,
                    description: description(strings),
                    postings,
                });
            }
            DirectiveContent::Balance(balance) => {
                let (quantity, commodity) =
                    amount(&balance.amount).ok_or((head.clone(), Fault::NoValue))?;
                let tolerance = balance
                    .tolerance
                    .map(|tolerance| tolerance.value().cloned().ok_or(Fault::NoValue))
                    .transpose()
                    .map_err(|fault| (head.clone(), fault))?;
                self.assertions.push(Assertion {
                    place: head,
                    date,
                    account: balance.account.as_str().to_owned(),
                    quantity,
                    commodity,
                    tolerance,
                });
            }
            DirectiveContent::Pad(pad) => self.pads.push(Pad {
                place: head,
                date,
                account: pad.account.as_str().to_owned(),
                source: pad.source_account.as_str().to_owned(),
            }),
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<BeancountBooks, Problems> {
        let mut transactions = Vec::with_capacity(self.drafts.len());
        for draft in std::mem::take(&mut self.drafts) {
            match fill_in(draft, &self.options) {
                Ok(transaction) => transactions.push(transaction),
                Err(problem) => self.problems.push(problem),
            }
        }
        // What the transactions add up to means something only if all of them were understood.
        if self.problems.is_empty() {
            let padding = padding::pad(&transactions, &self.pads, &self.assertions, &self.options);
            transactions.extend(padding);
            transactions.sort_by_key(|transaction| transaction.date);
            self.problems = padding::check(&transactions, &self.assertions, &self.options);
        }
        if self.problems.is_empty() {
            self.renaming.apply(&mut transactions);
            Ok(BeancountBooks {
                transactions,
                plugins: self.plugins,
            })
        } else {
            self.problems
                .sort_by(|one, other| one.place.cmp(&other.place));
            Err(Problems(self.problems))
        }
    }
}

fn draft_posting(
    posting: beancount_parser::Posting<Expression>,
    place: &Place,
) -> Result<DraftPosting, (Place, Fault)> {
    let valued = |written: &beancount_parser::Amount<Expression>| {
        amount(written).ok_or((place.clone(), Fault::NoValue))
    };
    let price = match &posting.price {
        Some(PostingPrice::Unit(price)) => Some(Price::Unit(valued(price)?)),
        Some(PostingPrice::Total(price)) => Some(Price::Total(valued(price)?)),
        None => None,
    };
    let cost = match &posting.cost {
        Some(cost) => Some(cost.amount.as_ref().map(valued).transpose()?),
        None => None,
    };
    Ok(DraftPosting {
        place: place.clone(),
        account: posting.account.as_str().to_owned(),
        amount: posting.amount.as_ref().map(valued).transpose()?,
        cost,
        price,
    })
}

fn amount(written: &beancount_parser::Amount<Expression>) -> Option<CommodityAmount> {
    let quantity = written.value.value()?.clone();
    Some((quantity, written.currency.as_str().to_owned()))
}

/// Payee and narration as one line, the way hledger prints them.
fn description(strings: &[String]) -> String {
    let parts = strings.iter().map(String::as_str);
    let told: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    told.join(" | ")
}

#[cfg(test)]
mod tests;
