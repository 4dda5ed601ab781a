use super::{UnknownWorkload, Workload};

#[test]
fn names_are_read_as_they_are_written() {
    for &workload in Workload::ALL {
        assert_eq!(workload.to_string().parse(), Ok(workload));
    }
    assert_eq!("UNIFORM".parse::<Workload>(), Err(UnknownWorkload));
}
