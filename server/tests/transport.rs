//! The transport: sizes, packing, connections, health, reflection, and the end.

mod running;

use std::{sync::Arc, time::Duration};

use ledger_proto::{Reason, v1};
use ledger_server::Limits;
use running::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};
use tonic::{Code, codec::CompressionEncoding};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// An empty answer, so that only the request's size matters.
const CALL: &str = "CreateTransfers";

/// A request of exactly `bytes` bytes, of an unknown field that is passed over.
fn padded(bytes: usize) -> Vec<u8> {
    let head = [0xfa, 0x3f];
    for length_bytes in 1..5 {
        let content = bytes - head.len() - length_bytes;
        let mut request = head.to_vec();
        let mut length = content;
        while length >= 0x80 {
            request.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        request.push(length as u8);
        if request.len() == head.len() + length_bytes {
            request.resize(bytes, 7);
            return request;
        }
    }
    unreachable!("a length takes at most four bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_one_byte_too_large_is_refused_and_the_connection_lives() {
    let running = Running::start().await;
    let mut raw = running.raw().await;
    let max = Limits::default().request_bytes_max;
    for _ in 0..3 {
        assert!(raw.call(CALL, &padded(max)).await.is_ok());
        let error = raw
            .call(CALL, &padded(max + 1))
            .await
            .expect_err("a byte too large");
        assert_refused(&error, Code::ResourceExhausted, Reason::MessageTooLarge);
    }
    let status = running
        .admin()
        .await
        .get_status(v1::GetStatusRequest {})
        .await;
    // The raw one, that which waited for the start, and this one at most.
    assert!(status.expect("answered").into_inner().connections <= 3);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_requests_are_taken_and_bounded_when_unpacked() {
    let running = Running::start().await;
    let max = Limits::default().request_bytes_max;
    for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
        let mut raw = running.raw().await.compressed(encoding);
        assert!(raw.call(CALL, &padded(max)).await.is_ok(), "{encoding:?}");
        let error = raw
            .call(CALL, &padded(max + 1))
            .await
            .expect_err("too large");
        assert_refused(&error, Code::ResourceExhausted, Reason::MessageTooLarge);
        let mut ledger = running.ledger().await.send_compressed(encoding);
        let answer = ledger
            .create_transfers(batch(vec![transfer(1, 1, 2, 3)]))
            .await;
        assert_eq!(
            statuses(answer.expect("answered").get_ref()),
            ["debit_account_not_found"].map(|first| if encoding == CompressionEncoding::Gzip {
                first
            } else {
                "id_already_failed"
            })
        );
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_received_at_once_is_bounded() {
    let limits = Limits {
        receiving_bytes_max: 1 << 20,
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let mut raw = running.raw().await;
    let error = raw
        .call(CALL, &padded(2 << 20))
        .await
        .expect_err("too much at once");
    assert_refused(&error, Code::ResourceExhausted, Reason::QueueFull);
    for _ in 0..20 {
        // What was received before does not count any more.
        assert!(raw.call(CALL, &padded(1 << 19)).await.is_ok());
    }
    running.stop().await;
}

/// The first bytes of an HTTP/2 connection: the preface and empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(content.len()).expect("short").to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), content].concat()
}

/// Whether the server closes the connection within two seconds.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 1024];
    let closed = async {
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    timeout(Duration::from_secs(2), closed).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_bounded_and_free_places_are_taken_again() {
    let limits = Limits {
        connections_max: 100,
        connections_per_address_max: 3,
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let mut held = vec![running.admin().await];
    // The connection that waited for the start is closed at some time.
    loop {
        let status = held[0].get_status(v1::GetStatusRequest {}).await;
        if status.expect("answered").into_inner().connections == 1 {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    held.push(running.admin().await);
    held.push(running.admin().await);
    for admin in &mut held {
        admin
            .get_status(v1::GetStatusRequest {})
            .await
            .expect("answered");
    }
    let mut one_more = TcpStream::connect(running.address)
        .await
        .expect("connected");
    assert!(is_closed(&mut one_more).await, "the fourth");
    held.pop();
    let begun = Instant::now();
    loop {
        let again = running.endpoint().connect_lazy();
        if Admin::new(again)
            .get_status(v1::GetStatusRequest {})
            .await
            .is_ok()
        {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "the place stays taken"
        );
        sleep(Duration::from_millis(20)).await;
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_or_drips_is_closed() {
    let limits = Limits {
        handshake_timeout: Duration::from_millis(300),
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let mut silent = TcpStream::connect(running.address)
        .await
        .expect("connected");
    assert!(is_closed(&mut silent).await, "says nothing");

    let mut dripping = TcpStream::connect(running.address)
        .await
        .expect("connected");
    let begun = Instant::now();
    for byte in b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" {
        if dripping.write_all(&[*byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert!(is_closed(&mut dripping).await, "drips");
    assert!(begun.elapsed() < Duration::from_secs(5));

    let mut other = TcpStream::connect(running.address)
        .await
        .expect("connected");
    other
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("written");
    assert!(is_closed(&mut other).await, "speaks something else");

    // One that has shaken hands may be silent for longer than that.
    let mut admin = running.admin().await;
    sleep(Duration::from_millis(600)).await;
    admin
        .get_status(v1::GetStatusRequest {})
        .await
        .expect("still there");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_connection_is_ended_without_losing_a_call() {
    let limits = Limits {
        connection_age_max: Duration::from_millis(200),
        connection_age_grace: Duration::from_millis(200),
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    let begun = Instant::now();
    let (mut id, mut unsent) = (0, 0);
    while begun.elapsed() < Duration::from_secs(1) {
        id += 1;
        // The client makes a new connection by itself. One call may meet the end of the old one
        // before it is sent; then its client does not know more, and asks again.
        let call = || batch(vec![transfer(id, 1, 2, 1)]);
        let mut answer = ledger.create_transfers(call()).await;
        while answer.is_err() {
            unsent += 1;
            answer = ledger.create_transfers(call()).await;
        }
        let answer = answer.expect("answered");
        assert!(matches!(
            statuses(answer.get_ref())[..],
            ["created" | "exists"]
        ));
        sleep(Duration::from_millis(5)).await;
    }
    assert!(unsent < 10, "{unsent} of {id} calls were not answered");
    let request = v1::GetBalancesRequest {
        ids: wire_ids(&[1]),
        ..Default::default()
    };
    let answer = ledger
        .get_balances(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(
        answer.balances[0].read().1.debits_posted.get(),
        id,
        "each once"
    );
    // One without calls is closed then.
    let mut idle = TcpStream::connect(running.address)
        .await
        .expect("connected");
    idle.write_all(PREFACE).await.expect("written");
    assert!(is_closed(&mut idle).await);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_end_their_connection_and_no_other() {
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const CONTINUATION: u8 = 9;
    const END_HEADERS: u8 = 4;
    // `:method POST`, `:scheme http`, `:path /`, of the static table.
    const CALL: [u8; 3] = [0x83, 0x86, 0x84];
    let resets: Vec<u8> = (0..100_000)
        .map(|call| 2 * call + 1)
        .flat_map(|stream| {
            let begun = frame(HEADERS, END_HEADERS, stream, &CALL);
            [begun, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
        })
        .collect();
    // A header that is never indexed, of 16 KiB, over and over.
    let header = [&[0x10, 1, b'x', 0x7f, 0x81, 0x7e][..], &[b'y'; 16_256]].concat();
    let mut headers = frame(HEADERS, 0, 1, &CALL);
    for _ in 0..1000 {
        headers.extend(frame(CONTINUATION, 0, 1, &header[..]));
    }
    let limits = Limits {
        keepalive_interval: Duration::from_millis(500),
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let mut admin = running.admin().await;
    for flood in [resets, headers] {
        let mut stream = TcpStream::connect(running.address)
            .await
            .expect("connected");
        stream.write_all(PREFACE).await.expect("written");
        let (mut reader, mut writer) = stream.into_split();
        let flooding = tokio::spawn(async move { writer.write_all(&flood).await });
        let mut buffer = [0; 4096];
        let ended = async { while !matches!(reader.read(&mut buffer).await, Ok(0) | Err(_)) {} };
        assert!(
            timeout(Duration::from_secs(10), ended).await.is_ok(),
            "the flood goes on"
        );
        flooding.abort();
        let status = timeout(
            Duration::from_secs(2),
            admin.get_status(v1::GetStatusRequest {}),
        );
        status.await.expect("in time").expect("others are served");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_answer_is_closed() {
    let limits = Limits {
        keepalive_interval: Duration::from_millis(200),
        keepalive_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let mut mute = TcpStream::connect(running.address)
        .await
        .expect("connected");
    mute.write_all(PREFACE).await.expect("written");
    assert!(
        is_closed(&mut mute).await,
        "it is asked whether it lives, and does not say"
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_is_given_up() {
    let limits = Limits {
        request_timeout: Duration::from_millis(300),
        ..Limits::default()
    };
    let running = Running::start_with(limits, config()).await;
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let body = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut raw = running.raw().await;
    let begun = Instant::now();
    let call = tokio::spawn(async move { raw.drip(CALL, body).await });
    let error = call.await.expect("no panic").expect_err("nothing comes");
    assert!(begun.elapsed() < Duration::from_secs(5));
    // Nothing was received whole, but the server does not look whether that is so.
    assert_eq!(error.code(), Code::Unknown, "{error:?}");
    drop(sender);
    running.stop().await;
}

async fn health(running: &Running, service: &str) -> ServingStatus {
    let mut client = HealthClient::new(running.channel().await);
    let request = HealthCheckRequest {
        service: service.into(),
    };
    client
        .check(request)
        .await
        .expect("answered")
        .into_inner()
        .status()
}

/// Waits until the server says that it is healthy, or that it is not.
async fn until_health(running: &Running, status: ServingStatus) {
    let begun = Instant::now();
    while health(running, "pacioli.v1.LedgerService").await != status {
        assert!(begun.elapsed() < Duration::from_secs(5), "never {status:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_follows_the_engine() {
    let disk = SlowDisk::new();
    let limits = Limits {
        stall_max: Duration::from_millis(200),
        ..Limits::default()
    };
    let mut running = Running::start_on(limits, config(), Arc::clone(&disk), clock()).await;
    until_health(&running, ServingStatus::Serving).await;
    assert_eq!(health(&running, "").await, ServingStatus::Serving);

    // A disk that hangs.
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    disk.stall();
    let mut waiting = ledger.clone();
    let waiting = tokio::spawn(async move {
        waiting
            .create_transfers(batch(vec![transfer(1, 1, 2, 1)]))
            .await
    });
    until_health(&running, ServingStatus::NotServing).await;
    disk.go_on();
    until_health(&running, ServingStatus::Serving).await;
    waiting.await.expect("no panic").expect("answered");

    // The end, while a call is still being answered.
    disk.stall();
    let mut waiting = ledger.clone();
    let waiting = tokio::spawn(async move {
        waiting
            .create_transfers(batch(vec![transfer(2, 1, 2, 1)]))
            .await
    });
    sleep(Duration::from_millis(100)).await;
    running.begin_stop();
    until_health(&running, ServingStatus::NotServing).await;
    disk.go_on();
    waiting.await.expect("no panic").expect("answered");
    running.ended().await.expect("ended cleanly");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ending_server_answers_what_it_admitted_and_refuses_the_rest() {
    let disk = SlowDisk::new();
    let limits = Limits::default();
    let mut running = Running::start_on(limits, config(), Arc::clone(&disk), clock()).await;
    let mut ledger = running.ledger().await;
    create_accounts(&mut ledger, 2).await;
    disk.stall();
    let admitted: Vec<_> = (1..=20)
        .map(|id| {
            let mut ledger = ledger.clone();
            let request = batch(vec![transfer(id, 1, 2, 1)]);
            tokio::spawn(async move { ledger.create_transfers(request).await })
        })
        .collect();
    sleep(Duration::from_millis(200)).await;
    running.begin_stop();
    sleep(Duration::from_millis(100)).await;

    // On the old connection and on a new one.
    let mut new = running.ledger().await;
    for ledger in [&mut ledger, &mut new] {
        let error = ledger
            .create_transfers(batch(vec![transfer(99, 1, 2, 1)]))
            .await;
        let explanation = assert_refused(
            &error.expect_err("ending"),
            Code::Unavailable,
            Reason::Draining,
        );
        assert!(explanation.retry_after.is_some());
    }
    // An operator still sees how it is.
    let status = running
        .admin()
        .await
        .get_status(v1::GetStatusRequest {})
        .await;
    assert_eq!(
        status.expect("answered").get_ref().health(),
        v1::Health::Draining
    );

    disk.go_on();
    for answer in admitted {
        let answer = answer.await.expect("no panic").expect("admitted");
        assert_eq!(statuses(answer.get_ref()), ["created"]);
    }
    let address = running.address;
    running.ended().await.expect("ended cleanly");
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_never_ends_does_not_hold_up_the_end() {
    let limits = Limits {
        drain_timeout: Duration::from_millis(200),
        close_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let mut running = Running::start_with(limits, config()).await;
    // A health watch goes on for ever, and a request that is announced and never comes.
    let mut watch = HealthClient::new(running.channel().await);
    let request = HealthCheckRequest {
        service: String::new(),
    };
    let _watch = watch.watch(request).await.expect("answered");
    let begun = Instant::now();
    running.begin_stop();
    running.ended().await.expect("ended cleanly");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_tells_of_the_services() {
    use tonic_reflection::pb::{
        v1::{
            ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
            server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
        },
        v1alpha,
    };
    let running = Running::start().await;
    let mut client = ServerReflectionClient::new(running.channel().await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = client
        .server_reflection_info(tokio_stream::once(request))
        .await
        .expect("answered")
        .into_inner();
    let answer = answers.message().await.expect("sound").expect("an answer");
    let Some(MessageResponse::ListServicesResponse(services)) = answer.message_response else {
        panic!("services were asked for");
    };
    let names: Vec<_> = services
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    for name in [
        "pacioli.v1.LedgerService",
        "pacioli.v1.AdminService",
        "grpc.health.v1.Health",
    ] {
        assert!(
            names.iter().any(|known| known == name),
            "{name} is not in {names:?}"
        );
    }

    let mut client =
        v1alpha::server_reflection_client::ServerReflectionClient::new(running.channel().await);
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
                "pacioli.v1.CreateTransfersRequest".into(),
            ),
        ),
    };
    let mut answers = client
        .server_reflection_info(tokio_stream::once(request))
        .await
        .expect("answered")
        .into_inner();
    let answer = answers.message().await.expect("sound").expect("an answer");
    use v1alpha::server_reflection_response::MessageResponse as Alpha;
    assert!(
        matches!(
            answer.message_response,
            Some(Alpha::FileDescriptorResponse(_))
        ),
        "{answer:?}"
    );
    running.stop().await;
}
