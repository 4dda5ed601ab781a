//! Opening a database: recovery gives the events, the core posts them, the directory is opened
//! or rebuilt, and the threads start.

use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::{Event, Sequence, State, Timestamp};

use crate::clock::{Clock, check_start};
use crate::commit::{Committer, Rolling};
use crate::directory::{Directory, Identity, Opening};
use crate::exchange::Exchange;
use crate::indexing::{Indexer, LiveRuns};
use crate::journal::{
    self, Beginning, Ending, FinishedSegments, JournalOptions, JournalReader, Origin, Progress,
    Recovered, RecoveryError, Replay, RequestContext, SegmentLog, Unfit,
};
use crate::mending::Mending;
use crate::merging::Merging;
use crate::published::{Newest, Published};
use crate::query::TailIndex;
use crate::reading::JournalEvents;
use crate::resolver::{self, RESOLVERS, Resolver};
use crate::sealing::{Sealer, Sealing};
use crate::snapshot::{self, Keeping, Snapshots};
use crate::trial_balance::KnownSums;
use crate::vfs::Vfs;
use crate::writer::{Parts, Writer};
use crate::{Config, Engine, Halt, OpenError, syncer, threads};

/// How often recovery tells how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Opens the database, or makes one.
pub(crate) fn open(
    config: Config,
    vfs: Arc<dyn Vfs>,
    clock: Arc<dyn Clock>,
) -> Result<Engine, OpenError> {
    open_behind(config, vfs, clock, |log| Box::new(log))
}

/// Like [`open`], with something of the caller's own between the engine and its log.
pub(crate) fn open_behind(
    config: Config,
    vfs: Arc<dyn Vfs>,
    clock: Arc<dyn Clock>,
    seam: impl FnOnce(SegmentLog) -> Box<dyn Rolling>,
) -> Result<Engine, OpenError> {
    config.check()?;
    let live = LiveRuns::new(Arc::clone(&vfs), config.data_dir.clone());
    let live = Arc::new(live);
    let mut replaying = Replaying::new(hash_seed()?, Arc::clone(&live));
    let options = JournalOptions {
        segment_bytes: config.segment_bytes,
        preparation: config.preparation,
    };
    let opened = journal::open(Arc::clone(&vfs), &config.data_dir, options, &mut replaying)?;
    let (recovered, took) = (opened.recovered, replaying.begun.elapsed());
    let state = replaying.finish(&opened.reader);
    report(&recovered, took);
    live.settle(recovered.database, recovered.sequence)?;
    if !config.accept_clock {
        check_start(&*clock, recovered.time).map_err(|step| OpenError::Clock {
            step,
            journal: recovered.time,
        })?;
    }
    let (reader, space) = (opened.reader, opened.log.space());
    let published = Arc::new(Published::new(
        recovered.database,
        recovered.lineage.clone(),
        Newest {
            sequence: recovered.sequence,
            time: recovered.time,
            hash: recovered.hash,
        },
    ));
    let directory = open_directory(&config, &recovered, JournalEvents::new(reader.clone()))?;
    let exchange = Arc::new(Exchange::new(config.queue_bytes_max));
    let upkeep = Upkeep::new(&vfs, &config, &live, &reader, opened.finished);
    let Upkeep {
        sealing,
        sealer,
        merging,
    } = upkeep;
    let mending = Arc::new(Mending::new(&live, &sealing, &exchange));
    merging.work_beside(&sealing, &mending);
    let resolver = Arc::new(Resolver::new(resolver::Parts {
        live: Arc::clone(&live),
        reader: reader.clone(),
        exchange: Arc::clone(&exchange),
        published: Arc::clone(&published),
        mending: Arc::clone(&mending),
        preparation: config.preparation,
    }));
    let committer = Arc::new(Committer::new(
        seam(opened.log),
        Arc::clone(&published),
        Arc::clone(&exchange),
        directory.clone(),
        Arc::clone(&sealing),
    ));
    wake_on_move(&*clock, &exchange);

    let on_panic = config.on_panic;
    let writer = Writer::new(Parts {
        config: config.clone(),
        state,
        clock: Arc::clone(&clock),
        exchange: Arc::clone(&exchange),
        committer: Arc::clone(&committer),
        published: Arc::clone(&published),
        reader: reader.clone(),
        space: Arc::clone(&space),
        sealing: Arc::clone(&sealing),
        live: Arc::clone(&live),
        resolver: Arc::clone(&resolver),
    });
    let snapshots = Arc::new(Snapshots::new(Keeping {
        vfs: Arc::clone(&vfs),
        dir: config.data_dir.clone(),
        database: recovered.database,
        reader: reader.clone(),
        appended: {
            let sealing = Arc::clone(&sealing);
            Box::new(move || sealing.appended())
        },
        growth_bytes_min: config.snapshot_growth_bytes_min,
    }));
    // From here on the engine's end stops what was started, should the second thread not start.
    let engine = Engine::new(crate::engine::Parts {
        config,
        exchange: Arc::clone(&exchange),
        committer: Arc::clone(&committer),
        published,
        directory,
        reader,
        space,
        sealing: Arc::clone(&sealing),
        snapshots: Arc::clone(&snapshots),
        live,
        mending,
        merging: Arc::clone(&merging),
        resolver: Arc::clone(&resolver),
        read_back: recovered.read_back,
        vfs,
        clock,
        tail: TailIndex::default(),
        known_sums: KnownSums::default(),
    });
    match sealer {
        Some(sealer) => {
            let spawn = |name, run: Box<dyn FnOnce() -> Result<(), Halt> + Send>| {
                let thread = threads::spawn(name, on_panic, Arc::clone(&exchange), run);
                thread
                    .map(|thread| engine.adopt(thread))
                    .map_err(OpenError::Thread)
            };
            spawn("sealer", Box::new(move || sealing.run(sealer)))?;
            spawn("merger", Box::new(move || merging.run()))?;
            for _ in 0..RESOLVERS {
                let resolver = Arc::clone(&resolver);
                spawn("resolver", Box::new(move || resolver.run()))?;
            }
        }
        // Without threads, what recovery sealed is indexed here.
        None => {
            if let Err(halt) = sealing.work_inline() {
                exchange.end(halt);
            }
        }
    }
    engine.adopt(
        threads::spawn("snapshots", on_panic, Arc::clone(&exchange), move || {
            snapshots.run()
        })
        .map_err(OpenError::Thread)?,
    );
    engine.adopt({
        let exchange = Arc::clone(&exchange);
        threads::spawn("syncer", on_panic, Arc::clone(&exchange), move || {
            syncer::run(&exchange, &committer)
        })
        .map_err(OpenError::Thread)?
    });
    engine.adopt(
        threads::spawn("writer", on_panic, exchange, move || writer.run())
            .map_err(OpenError::Thread)?,
    );
    Ok(engine)
}

