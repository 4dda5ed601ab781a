use super::*;

#[test]
fn a_point_comes_back_as_it_went() {
    let points = [
        At::Now,
        At::Sequence(Sequence::ZERO),
        At::Sequence(Sequence::new(7)),
        At::Time(Timestamp::new(8)),
    ];
    for at in points {
        let request = v1::GetBalancesRequest {
            at: at.into(),
            ..Default::default()
        };
        assert_eq!(request.point(), at);
        let request = v1::GetTrialBalanceRequest {
            at: at.into(),
            ..Default::default()
        };
        assert_eq!(request.point(), at);
    }
}
