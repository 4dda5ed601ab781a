mod amount_text;
mod books;

fn main() {}
