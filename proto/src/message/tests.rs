use super::*;

fn written(message: &impl Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.write(&mut bytes);
    assert!(bytes.len() <= message.room());
    bytes
}

#[test]
fn a_list_of_millions_is_refused_before_it_is_built() {
    let mut request = v1::LookupAccountsRequest {
        ids: vec![7.into(); EVENTS_PER_REQUEST_MAX],
    };
    let bytes = written(&request);
    assert_eq!(v1::LookupAccountsRequest::read(&bytes), Ok(request.clone()));
    request.ids.push(7.into());
    assert_eq!(
        v1::LookupAccountsRequest::read(&written(&request)),
        Err(Malformed::TooMany {
            list: "ids",
            count_max: EVENTS_PER_REQUEST_MAX
        })
    );
}

#[test]
fn a_filter_of_millions_is_refused_before_it_is_built() {
    let ask = |values| v1::ListTransfersRequest {
        filter: Some(v1::TransferFilter {
            references: vec![String::new(); values],
            ..Default::default()
        }),
        ..Default::default()
    };
    let bytes = written(&ask(128));
    assert_eq!(v1::ListTransfersRequest::read(&bytes), Ok(ask(128)));
    let error = v1::ListTransfersRequest::read(&written(&ask(40_000))).expect_err("too many");
    assert_eq!(error.at(), FieldPath::of("filter"));
}

#[test]
fn what_generated_code_finds_is_passed_on() {
    // accounts[1].id of the wrong kind.
    let error = v1::CreateAccountsRequest::read(&[0x0a, 0, 0x0a, 2, 0x08, 1]).expect_err("wrong");
    assert!(
        error.to_string().contains("CreateAccountsRequest"),
        "{error}"
    );
    let error = v1::CreateAccountsRequest::read(&[0x0a, 0, 0x0a, 2, 0x08]).expect_err("cut off");
    assert_eq!(error.at().to_string(), "accounts[1]");
    assert!(v1::GetStatusRequest::read(&[0xff]).is_err());
    assert!(
        v1::GetStatusRequest::read(&[0x08, 1]).is_ok(),
        "unknown fields are passed over"
    );
}