/// What keeps the journal sealed and the index whole.
struct Upkeep {
    sealing: Arc<Sealing>,
    /// Where a thread is to run it.
    sealer: Option<Sealer>,
    merging: Arc<Merging>,
}

impl Upkeep {
    fn new(
        vfs: &Arc<dyn Vfs>,
        config: &Config,
        live: &Arc<LiveRuns>,
        reader: &JournalReader,
        finished: FinishedSegments,
    ) -> Self {
        let dir = &config.data_dir;
        let (vfs, live) = (|| Arc::clone(vfs), || Arc::clone(live));
        let merging = Merging::new(vfs(), dir.clone(), live(), config.preparation);
        let merging = Arc::new(merging);
        let indexer = Indexer::new(vfs(), dir.clone(), reader.clone(), live());
        let sealer = Sealer::new(finished, indexer, Arc::clone(&merging));
        let (sealing, sealer) = Sealing::new(config.preparation, sealer);
        Self {
            sealing,
            sealer,
            merging,
        }
    }
}

/// A seed that nobody outside can know: ids come from clients.
pub(crate) fn hash_seed() -> Result<u64, OpenError> {
    getrandom::u64().map_err(|_| OpenError::Randomness)
}

fn open_directory(
    config: &Config,
    recovered: &Recovered,
    source: JournalEvents,
) -> Result<Option<Arc<Directory>>, OpenError> {
    if config.directory_names_max == 0 {
        return Ok(None);
    }
    let opening = Opening {
        path: config.directory_path(),
        cache_bytes: config.directory_cache_bytes,
        names_max: config.directory_names_max,
        call_max: config.directory_call_max,
        identity: Identity {
            database: recovered.database,
            epoch: recovered.epoch,
        },
        journal_end: recovered.sequence,
        clean: recovered.clean_end,
    };
    let directory = Directory::start(opening, Arc::new(source)).map_err(OpenError::Thread)?;
    Ok(Some(Arc::new(directory)))
}

