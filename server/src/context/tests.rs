use super::*;

#[test]
fn only_a_well_formed_traceparent_is_recorded() {
    let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert!(is_traceparent(good));
    let bad = [
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
    ];
    for text in bad {
        assert!(!is_traceparent(text), "{text}");
    }

    let mut metadata = MetadataMap::new();
    assert_eq!(of(&metadata, ""), Ok(Context::default()));
    metadata.insert("traceparent", good.parse().expect("ASCII"));
    let context = of(&metadata, "checkout").expect("short");
    assert_eq!(context.traceparent.as_deref(), Some(good));
    assert_eq!(context.origin.as_deref(), Some("checkout"));
    metadata.insert("traceparent", "nonsense".parse().expect("ASCII"));
    assert_eq!(of(&metadata, ""), Ok(Context::default()));
    assert!(of(&metadata, &"o".repeat(255)).is_ok());
    let error = of(&metadata, &"o".repeat(256)).expect_err("too long");
    assert_eq!(error.at().to_string(), "origin");
}
