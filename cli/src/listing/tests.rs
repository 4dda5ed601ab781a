use super::*;

fn listing() -> Listing {
    let mut listing = Listing::new(&["account", "debits_posted", "transfers"]);
    let row = |name: &str, amount: &str, count| {
        vec![
            Field::text(name),
            Field::Amount(amount.to_owned()),
            Field::Count(count),
        ]
    };
    listing.push(row("Assets:Cash", "1234.50", 7));
    listing.push(row("Assets:Points", "-3", 12));
    listing.push(row("Straße, \"A\"", "0.12345", 1));
    listing
}

fn written(listing: &Listing, format: Format) -> String {
    let mut out = Vec::new();
    // As it is in a file, however narrow a terminal the tests may run in.
    match format {
        Format::Table => writeln!(out, "{}", listing.table()),
        _ => listing.write(format, &mut out),
    }
    .expect("memory takes it");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_table_lines_up_at_the_points() {
    let text = written(&listing(), Format::Table);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "account        debits posted  transfers",
            "───────────────────────────────────────",
            "Assets:Cash       1234.50             7",
            "Assets:Points       -3               12",
            "Straße, \"A\"          0.12345          1",
        ]
    );
}

#[test]
fn csv_quotes_what_needs_it() {
    assert_eq!(
        written(&listing(), Format::Csv),
        "account,debits_posted,transfers\nAssets:Cash,1234.50,7\nAssets:Points,-3,12\n\
         \"Straße, \"\"A\"\"\",0.12345,1\n"
    );
}

#[test]
fn json_keeps_amounts_as_text() {
    let text = written(&listing(), Format::Json);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value[0]["debits_posted"], "1234.50");
    assert_eq!(value[1]["transfers"], 12);
}

#[test]
fn columns_that_tell_nothing_are_left_out() {
    let mut listing = Listing::new(&["id", "name", "count"]);
    listing.push(vec![Field::text(1), Field::Absent, Field::Count(0)]);
    let text = written(&listing.without_empty_columns(), Format::Csv);
    assert_eq!(text, "id,count\n1,0\n");
}

#[test]
fn records_name_their_fields() {
    let mut out = Vec::new();
    listing()
        .write_records(Format::Table, &mut out)
        .expect("memory takes it");
    let text = String::from_utf8(out).expect("text");
    assert!(text.starts_with("account        Assets:Cash\ndebits posted  1234.50\n"));
}

fn within(listing: &Listing, width: usize) -> String {
    let mut out = Vec::new();
    listing
        .write_within(width, &mut out)
        .expect("memory takes it");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_table_that_is_too_wide_goes_without_what_can_be_spared() {
    let listing = listing().with_spare(&[&["transfers"], &["debits_posted"]]);
    assert_eq!(within(&listing, 39), written(&listing, Format::Table));
    let narrower = [
        "account        debits posted",
        "────────────────────────────",
        "Assets:Cash       1234.50",
        "Assets:Points       -3",
        "Straße, \"A\"          0.12345",
    ];
    let lines: Vec<String> = within(&listing, 38).lines().map(str::to_owned).collect();
    assert_eq!(lines, narrower);
    let lines: Vec<String> = within(&listing, 27).lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "account");
}

#[test]
fn a_table_that_fits_nowhere_becomes_records_of_all_fields() {
    let listing = listing().with_spare(&[&["transfers"]]);
    let mut records = Vec::new();
    listing
        .write_records(Format::Table, &mut records)
        .expect("memory takes it");
    assert_eq!(within(&listing, 20).into_bytes(), records);
}

#[test]
fn what_is_wide_in_a_terminal_is_counted_so() {
    let mut listing = Listing::new(&["name", "count"]);
    listing.push(vec![Field::text("日本日本"), Field::Count(1)]);
    assert_eq!(table_width(&listing.table()), 15);
}
