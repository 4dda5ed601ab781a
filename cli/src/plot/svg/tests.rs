use super::{SVG_COLUMNS, write_svg};
use crate::plot::example::twenty_days;

#[test]
fn a_drawing_is_a_stepped_line_between_two_labelled_axes() {
    let mut svg = Vec::new();
    let title = "Cash & \"more\" <EUR>";
    write_svg(&twenty_days(SVG_COLUMNS), 2, title, &mut svg).expect("memory takes it");
    let text = String::from_utf8(svg).expect("text");
    assert!(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 920 440\""));
    assert!(text.ends_with("</svg>\n"));
    assert!(text.contains("<title>Cash &amp; &quot;more&quot; &lt;EUR&gt;</title>"));
    assert!(
        text.contains("<text x=\"68\" y=\"380\" stroke=\"none\">-500.00</text>"),
        "{text}"
    );
    assert!(
        text.contains("<text x=\"479\" y=\"400\" stroke=\"none\">2026-11-11</text>"),
        "{text}"
    );
    assert!(
        text.contains(">2026-11-01 to 2026-11-21 UTC</text>"),
        "{text}"
    );
    let line = "M80 323L119 323V56L239 56V141L399 141V195L519 195V280L639 280V360L759 360V307\
        L879 307H880";
    assert!(text.contains(line), "{text}");
}
