use bigdecimal::num_bigint::BigInt;

use super::{TerminalSize, terminal_plot};
use crate::plot::columns::Columns;
use crate::plot::example::{day, twenty_days};

fn drawn(width: usize, height: usize) -> String {
    let size = TerminalSize { width, height };
    terminal_plot(&twenty_days(size.columns()), 2, size)
}

#[test]
fn a_balance_goes_in_steps_between_its_axes() {
    let expected = "\
2500.00 ┤   ⡏⠉⠉⠉⠉⠉⠉⠉⠉⢹
        │   ⡇        ⢸
2000.00 ┤   ⡇        ⢸
        │   ⡇        ⠸⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⡄
1500.00 ┤   ⡇                     ⡇
        │   ⡇                     ⠧⠤⠤⠤⠤⠤⠤⠤⠤⢤
1000.00 ┤   ⡇                              ⢸
        │   ⡇                              ⢸
 500.00 ┤   ⡇                              ⢸
        │   ⡇                              ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⡇
   0.00 ┤⠤⠤⠤⠇                                        ⡇        ⢸⠉⠉⠉⠉⠉⠉⠉⠉⠉
        │                                            ⡇        ⢸
-500.00 ┤                                            ⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉
        └┬──────────────────────────────┬──────────────────────────────┬
    2026-11-01                     2026-11-11                 2026-11-21
         2026-11-01 to 2026-11-21 UTC
";
    assert_eq!(drawn(72, 13), expected);
}

#[test]
fn a_small_drawing_has_fewer_labels() {
    let expected = " 5000.00 ┤
         │ ⡖⠒⠒⠒⠲⠤⠤⠤⠤⠤⢤⣀⣀⣀⣀⡀
    0.00 ┤⠒⠃              ⠓⠒⠒⠒⠲⠤⠤⠤⠤⠖⠒⠒⠒⠒
         │
-5000.00 ┤
         └┬─────────────────────┬───────
     2026-11-01            2026-11-16
          2026-11-01 to 2026-11-21 UTC
";
    assert_eq!(drawn(40, 5), expected);
}

#[test]
fn a_balance_that_never_changes_is_a_line() {
    let size = TerminalSize {
        width: 40,
        height: 5,
    };
    let flat = Columns::new(day(0), day(3), BigInt::from(500), size.columns());
    let expected = "\
5.00 ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉
     │
     │
     │
0.00 ┤
     └┬─────────────────────┬───────────
 2026-11-01            2026-11-03
      2026-11-01 to 2026-11-04 UTC
";
    assert_eq!(terminal_plot(&flat, 2, size), expected);
    let nothing = Columns::new(day(0), day(0), BigInt::from(0), size.columns());
    assert!(terminal_plot(&nothing, 0, size).contains("0 ┤⣀⣀⣀"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [20, 33, 80, 200] {
        for height in [1, 2, 7, 30] {
            let drawing = drawn(width, height);
            let widest = drawing.lines().map(|line| line.chars().count()).max();
            assert!(
                widest <= Some(width.max(28)),
                "{width}x{height}:\n{drawing}"
            );
        }
    }
}

#[test]
fn balances_as_large_as_128_bits_are_drawn() {
    let size = TerminalSize {
        width: 100,
        height: 9,
    };
    let mut columns = Columns::new(day(0), day(2), BigInt::from(0), size.columns());
    columns.add(day(1), BigInt::from(u128::MAX));
    columns.add(day(2), -BigInt::from(u128::MAX));
    let drawing = terminal_plot(&columns, 38, size);
    assert!(
        drawing.contains("-4.00000000000000000000000000000000000000 ┤"),
        "{drawing}"
    );
}
