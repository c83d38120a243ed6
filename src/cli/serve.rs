//! `dabiao serve`.

use super::{DONE, Place, output};
use crate::app::{App, Error};
use crate::load::Progress;
use crate::server::{self, schedule};
use chrono::Utc;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    bind: String,
}

/// Serves the project and loads its inbox every night.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    serve(&place.open()?, &args.bind)
}

/// Serves `app` until it is told to stop.
pub(super) fn serve(app: &App, bind: &str) -> anyhow::Result<u8> {
    log_to_stderr();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(bind).await?;
        let address = listener.local_addr()?;
        output::line(&format!("http://{address}/  (Ctrl-C 停止 stops)"))?;
        let config = &app.programme().config;
        let cron = config.schedule.nightly.parse()?;
        let zone = config.programme.time_zone.parse()?;
        warm_aside(app);
        let nightly = app.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "the schedule waits for real instants"
        )]
        let night = tokio::spawn(schedule::every(cron, zone, Utc::now, move || {
            if load(&nightly) {
                warm_aside(&nightly);
            }
        }));
        server::serve(app.clone(), listener, stopped()).await?;
        night.abort();
        Ok(DONE)
    })
}

/// The nightly load; what goes wrong is logged, and yesterday's figures stay. Gives back whether there is a new snapshot.
fn load(app: &App) -> bool {
    let mut progress = |progress: Progress<'_>| {
        if let Progress::File(at, of, file) = progress {
            tracing::debug!(at, of, file, "reading");
        }
    };
    match app.ingest(&[], false, &mut progress) {
        Ok(report) => {
            tracing::info!(
                load = report.load.as_deref().unwrap_or("-"),
                snapshot = report.snapshot.as_deref().unwrap_or("-"),
                files = report.files.len(),
                received = report.totals.received,
                rejected = report.totals.rejected,
                "nightly load"
            );
            report.snapshot.is_some()
        }
        Err(error) => {
            tracing::error!(%error, "the nightly load failed; the last snapshot stays");
            false
        }
    }
}

/// Makes what readers ask for first on a thread of its own, which neither readers nor the end of the process wait for.
fn warm_aside(app: &App) {
    let app = app.clone();
    let work = move || match app.headline_requests().and_then(|asked| app.warm(&asked)) {
        Ok(warmed) => {
            for (request, error) in &warmed.failed {
                tracing::warn!(indicator = request.indicator, by = ?request.by, %error, "not answered ahead");
            }
            tracing::info!(
                snapshot = warmed.snapshot,
                answers = warmed.answered,
                "answers made ahead"
            );
        }
        Err(Error::Empty) => {}
        Err(error) => tracing::warn!(%error, "no answers were made ahead"),
    };
    if let Err(error) = std::thread::Builder::new()
        .name("warm".to_owned())
        .spawn(work)
    {
        tracing::warn!(%error, "no answers were made ahead");
    }
}

fn log_to_stderr() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// Done when the process is asked to stop.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
