//! The way of a call to the service that answers it.

use std::{convert::Infallible, pin::Pin, sync::Arc};

use hyper::{Request, Response, body::Incoming, service::Service};
use ledger_proto::{
    Malformed, Refusal,
    v1::{
        FILE_DESCRIPTOR_SET,
        server::{
            admin_service_server::AdminServiceServer, ledger_service_server::LedgerServiceServer,
        },
    },
};
use tonic::{
    Code, Status,
    body::Body,
    codec::CompressionEncoding::{Gzip, Zstd},
    service::Routes,
};
use tonic_health::{
    pb::health_server::{Health, HealthServer},
    server::HealthReporter,
};
use tower::Service as _;

use crate::{
    Limits, admin_service::AdminCalls, desk::Desk, ledger_service::LedgerCalls,
    request_body::RequestBody,
};

/// Answers are cut before this; it keeps a mistake from becoming a message that no client takes.
const ANSWER_BYTES_NEVER: usize = 4 << 20;

/// The one call that takes as long as there is to read.
const CREATE_SNAPSHOT: &str = "/pacioli.v1.AdminService/CreateSnapshot";

/// Answers the calls of all connections.
#[derive(Clone)]
pub(crate) struct Dispatch(Arc<Services>);

struct Services {
    desk: Arc<Desk>,
    ledger: LedgerServiceServer<LedgerCalls>,
    admin: AdminServiceServer<AdminCalls>,
    /// Health and reflection, and the answer to a call of nothing that there is.
    others: Routes,
}

impl Dispatch {
    /// All services, and the reporter of their health.
    pub(crate) fn new(desk: Arc<Desk>) -> (Self, HealthReporter) {
        let request_bytes_max = desk.limits.request_bytes_max;
        let ledger = LedgerServiceServer::new(LedgerCalls::new(Arc::clone(&desk)))
            .accept_compressed(Gzip)
            .accept_compressed(Zstd)
            .max_decoding_message_size(request_bytes_max)
            .max_encoding_message_size(ANSWER_BYTES_NEVER);
        let admin = AdminServiceServer::new(AdminCalls::new(Arc::clone(&desk)))
            .accept_compressed(Gzip)
            .accept_compressed(Zstd)
            .max_decoding_message_size(request_bytes_max)
            .max_encoding_message_size(ANSWER_BYTES_NEVER);
        let (reporter, health) = tonic_health::server::health_reporter();
        let others = others(health);
        (
            Self(Arc::new(Services {
                desk,
                ledger,
                admin,
                others,
            })),
            reporter,
        )
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.desk.limits
    }
}

fn others(health: HealthServer<impl Health>) -> Routes {
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let sound = "the descriptors that were generated are sound";
    Routes::new(health)
        .add_service(reflection().build_v1().expect(sound))
        .add_service(reflection().build_v1alpha().expect(sound))
        .prepare()
}

type Answering<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl Service<Request<Incoming>> for Dispatch {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering<Infallible>;

    /// What is kept of each call besides its own future is kept small: this is done for all.
    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let services = Arc::clone(&self.0);
        let desk = &services.desk;
        let call = Desk::begin_call(desk);
        let path = request.uri().path();
        let of_ledger = path.starts_with("/pacioli.v1.LedgerService/");
        let of_admin = path.starts_with("/pacioli.v1.AdminService/");
        let limit = match path {
            CREATE_SNAPSHOT => desk.limits.snapshot_timeout,
            _ => desk.limits.request_timeout,
        };
        if of_ledger && let Err(refusal) = desk.engine() {
            // Before anything of the request is received.
            return Box::pin(async { Ok(Status::from(refusal).into_http()) });
        }
        let bounded = |body| Body::new(RequestBody::new(body, Arc::clone(desk)));
        let answering: Answering<Infallible> = if of_ledger {
            services.ledger.clone().call(request.map(bounded))
        } else if of_admin {
            services.admin.clone().call(request.map(bounded))
        } else {
            Box::pin(services.others.clone().call(request.map(Body::new)))
        };
        Box::pin(async move {
            let _call = call;
            let answer = match tokio::time::timeout(limit, answering).await {
                Ok(Ok(answer)) if of_ledger || of_admin => services.explained(answer),
                Ok(Ok(answer)) => answer,
                Err(_) => Status::from(Refusal::Unanswered {
                    waited_s: limit.as_secs(),
                })
                .into_http(),
            };
            Ok(answer)
        })
    }
}

impl Services {
    /// What the transport refuses, it refuses before the call was looked at; the client is told so
    /// in the way of every other refusal. Errors of ours have details already.
    fn explained(&self, answer: Response<Body>) -> Response<Body> {
        if !answer.headers().contains_key(Status::GRPC_STATUS) {
            return answer;
        }
        let Some(status) = Status::from_header_map(answer.headers()) else {
            return answer;
        };
        let refusal = match status.code() {
            _ if !status.details().is_empty() => return answer,
            Code::Internal => Malformed::Framing.into(),
            Code::ResourceExhausted | Code::OutOfRange => Refusal::MessageTooLarge {
                bytes_max: self.desk.limits.request_bytes_max,
            },
            _ => return answer,
        };
        Status::from(refusal).into_http()
    }
}
