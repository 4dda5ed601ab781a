//! Whether the server says that it serves.

use std::{sync::Arc, time::Duration};

use ledger_engine::Health;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tonic_health::{ServingStatus, server::HealthReporter};
use tracing::{info, warn};

use crate::desk::Desk;

/// How often the engine is looked at.
const PERIOD: Duration = Duration::from_millis(100);
/// The whole server, as health checks name it.
const SERVER: &str = "";
const SERVICES: [&str; 3] = [
    SERVER,
    "pacioli.v1.LedgerService",
    "pacioli.v1.AdminService",
];

/// Lets the health of the server follow that of its engine, for ever.
pub(crate) async fn follow(desk: Arc<Desk>, reporter: HealthReporter) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    let mut progress = Progress::default();
    loop {
        ticks.tick().await;
        let serving = is_serving(&desk, &mut progress);
        if told == Some(serving) {
            continue;
        }
        let status = if serving {
            info!("serving");
            ServingStatus::Serving
        } else {
            if told.is_some() {
                warn!("not serving");
            }
            ServingStatus::NotServing
        };
        for service in SERVICES {
            reporter.set_service_status(service, status).await;
        }
        told = Some(serving);
    }
}

fn is_serving(desk: &Desk, progress: &mut Progress) -> bool {
    let Ok(engine) = desk.engine() else {
        return false;
    };
    if engine.health() != Health::Serving {
        return false;
    }
    let status = engine.status();
    !progress.is_stalled(
        Instant::now(),
        status.queued_requests > 0,
        status.frames,
        desk.limits.stall_max,
    )
}

/// When the engine last got on with its work.
#[derive(Default)]
struct Progress {
    last: Option<(u64, Instant)>,
}

impl Progress {
    /// Whether there has been work for too long without a frame becoming durable.
    fn is_stalled(
        &mut self,
        now: Instant,
        has_work: bool,
        frames: u64,
        stall_max: Duration,
    ) -> bool {
        match self.last {
            Some((at, since)) if has_work && at == frames => now - since > stall_max,
            _ => {
                self.last = Some((frames, now));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
