use super::id_from_reference;

/// Computed with the reference implementation in another language.
const VECTORS: &[(&str, &str, u128)] = &[
    ("", "", 0x2d3a_dedf_f11b_61f1_4c88_6e35_afa0_3673),
    (
        "stripe",
        "ch_3NQ5xk2eZvKYlo2C1",
        0x174a_5d84_9ac9_a3d1_37e7_52df_ea13_bc4a,
    ),
    (
        "orders",
        "2026-11-0001",
        0x1160_4810_e241_96ba_1793_0c1b_48db_f9f9,
    ),
    (
        "orders",
        "Zahlung für Müller",
        0x9049_d1c7_e7d2_f931_54dc_37cc_859c_31e4,
    ),
    ("a", "b\0c", 0x4841_7772_a108_4034_2d51_f0c1_a9ed_14f5),
];

#[test]
fn ids_are_those_that_other_languages_compute() {
    for &(namespace, text, id) in VECTORS {
        assert_eq!(
            id_from_reference(namespace, text),
            id,
            "{namespace:?}, {text:?}"
        );
    }
}

#[test]
fn the_first_byte_of_the_hash_is_the_uppermost() {
    let hash = blake3::hash(b"orders\x002026-11-0001");
    let id = id_from_reference("orders", "2026-11-0001");
    assert_eq!(id.to_be_bytes(), hash.as_bytes()[..16]);
}

#[test]
fn the_boundary_between_namespace_and_text_counts() {
    assert_ne!(id_from_reference("ab", "c"), id_from_reference("a", "bc"));
}

#[test]
#[should_panic(expected = "holds no zero byte")]
fn a_namespace_with_a_zero_byte_is_a_mistake() {
    let _ = id_from_reference("a\0b", "c");
}