/// A simulated clock that is moved wakes the writer. It must not keep the engine alive.
fn wake_on_move(clock: &dyn Clock, exchange: &Arc<Exchange>) {
    let exchange = Arc::downgrade(exchange);
    clock.when_moved(Arc::new(move || {
        if let Some(exchange) = exchange.upgrade() {
            exchange.nudge();
        }
    }));
}

fn report(recovered: &Recovered, took: Duration) {
    if recovered.created {
        tracing::info!(database = %format_args!("{:032x}", recovered.database), "made a new database");
    } else {
        tracing::info!(
            database = %format_args!("{:032x}", recovered.database),
            sequence = recovered.sequence.get(),
            clean_end = recovered.clean_end,
            ?took,
            "recovered"
        );
    }
}

/// Posts what recovery reads.
struct Replaying {
    hash_seed: u64,
    live: Arc<LiveRuns>,
    state: State,
    /// The first event whose ids are kept in memory; nothing if all wait for their runs.
    ids_from: Option<Sequence>,
    begun: Instant,
    told: Instant,
}

/// Later than any event.
const NEVER: Sequence = Sequence::new(1 << 62);

impl Replaying {
    fn new(hash_seed: u64, live: Arc<LiveRuns>) -> Self {
        let now = Instant::now();
        Self {
            hash_seed,
            live,
            state: State::new(hash_seed),
            ids_from: None,
            begun: now,
            told: now,
        }
    }

    fn finish(mut self, reader: &JournalReader) -> State {
        let next = self.state.sequence().next();
        match self.ids_from {
            // A snapshot spared the replay of events that no run has.
            Some(from) if from < self.state.recent_from() => self.note_again(from, reader),
            Some(_) => {}
            None => self.state.note_ids_from(next),
        }
        self.state
    }

    /// Notes the ids of all events from `from` on, without posting them again.
    fn note_again(&mut self, from: Sequence, reader: &JournalReader) {
        let last = self.state.sequence();
        self.state.note_ids_from(from);
        let noted = reader.visit(from, last, |recorded| {
            self.state.note_ids_of(&recorded.event);
            ControlFlow::Continue(())
        });
        if let Err(error) = noted {
            // Then they wait for their runs, which cannot be made without these events either.
            tracing::warn!(error = &error as &dyn Error, "recent ids cannot be read");
            self.state.note_ids_from(last.next());
        }
    }
}

impl Replay for Replaying {
    fn begin(&mut self, beginning: &Beginning<'_>) -> Result<Option<Origin>, RecoveryError> {
        self.ids_from = self.live.open()?;
        self.state.note_ids_from(self.ids_from.unwrap_or(NEVER));
        let loaded = snapshot::load_newest(beginning, self.hash_seed)?;
        Ok(loaded.map(|(state, origin)| {
            tracing::info!(
                sequence = origin.sequence.get(),
                accounts = state.account_count(),
                took = ?self.begun.elapsed(),
                "read a snapshot"
            );
            self.state = state;
            let ids_from = self.ids_from.unwrap_or(NEVER);
            if self.state.recent_from() < ids_from {
                self.state.note_ids_from(ids_from);
            }
            origin
        }))
    }

    fn wants_requests(&self) -> bool {
        false
    }

    fn event(
        &mut self,
        event: &Event,
        _: &RequestContext<'_>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.state.replay(event).map_err(Into::into)
    }

    fn events(&mut self, events: &[Event]) -> Result<(), Unfit> {
        let replayed = self.state.replay_all(events);
        replayed.map_err(|(sequence, contradiction)| Unfit {
            sequence,
            source: contradiction.into(),
        })
    }

    fn time(&mut self, close_time: Timestamp) {
        self.state.observe_time(close_time);
    }

    fn end(&mut self, ending: &Ending) -> Result<(), RecoveryError> {
        self.live.check_end(ending)
    }

    fn progress(&mut self, progress: Progress) {
        if self.told.elapsed() >= PROGRESS_EVERY {
            self.told = Instant::now();
            tracing::info!(
                sequence = progress.sequence.get(),
                bytes = progress.bytes,
                bytes_total = progress.bytes_total,
                "recovering"
            );
        }
    }
}
